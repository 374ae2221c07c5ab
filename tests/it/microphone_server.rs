//! The server on a microphone: what its viewers get is what was in the air, and they stay when the device goes.

use photophone_signal::GapCause;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::air::Air;
use crate::support::client::{Client, Told};
use crate::support::lab_microphone::{LAB_ID, LabMicrophone, LabSettings};
use crate::support::server::{Lab, Server};

/// Buffers of 85 ms, as this machine may be busy with other tests; a stall is noticed soon, and a lost device is looked
/// for often.
const CALM: &str = "source: {buffer_frames: 4096, stall_ms: 600, retry_max_ms: 400}";

/// Samples that an estimate from clocks may be off: two buffers.
const SLACK: u64 = 2 * 4096;

fn listen() -> (Air, LabMicrophone, Server) {
    let air = Air::of_noise(9);
    let microphone = air.microphone();
    let server = microphone.lab().config(CALM).start();
    (air, microphone, server)
}

#[tokio::test]
async fn viewers_get_what_was_in_the_air() {
    let (air, _microphone, server) = listen();
    let client = Client::reader(&server);
    let account = client.frames().await.account(|account| account.frames.len() == 30).await;
    air.follow(&account, SLACK);
    let source = client.json("/api/source").await.1["source"].clone();
    assert_eq!((&source["kind"], &source["id"], &source["format"]), (&"mic".into(), &LAB_ID.into(), &"i16".into()));
    assert_eq!(source["pace"], json!({"mode": "device"}));
    let (status, devices) = client.json("/api/devices").await;
    assert_eq!((status, &devices[0]["id"]), (StatusCode::OK, &LAB_ID.into()));
}

#[tokio::test]
async fn an_overrun_is_a_gap_of_about_its_size() {
    let (air, microphone, server) = listen();
    let client = Client::reader(&server);
    let mut events = client.frames().await;
    let mut account = events.account(|account| account.frames.len() == 10).await;
    microphone.lose(20_000);
    let is_it = |gap: &photophone_signal::Gap| gap.samples().is_some_and(|samples| samples.abs_diff(20_000) <= SLACK);
    events.enter_into(&mut account, |account| account.gaps.iter().any(is_it)).await;
    events.enter_more(&mut account, 10).await;
    let gaps = air.follow(&account, SLACK);
    let gap = gaps.iter().find(|gap| gap.samples == 20_000).unwrap();
    assert_eq!((gap.told.cause, gap.told.exact), (GapCause::Device, false));
    let lost: u64 = account.gaps.iter().map(|gap| gap.samples().unwrap()).sum();
    assert!(client.stats().await["samples_lost"]["device"].as_u64().unwrap() >= lost);
}

#[tokio::test]
async fn viewers_stay_while_the_device_is_away() {
    let (air, microphone, server) = listen();
    let client = Client::reader(&server);
    let mut events = client.frames().await;
    let mut account = events.account(|account| account.frames.len() == 10).await;
    microphone.unplug();
    events.enter_into(&mut account, |account| account.state_words().ends_with(&["reopening"])).await;
    assert_eq!(client.json("/api/health").await.0, StatusCode::OK);
    let unplugged_us = account.states.last().unwrap()["at_us"].as_u64().unwrap();
    microphone.replug();
    events.enter_into(&mut account, |account| account.state_words().ends_with(&["running"])).await;
    events.enter_more(&mut account, 10).await;

    let running_us = account.states.last().unwrap()["at_us"].as_u64().unwrap();
    assert!(running_us - unplugged_us < 3_000_000, "{} us", running_us - unplugged_us);
    let epoch = account.epoch();
    let gaps = air.follow(&account, SLACK);
    let gap = gaps.iter().find(|gap| gap.told.cause == GapCause::Reopen).unwrap();
    assert!(!gap.told.exact && gap.told.epoch == epoch, "{:?}", gap.told);
    assert_eq!(client.stats().await["samples_lost"]["reopen"], json!(gap.told.samples()));
    assert_eq!(client.stats().await["active_subscribers"], 1);
}

