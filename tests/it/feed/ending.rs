//! A file that is played to its end: viewers of every kind that is cut from samples are told of all of them.

use serde_json::Value;

use crate::support::client::{Client, Events};
use crate::support::server::Lab;
use crate::support::wav::{Noise, WavFile};

/// Samples of the file: its end is on no grid.
const SAMPLES: u64 = 20_011;

/// What events and gaps cover until the state is `finished`, in order, and the causes of the gaps.
async fn covered(client: &Client, path: &str) -> (Vec<(u64, u64)>, Vec<Value>) {
    let mut events = Events::of(client.get(path).await);
    let (mut covered, mut causes) = (Vec::new(), Vec::new());
    loop {
        let event = events.next_raw().await.expect("the stream ended");
        let data: Value = serde_json::from_str(&event.data).unwrap();
        let number = |name: &str| data[name].as_u64().unwrap_or_else(|| panic!("{path}: {name} in {data}"));
        match event.event.as_str() {
            "message" if data["type"] == "heartbeat" => {}
            "message" => {
                let samples = data["samples"].as_u64().unwrap_or_else(|| {
                    data["channel_a"].as_array().unwrap().len() as u64 * data["decimate"].as_u64().unwrap_or(1)
                });
                covered.push((number("first_sample"), number("first_sample") + samples));
            }
            "gap" => {
                covered.push((number("from_sample"), number("to_sample")));
                causes.push(data["cause"].clone());
            }
            "state" if data["state"] == "finished" => return (covered, causes),
            "state" => {}
            other => panic!("{path}: {other} {}", event.data),
        }
    }
}

/// At pace fast the source waits for its first viewer, so that one sees all.
#[tokio::test]
async fn every_index_of_a_file_is_told_of_before_it_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    let noise = Noise { format: ["-b", "16", "-e", "signed-integer"], rate_hz: 8000, channels: 2, samples: SAMPLES };
    let file = WavFile::of_noise(&noise, &dir.path().join("noise.wav"));
    for (path, first, tail) in [
        ("audio", 0, None),
        ("audio?fps=0.1", 0, None),
        ("audio?decimate=4", 260, Some("processor")),
        ("audio?decimate=4&fps=3", 260, Some("processor")),
        ("envelope?column_samples=1000", 0, None),
        ("levels", 0, None),
    ] {
        let server = Lab::wav(&file.path).config("source: {pace: fast}").start();
        let (covered, causes) = covered(&Client::reader(&server), &format!("/api/audio/stream/{path}")).await;
        assert_eq!((covered[0].0, covered.last().unwrap().1), (first, SAMPLES), "{path}");
        assert!(covered.windows(2).all(|pair| pair[0].1 == pair[1].0), "{path}: {covered:?}");
        assert_eq!(causes, tail.map(Value::from).into_iter().collect::<Vec<_>>(), "{path}");
    }
}
