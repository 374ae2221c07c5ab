//! A file over time: in a loop, for viewers who come late, as fast as they read, at a factor.

use std::path::Path;

use crate::support::account::Account;
use crate::support::client::Client;
use crate::support::server::Lab;
use crate::support::slow_viewer::SlowViewer;
use crate::support::wav::{Noise, WavFile};

const STEREO_16_BIT: [&str; 4] = ["-b", "16", "-e", "signed-integer"];

fn noise(dir: &Path, rate_hz: u32, samples: u64) -> WavFile {
    let noise = Noise { format: STEREO_16_BIT, rate_hz, channels: 2, samples };
    WavFile::of_noise(&noise, &dir.join("noise.wav"))
}

#[tokio::test]
async fn a_loop_runs_on_across_its_seams_and_late_viewers_join_by_index() {
    let dir = tempfile::tempdir().unwrap();
    let file = noise(dir.path(), 44_100, 10_007);
    let server = Lab::wav(&file.path).config("source: {loop: true}\nstream: {target_fps: 32}").start();
    let client = Client::reader(&server);
    let mut early = client.frames().await;
    let mut first = early.account(|account| account.frames.len() == 20).await;
    let mut late = client.frames().await;
    let second = late.account(|account| account.frames.len() == 20).await;
    early.enter_into(&mut first, |account| account.extent().end >= second.extent().end).await;

    assert!(first.extent().end - first.extent().start > 3 * file.samples(), "several seams");
    assert!(second.extent().start > first.extent().start);
    assert_eq!(first.epoch(), second.epoch());
    for account in [&first, &second] {
        assert!(account.gaps.is_empty());
        account.hold_against(|indices| file.play(indices, 1, 2));
        assert!(account.frames.iter().all(|frame| [1378, 1379].contains(&frame.channel_a.len())));
    }
    for frame in &second.frames {
        assert!(first.frames.contains(frame), "all viewers get the same frames");
    }
}

#[tokio::test]
async fn a_pace_of_four_plays_four_seconds_per_second() {
    let dir = tempfile::tempdir().unwrap();
    let file = noise(dir.path(), 8000, 4001);
    let server = Lab::wav(&file.path).config("source: {loop: true, pace: 4}").start();
    let client = Client::reader(&server);
    let account = client.frames().await.account(|account| account.frames.len() == 60).await;
    account.hold_against(|indices| file.play(indices, 1, 2));
    let (first, last) = (&account.frames[0], &account.frames[59]);
    let expected_us = (last.first_sample - first.first_sample) * 1_000_000 / 8000 / 4;
    // UTC may be slewed meanwhile, by at most 500 ppm.
    assert!((last.captured_us - first.captured_us).abs_diff(expected_us) < expected_us / 1000 + 2, "{expected_us}");
    let pace = client.json("/api/source").await.1["source"]["pace"].clone();
    assert_eq!(pace, serde_json::json!({"mode": "clock", "factor": 4.0}));
}

/// Two minutes, which real time would take too long for: the source waits for the first viewer, and while that one
/// does not read, for it; so the second one comes in time.
#[tokio::test]
async fn at_pace_fast_nobody_loses_anything() {
    let dir = tempfile::tempdir().unwrap();
    let file = noise(dir.path(), 8000, 120 * 8000);
    let server = Lab::wav(&file.path).config("source: {pace: fast}").start();
    let client = Client::reader(&server);
    assert_eq!(client.stats().await["total_frames"], 0, "held until somebody watches");

    let reserved = SlowViewer::connect(&server, &server.token("stream:read"), "/api/audio/stream/audio").await;
    let mut second = client.frames().await;
    let finished = |account: &Account| account.states.iter().any(|state| state["state"] == "finished");
    let mut first = reserved.events();
    let (first, second) = tokio::join!(first.account(finished), second.account(finished));
    assert_eq!(first.extent(), 0..file.samples());
    assert_eq!(second.extent().end, file.samples());
    assert!(second.samples() > file.samples() / 2, "the second viewer came in time: {} samples", second.samples());
    for account in [&first, &second] {
        assert!(account.gaps.is_empty());
        account.hold_against(|indices| file.play(indices, 1, 2));
    }
    let stats = client.stats().await;
    assert_eq!((&stats["total_frames"], &stats["samples_total"]), (&first.frames.len().into(), &file.samples().into()));
    assert_eq!(stats["dropped_frames"], 0);
    let log = server.log();
    assert!(!log.contains("ERROR"), "{log}");
}
