//! The counters: every one there, sane, and in agreement with what viewers received.

use serde_json::Value;

use crate::support::account::is_flagged;
use crate::support::client::Client;
use crate::support::server::Lab;
use crate::support::simulation::Simulation;

/// Every counter, as the program's documentation promises them.
const COUNTERS: [&str; 19] = [
    "total_frames",
    "dropped_frames",
    "active_subscribers",
    "fps",
    "last_update",
    "sample_rate",
    "channels",
    "samples_total",
    "samples_lost",
    "clipped_samples",
    "nonfinite_samples",
    "peak_dbfs",
    "rms_dbfs",
    "state",
    "state_reason",
    "epoch",
    "uptime_secs",
    "measured_rate_hz",
    "rate_deviation_ppm",
];

#[tokio::test]
async fn counters_agree_with_what_viewers_received() {
    let server = Lab::simulated("tone").start();
    let client = Client::reader(&server);
    let (mut one, _two) = (client.frames().await, client.spectra().await);
    let account = one.account(|account| account.frames.len() == 40).await;
    let stats = client.stats().await;
    for counter in COUNTERS {
        assert!(stats.get(counter).is_some(), "no {counter} in {stats}");
    }
    let newest = account.frames.last().unwrap();
    let total_frames = stats["total_frames"].as_u64().unwrap();
    assert!(total_frames > newest.frame_number, "{stats}");
    assert_eq!(stats["samples_total"], total_frames * 1600);
    assert_eq!(stats["epoch"], newest.epoch.to_string());
    assert_eq!((&stats["state"], &stats["state_reason"]), (&"running".into(), &Value::Null));
    assert_eq!((&stats["sample_rate"], &stats["channels"]), (&48_000.into(), &2.into()));
    assert_eq!((&stats["active_subscribers"], &stats["dropped_frames"]), (&2.into(), &0.into()));
    assert_eq!(stats["samples_lost"], serde_json::json!({"device": 0, "ring": 0, "reopen": 0}));
    assert_eq!((&stats["clipped_samples"]["a"], &stats["nonfinite_samples"]), (&0.into(), &0.into()));
    assert!(stats["last_update"].as_u64().unwrap() >= newest.timestamp);
    assert!(stats["uptime_secs"].as_f64().unwrap() > 1.0);
    let fps = stats["fps"].as_f64().unwrap();
    assert!((10.0..=40.0).contains(&fps), "{fps} fps");
    assert_eq!((&stats["measured_rate_hz"], &stats["rate_deviation_ppm"]), (&Value::Null, &Value::Null));
    for channel in ["a", "b"] {
        // A sine of −6 dBFS: by AES17 its RMS level is that of its peak.
        assert!((stats["peak_dbfs"][channel].as_f64().unwrap() + 6.0).abs() < 0.01, "{stats}");
        assert!((stats["rms_dbfs"][channel].as_f64().unwrap() + 6.0).abs() < 0.1, "{stats}");
    }
}

#[tokio::test]
async fn clipped_samples_are_counted_and_flagged() {
    let server = Lab::simulated("clipping").start();
    let client = Client::reader(&server);
    let account = client.frames().await.account(|account| account.frames.len() == 5).await;
    let simulation = Simulation::of("clipping", "");
    account.hold_against(|indices| simulation.samples(indices));
    assert!(account.frames.iter().all(|frame| is_flagged(frame, "clipped")));
    let stats = client.stats().await;
    let (a, b) = simulation.samples(0..stats["samples_total"].as_u64().unwrap());
    let clipped = |samples: Vec<f32>| samples.iter().filter(|sample| sample.abs() >= 1.0).count();
    assert_eq!(stats["clipped_samples"], serde_json::json!({"a": clipped(a), "b": clipped(b)}));
    assert_eq!(stats["peak_dbfs"], serde_json::json!({"a": 0.0, "b": 0.0}));
}

#[tokio::test]
async fn silence_is_a_state_without_levels() {
    let server = Lab::simulated("silence").config("source: {silent_secs: 0.1}").start();
    let client = Client::reader(&server);
    let mut events = client.frames().await;
    let state = events.state("silent").await;
    assert_eq!(state["reason"]["code"], "below_silence_level");
    let frame = events.frame().await;
    assert!(frame.channel_a.iter().chain(&*frame.channel_b).all(|sample| *sample == 0.0));
    let stats = client.stats().await;
    let none = serde_json::json!({"a": null, "b": null});
    assert_eq!((&stats["state"], &stats["peak_dbfs"], &stats["rms_dbfs"]), (&"silent".into(), &none, &none));
    assert_eq!(client.json("/api/health").await.0, reqwest::StatusCode::OK);
}

#[tokio::test]
async fn a_viewer_that_leaves_is_not_counted_any_more() {
    let server = Lab::simulated("tone").config("stream: {sse_timeout_secs: 0.2}").start();
    let client = Client::reader(&server);
    let (mut frames, mut spectra) = (client.frames().await, client.spectra().await);
    frames.frame().await;
    spectra.spectrum().await;
    client.wait_for_stats("two viewers", |stats| stats["active_subscribers"] == 2).await;
    drop(frames);
    client.wait_for_stats("one viewer", |stats| stats["active_subscribers"] == 1).await;
    drop(spectra);
    let stats = client.wait_for_stats("no viewer", |stats| stats["active_subscribers"] == 0).await;
    assert_eq!(stats["dropped_frames"], 0, "who leaves in time has lost nothing");
}
