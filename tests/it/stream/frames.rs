//! What frames and spectra look like on the wire, and that their samples are the simulated ones.

use reqwest::StatusCode;
use serde_json::Value;

use crate::support::account::indices;
use crate::support::client::{Client, Events, Told};
use crate::support::lab_microphone::{LabMicrophone, LabSettings};
use crate::support::server::Lab;
use crate::support::simulation::Simulation;

#[tokio::test]
async fn every_sample_is_the_simulated_one() {
    let yaml = "source: {seed: 20}";
    for scenario in ["cell", "tone", "chirp"] {
        let server = Lab::simulated(scenario).config(yaml).start();
        let account = Client::reader(&server).frames().await.account(|account| account.frames.len() == 8).await;
        let simulation = Simulation::of(scenario, yaml);
        account.hold_against(|indices| simulation.samples(indices));
        assert!(account.gaps.is_empty());
        for frame in &account.frames {
            assert_eq!((frame.sample_rate, frame.channel_a.len()), (48_000, 1600));
            assert_eq!(frame.first_sample, frame.frame_number * 1600);
            assert!((frame.duration_ms - 1600.0 / 48.0).abs() < 1e-9);
            assert_eq!(frame.timestamp, frame.captured_us / 1000);
        }
        let times = account.frames.windows(2).map(|pair| pair[1].captured_us - pair[0].captured_us);
        // The simulation's times are the sample clock's, rounded to microseconds, and may be slewed to follow UTC.
        assert!(times.into_iter().all(|us| us.abs_diff(33_333) < 100), "frames are a thirtieth of a second apart");
    }
}

#[tokio::test]
async fn a_stream_starts_with_the_state_and_the_head_comes_before_the_samples() {
    let server = Lab::simulated("tone").start();
    let client = Client::reader(&server);
    let head =
        ["sample_rate", "timestamp", "frame_number", "duration_ms", "epoch", "first_sample", "captured_us"].as_slice();
    let frame = [head, &["channel_a", "channel_b"]].concat();
    let values = ["frequencies", "magnitude_a", "magnitude_b", "phase_a", "phase_b"].as_slice();
    let spectrum = [head, &["size", "window", "unit", "enbw_hz"], values].concat();
    for (mut events, keys) in [(client.frames().await, frame), (client.spectra().await, spectrum)] {
        let Some(Told::State(mut state)) = events.next().await else { panic!("the state comes first") };
        if state["state"] == "starting" {
            state = events.state("running").await;
        }
        assert_eq!(
            (&state["state"], &state["sample_rate"], &state["channels"]),
            (&"running".into(), &48_000.into(), &2.into())
        );
        let text = first_unnamed(&mut events).await;
        let places: Vec<usize> = keys.iter().map(|key| text.find(&format!("\"{key}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "{keys:?} stand at {places:?}");
        assert_eq!(places[0], 1);
        assert!(!text.contains('\n'));
    }
}

#[tokio::test]
async fn mono_has_no_channel_b() {
    let yaml = "source: {channel_a: 2, channel_b: 0}";
    let server = Lab::simulated("tone").config(yaml).start();
    let client = Client::reader(&server);
    let (mut frames, mut spectra) = (client.frames().await, client.spectra().await);
    let frame = frames.frame().await;
    let (_, second) = Simulation::of("tone", "").samples(indices(&frame));
    assert_eq!(
        (frame.channel_a.as_ref(), frame.channel_b.as_ref()),
        (&second[..], &[][..]),
        "microphone 2 is channel A"
    );
    let spectrum = spectra.spectrum().await;
    assert!(spectrum.magnitude_b.is_empty() && spectrum.phase_b.is_none());
    assert_eq!((spectrum.magnitude_a.len(), spectrum.phase_a.unwrap().len()), (2049, 2049));
    let (text, stats) = (first_unnamed(&mut spectra).await, client.stats().await);
    assert!(text.contains(r#""magnitude_b":[],"#) && text.contains(r#""phase_b":null"#));
    assert_eq!((&stats["channels"], &stats["rms_dbfs"]["b"]), (&1.into(), &Value::Null));
}

#[tokio::test]
async fn latest_is_the_newest_frame() {
    let server = Lab::simulated("chirp").start();
    let client = Client::reader(&server);
    let frame = client.frames().await.frame().await;
    let (status, latest) = client.json("/api/audio/stream/latest").await;
    assert_eq!(status, StatusCode::OK);
    let latest: photophone_signal::wire::FrameJson<'static> = serde_json::from_value(latest).unwrap();
    assert_eq!(latest.epoch, frame.epoch);
    assert!(latest.frame_number >= frame.frame_number);
    let (a, b) = Simulation::of("chirp", "").samples(indices(&latest));
    assert_eq!((latest.channel_a.as_ref(), latest.channel_b.as_ref()), (&a[..], &b[..]));
}

#[tokio::test]
async fn before_the_first_frame_there_is_none_and_the_stream_tells_why() {
    let settings = LabSettings { format: "S16_LE", rate_hz: 48_000, channels: 2, samples: vec![0; 9600] };
    let microphone = LabMicrophone::plugged_in(&settings);
    microphone.unplug();
    let server = microphone.lab().config("stream: {sse_timeout_secs: 0.2}").start();
    let client = Client::reader(&server);
    let mut events = client.frames().await;
    let state = events.state("waiting_for_device").await;
    assert_eq!((&state["reason"]["code"], &state["sample_rate"]), (&"source_absent".into(), &Value::Null));
    let (status, error) = client.json("/api/audio/stream/latest").await;
    assert_eq!((status, &error["error"]["code"]), (StatusCode::SERVICE_UNAVAILABLE, &"no_frame_yet".into()));
    assert_eq!(client.json("/api/health").await.0, StatusCode::OK, "waiting is not failing");
    let account = events.account(|account| account.heartbeats == 2).await;
    assert!(account.frames.is_empty());
    let stats = client.stats().await;
    assert_eq!((&stats["total_frames"], &stats["last_update"]), (&0.into(), &Value::Null));
}

/// Text of the first frame or spectrum.
async fn first_unnamed(events: &mut Events) -> String {
    loop {
        let event = events.next_raw().await.expect("the stream ended");
        if !event.id.is_empty() && event.event == "message" {
            return event.data;
        }
    }
}