#[tokio::test]
async fn a_stall_fails_the_health_until_samples_flow_again() {
    let (air, microphone, server) = listen();
    let client = Client::reader(&server);
    let mut events = client.frames().await;
    let mut account = events.account(|account| account.frames.len() == 10).await;
    microphone.stall();
    events.enter_into(&mut account, |account| account.state_words().ends_with(&["stalled"])).await;
    let (status, health) = client.json("/api/health").await;
    assert_eq!(
        (status, &health["status"], &health["state"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"failing".into(), &"stalled".into())
    );
    microphone.resume();
    events.enter_into(&mut account, |account| account.state_words().ends_with(&["running"])).await;
    events.enter_more(&mut account, 10).await;
    assert_eq!(client.json("/api/health").await.0, StatusCode::OK);
    assert!(!account.gaps.is_empty());
    air.follow(&account, SLACK);
}

/// Eleven seconds, which cost next to nothing: the rate is told after ten.
#[tokio::test]
async fn the_rate_of_a_device_is_measured() {
    let (_air, _microphone, server) = listen();
    let client = Client::reader(&server);
    assert_eq!(client.stats().await["measured_rate_hz"], json!(null));
    let stats = client.wait_for_stats("a measured rate", |stats| stats["measured_rate_hz"].is_f64()).await;
    // The microphone is paced by the clock that it is measured against.
    let ppm = stats["rate_deviation_ppm"].as_f64().unwrap();
    assert!(ppm.abs() < 5_000.0, "{ppm} ppm");
    assert!((stats["measured_rate_hz"].as_f64().unwrap() / 48_000.0 - 1.0 - ppm * 1e-6).abs() < 1e-9);
}

#[tokio::test]
async fn what_a_device_turns_out_not_to_allow_ends_with_the_reason() {
    let noise = (0..96_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let settings = LabSettings { format: "S16_LE", rate_hz: 48_000, channels: 1, samples: noise };
    let microphone = LabMicrophone::plugged_in(&settings);
    microphone.unplug();
    let server = microphone.lab().config(CALM).start();
    let client = Client::reader(&server);
    client.wait_for_stats("the device to be missed", |stats| stats["state"] == "waiting_for_device").await;
    let asked = [
        ("spectral?averaging=linear:2&cross=true", "cross is \"true\"; expected false, as the source is mono"),
        (
            "lockin?reference=channel_b",
            "reference is channel_b, and this source is mono; expected a frequency in Hz, or tracked",
        ),
        ("audio?channels=b", "channels=b: the source has one channel, which is a"),
        ("audio?channels=b&fps=7&decimate=2", "channels=b: the source has one channel, which is a"),
        ("envelope?channels=b", "channels=b: the source has one channel, which is a"),
    ];
    let mut streams = Vec::new();
    for (query, _) in asked {
        streams.push(client.events(&format!("/api/audio/stream/{query}")).await);
    }
    microphone.replug();
    for (mut events, (query, reason)) in streams.into_iter().zip(asked) {
        let end = loop {
            match events.next().await {
                Some(Told::End(end)) => break end,
                Some(Told::State(_) | Told::Heartbeat) => {}
                other => panic!("{query}: {other:?}"),
            }
        };
        assert_eq!(end["reason"], reason);
        assert!(events.next().await.is_none(), "{query}");
        let (status, body) = client.json(&format!("/api/audio/stream/{query}")).await;
        assert_eq!((status, &body["error"]["message"]), (StatusCode::BAD_REQUEST, &reason.into()));
    }
}

#[test]
fn a_device_that_is_not_there_is_told_with_those_that_devices_lists() {
    let server = Lab::with_source("mic:nonexistent").start();
    let listed = server.command(&["devices"]);
    let told = server.line("source: none, ").unwrap();
    assert!(told.contains("input device nonexistent is not there"), "{told}");
    assert_eq!(told.contains("has no input device"), listed.starts_with("No input device"), "{told}\n{listed}");
}
