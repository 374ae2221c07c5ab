//! `/api/audio/stream`: headers, bounds on open streams, protocols. What the events say is the business of `stream`.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::refused;
use crate::support::client::{Client, Events, Told};
use crate::support::server::Lab;

const AUDIO: &str = "/api/audio/stream/audio";

#[tokio::test]
async fn streams_survive_proxies() {
    let server = Lab::simulated("tone").start();
    let reader = Client::reader(&server);
    let [spectral, envelope, levels] =
        ["spectral", "envelope", "levels"].map(|name| format!("/api/audio/stream/{name}"));
    for path in [AUDIO, &spectral, &envelope, &levels] {
        let response = reader.get(path).await;
        let headers = response.headers();
        assert_eq!(headers["content-type"], "text/event-stream", "{path}");
        assert_eq!(headers["cache-control"], "no-cache, no-transform", "{path}");
        assert_eq!(headers["x-accel-buffering"], "no", "{path}");
        assert!(!headers.contains_key("content-length") && !headers.contains_key("content-encoding"), "{path}");
    }
}

#[tokio::test]
async fn open_streams_are_bounded_and_head_opens_none() {
    let server = Lab::simulated("tone").config("server: {limits: {streams: 1}}").start();
    let reader = Client::reader(&server);
    for _ in 0..3 {
        let head = reader.request(Method::HEAD, AUDIO).send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);
    }
    let mut only = reader.frames().await;
    only.frame().await;
    for path in [AUDIO, "/api/audio/stream/spectral"] {
        let (code, headers) = refused(reader.request(Method::GET, path), 503).await;
        assert_eq!(code, "streams_full");
        assert!(headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    }
    assert_eq!(reader.stats().await["active_subscribers"], 1);
    drop(only);
    reader.wait_for_stats("the viewer to be gone", |stats| stats["active_subscribers"] == 0).await;
    assert_eq!(reader.get(AUDIO).await.status(), StatusCode::OK, "its place is free again");
}

#[tokio::test]
async fn before_the_first_frame_latest_says_so_and_a_stream_tells_the_state() {
    let server = Lab::with_source("wav:missing.wav").start();
    let reader = Client::reader(&server);
    reader.wait_for_stats("failure", |stats| stats["state"] == "failed").await;
    let (code, headers) = refused(reader.request(Method::GET, "/api/audio/stream/latest"), 503).await;
    assert_eq!((code.as_str(), &headers["retry-after"]), ("no_frame_yet", &"1".parse().unwrap()));
    let mut events = reader.frames().await;
    let Some(Told::State(state)) = events.next().await else { panic!("the state comes first") };
    assert_eq!((&state["state"], &state["reason"]["code"]), (&json!("failed"), &json!("file_unreadable")));
}

#[tokio::test]
async fn a_page_reads_a_stream_with_its_cookie_alone() {
    let server = Lab::simulated("tone").start();
    let cookie = format!("photophone_{}={}", server.port(), server.token("stream:read"));
    let request = Client::anonymous(&server).request(Method::GET, AUDIO).header("Cookie", &cookie);
    let response = request.header("Accept", "text/event-stream").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    Events::of(response).frame().await;
}

#[tokio::test]
async fn streams_share_one_http2_connection() {
    let server = Lab::simulated("tone").start();
    let reader = Client::reader_over_http2(&server);
    assert_eq!(reader.get("/api/health").await.version(), reqwest::Version::HTTP_2);
    // More than the six connections that a browser opens to a host over HTTP/1.1. Each is read all the time: an unread
    // one would use up what the connection may carry.
    let (arrived, mut arrivals) = tokio::sync::mpsc::channel(16);
    let mut reading = tokio::task::JoinSet::new();
    for _ in 0..8 {
        for mut events in [reader.frames().await, reader.spectra().await] {
            let mut arrived = Some(arrived.clone());
            reading.spawn(async move {
                while let Some(event) = events.next().await {
                    if matches!(event, Told::Frame(_) | Told::Spectrum(_))
                        && let Some(arrived) = arrived.take()
                    {
                        arrived.send(()).await.unwrap();
                    }
                }
            });
        }
    }
    for _ in 0..16 {
        arrivals.recv().await.unwrap();
    }
    let watcher = Client::reader(&server);
    watcher.wait_for_stats("all streams to be open", |stats| stats["active_subscribers"] == 16).await;
    reading.shutdown().await;
    watcher.wait_for_stats("the viewers to be gone", |stats| stats["active_subscribers"] == 0).await;
}
