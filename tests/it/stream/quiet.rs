//! A stream on which nothing happens stays open.

use reqwest::StatusCode;

use crate::support::client::{Client, text_until};
use crate::support::server::Lab;
use crate::support::wav::Noise;

/// A server whose file ends after a tenth of a second.
fn finished(stream: &str) -> (tempfile::TempDir, crate::support::server::Server) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("short.wav");
    let format = ["-b", "16", "-e", "signed-integer"];
    Noise { format, rate_hz: 8000, channels: 1, samples: 800 }.write_to(&path);
    let server = Lab::wav(&path).config(stream).start();
    (dir, server)
}

#[tokio::test]
async fn a_finished_file_keeps_its_viewers_with_heartbeats() {
    let (_file, server) = finished("stream: {sse_timeout_secs: 0.1}");
    let client = Client::reader(&server);
    let (mut frames, mut spectra) = (client.frames().await, client.spectra().await);
    for events in [&mut frames, &mut spectra] {
        let state = events.state("finished").await;
        assert_eq!(state["reason"]["code"], "end_of_file");
        let account = events.account(|account| account.heartbeats == 3).await;
        assert!(account.states.is_empty() && account.frames.is_empty());
    }
    let (status, health) = client.json("/api/health").await;
    assert_eq!((status, &health["status"], &health["state"]), (StatusCode::OK, &"ok".into(), &"finished".into()));
    assert_eq!(client.stats().await["samples_total"], 800);
}

#[tokio::test]
async fn without_heartbeats_a_comment_keeps_the_connection() {
    let (_file, server) = finished("stream: {sse_timeout_secs: 0.1, enable_heartbeats: false}");
    let client = Client::reader(&server);
    client.frames().await.state("finished").await;
    let mut response = client.get("/api/audio/stream/audio").await;
    let text = text_until(&mut response, |text| text.matches(":\n\n").count() == 3).await;
    assert!(!text.contains("heartbeat"), "{text}");
}

#[tokio::test]
async fn a_stream_that_flows_has_no_heartbeats() {
    // Frames come every tenth of a second, heartbeats would after a second.
    let server = Lab::simulated("tone").config("stream: {target_fps: 10, sse_timeout_secs: 1}").start();
    let account = Client::reader(&server).frames().await.account(|account| account.frames.len() == 15).await;
    assert_eq!(account.heartbeats, 0);
}
