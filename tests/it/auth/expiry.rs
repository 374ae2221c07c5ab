//! A stream lives no longer than the token that opened it.

use crate::support::client::{Client, Events, Told};
use crate::support::forge::{Pen, claims_with, now_secs, token};
use crate::support::server::{Lab, PATIENCE};
use crate::support::slow_viewer::SlowViewer;

use reqwest::StatusCode;
use serde_json::json;
use tokio::time::timeout;

#[tokio::test]
async fn a_stream_ends_with_reauth_when_its_token_expires() {
    let server = Lab::simulated("tone").start();
    let short = server.command(&["token", "create", "--subject", "ada", "--ttl", "2s"]);
    let (brief, lasting) = (Client::bearing(&server, short), Client::reader(&server));
    let (mut frames, mut spectra, mut others) = (brief.frames().await, brief.spectra().await, lasting.frames().await);
    frames.frame().await;
    for events in [&mut frames, &mut spectra] {
        until_reauth(events).await;
    }
    others.frame().await;
    lasting.wait_for_stats("the places to be free", |stats| stats["active_subscribers"] == 1).await;
}

#[tokio::test]
async fn within_the_leeway_a_stream_opens_and_asks_for_a_new_token_at_once() {
    let server = Lab::simulated("tone").start();
    let late = token(&json!({"alg": "HS256"}), &claims_with("exp", json!(now_secs() - 1)), &Pen::of(&server));
    let client = Client::bearing(&server, late);
    let mut events = client.frames().await;
    assert!(matches!(events.next().await, Some(Told::State(_))));
    until_reauth(&mut events).await;
    assert_eq!(client.get("/api/auth/session").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn who_takes_the_stream_byte_by_byte_does_not_outlive_the_token() {
    let server = Lab::simulated("tone").config("server: {stall_secs: 1}").start();
    let token = server.command(&["token", "create", "--subject", "ada", "--ttl", "2s"]);
    let word = r#"{"type":"subscribe","id":"all","kind":"spectral"}"#;
    let viewers = [
        SlowViewer::connect(&server, &token, "/api/audio/stream/spectral").await,
        SlowViewer::over_websocket(&server, &token, word).await,
    ];
    let [first, second] = viewers.map(|viewer| timeout(PATIENCE, viewer.trickle()));
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_ok() && second.is_ok(), "it is let go on: {first:?} {second:?}");
    Client::reader(&server).wait_for_stats("the places to be free", |stats| stats["active_subscribers"] == 0).await;
}

/// Reads to the end, whose last event asks for a new token.
async fn until_reauth(events: &mut Events) {
    let mut last = None;
    while let Some(told) = events.next().await {
        last = Some(told);
    }
    assert!(matches!(last, Some(Told::Reauth)), "{last:?}");
}
