//! A stream lives no longer than the token that opened it.

use crate::support::client::{Client, Events, Told};
use crate::support::forge::{Pen, claims_with, now_secs, token};
use crate::support::server::Lab;

use reqwest::StatusCode;
use serde_json::json;

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

/// Reads to the end, whose last event asks for a new token.
async fn until_reauth(events: &mut Events) {
    let mut last = None;
    while let Some(told) = events.next().await {
        last = Some(told);
    }
    assert!(matches!(last, Some(Told::Reauth)), "{last:?}");
}
