//! A file through the server in every representation: what viewers with different parameters get is that file.

use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use photophone::feed::decimate::DecimatingFir;
use photophone_signal::wire::{EnvelopeJson, FrameViewJson, LevelsJson, SamplesJson};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::client::{Client, Events};
use crate::support::python::reference;
use crate::support::server::{Lab, Server};
use crate::support::wav::{Noise, WavFile};

const AUDIO: &str = "/api/audio/stream/audio";

/// Samples per second of the files; they are played eight times as fast.
const RATE_HZ: u32 = 8000;

fn lab(dir: &std::path::Path, channels: u16) -> (WavFile, Server) {
    let noise = Noise { format: ["-b", "16", "-e", "signed-integer"], rate_hz: RATE_HZ, channels, samples: 20_011 };
    let file = WavFile::of_noise(&noise, &dir.join("noise.wav"));
    let server = Lab::wav(&file.path).config("source: {loop: true, pace: 8}").start();
    (file, server)
}

/// The first `count` events at `path`, which are no states.
async fn take<T: DeserializeOwned>(client: &Client, path: &str, count: usize) -> Vec<T> {
    let response = client.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    let (mut events, mut taken) = (Events::of(response), Vec::new());
    while taken.len() < count {
        let event = events.next_raw().await.expect("the stream ended");
        match event.event.as_str() {
            "message" => {
                let place: Value = serde_json::from_str(&event.data).unwrap();
                let index = place["first_sample"].as_u64().unwrap();
                assert_eq!(event.id, format!("{}:{index}", place["epoch"].as_str().unwrap()), "{path}");
                taken.push(serde_json::from_str(&event.data).unwrap());
            }
            "state" => {}
            other => panic!("{path}: {other} {}", event.data),
        }
    }
    taken
}

fn numbers(samples: &SamplesJson<'_>, format: Option<&str>) -> Vec<f32> {
    let bytes = |text: &str| STANDARD.decode(text).unwrap();
    match (samples, format) {
        (SamplesJson::Numbers(numbers), None) => numbers.to_vec(),
        (SamplesJson::Base64(text), Some("f32")) => {
            bytes(text).as_chunks().0.iter().map(|raw| f32::from_le_bytes(*raw)).collect()
        }
        (SamplesJson::Base64(text), Some("i16")) => {
            bytes(text).as_chunks().0.iter().map(|raw| f32::from(i16::from_le_bytes(*raw)) / 32_768.0).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The values of both channels by index, of events that follow each other.
fn values(events: &[FrameViewJson<'_>]) -> BTreeMap<u64, [Option<f32>; 2]> {
    let (mut values, mut next) = (BTreeMap::new(), None);
    for event in events {
        let (step, format) = (event.decimate.unwrap_or(1), event.format.as_deref());
        let [a, b] = [&event.channel_a, &event.channel_b].map(|samples| numbers(samples, format));
        assert!(next.is_none_or(|next| next == event.first_sample), "{next:?}, then {}", event.first_sample);
        let count = a.len().max(b.len());
        for at in 0..count {
            values.insert(event.first_sample + at as u64 * step, [a.get(at).copied(), b.get(at).copied()]);
        }
        next = Some(event.first_sample + count as u64 * step);
        assert_eq!(event.duration_ms, (count as u64 * step) as f64 * 1e3 / f64::from(RATE_HZ));
    }
    values
}

fn extent(values: &BTreeMap<u64, [Option<f32>; 2]>) -> Range<u64> {
    *values.keys().next().unwrap()..values.keys().next_back().unwrap() + 1
}

#[tokio::test]
async fn every_sample_arrives_exactly_in_every_format() {
    let dir = tempfile::tempdir().unwrap();
    let (file, server) = lab(dir.path(), 2);
    let client = Client::reader(&server);
    for (query, [has_a, has_b], events_per_sec) in [
        ("", [true, true], 30),
        ("?format=f32", [true, true], 30),
        ("?format=i16", [true, true], 30),
        ("?format=i16&channels=a", [true, false], 30),
        ("?channels=b&fps=7", [false, true], 7),
        ("?format=f32&fps=100&policy=lossless", [true, true], 100),
        ("?format=i16&fps=2.5&stream=live", [true, true], 2),
    ] {
        let events = take::<FrameViewJson<'static>>(&client, &format!("{AUDIO}{query}"), 2 * events_per_sec + 1).await;
        let channels = events[0].channels.as_deref();
        assert_eq!(
            channels,
            [None, Some("a"), Some("b")][if has_a && has_b {
                0
            } else if has_a {
                1
            } else {
                2
            }]
        );
        assert_eq!((events[0].decimate, events[0].delay_samples), (None, None), "{query}");
        let values = values(&events);
        let extent = extent(&values);
        assert_eq!(values.len() as u64, extent.end - extent.start);
        // Two seconds and a bit.
        assert!(values.len() as u32 >= 2 * RATE_HZ, "{query}: {} samples", values.len());
        let (a, b) = file.play(extent, 1, 2);
        for (((index, values), a), b) in values.iter().zip(a).zip(b) {
            assert_eq!(*values, [has_a.then_some(a), has_b.then_some(b)], "{query}: sample {index}");
        }
    }
}

/// Values at the multiples of `factor` as scipy filters the file played in a loop, up to sample `end`.
fn filtered(file: &WavFile, factor: u64, end: u64) -> (BTreeMap<u64, [f64; 2]>, u64) {
    let fir = DecimatingFir::new(factor);
    let taps = fir.coefficients().len();
    let (a, b) = file.play(0..end, 1, 2);
    let request =
        |samples| json!({"factor": factor, "taps": taps, "attenuation_db": 101, "cutoff": 0.95, "samples": samples});
    let scipy = reference("decimate.py", &json!([request(a), request(b)]));
    let of = |channel: usize| scipy[channel]["values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap());
    let at = (0..).map(|number| fir.first_output(0) + number * factor);
    (at.zip(of(0).zip(of(1)).map(|(a, b)| [a, b])).collect(), fir.delay_samples())
}

#[tokio::test]
async fn decimated_frames_are_what_scipy_makes_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let (file, server) = lab(dir.path(), 2);
    let client = Client::reader(&server);
    for (factor, query, step) in [
        (2, "decimate=2", 1e-6),
        (5, "decimate=5&format=f32&fps=7", 1e-6),
        (16, "format=i16&decimate=16", 0.5 / 32_768.0 + 1e-6),
    ] {
        let events = take::<FrameViewJson<'static>>(&client, &format!("{AUDIO}?{query}"), 20).await;
        let values = values(&events);
        let (expected, delay) = filtered(&file, factor, extent(&values).end + 2000);
        for (index, values) in &values {
            let [a, b] = expected[index];
            let [x, y] = values.map(|value| f64::from(value.unwrap()));
            assert!((x - a).abs() <= step && (y - b).abs() <= step, "{query}: sample {index}: {x} {a}, {y} {b}");
        }
        assert_eq!((events[0].decimate, events[0].delay_samples), (Some(factor), Some(delay)));
        assert_eq!(events[0].sample_rate, RATE_HZ);
    }
}

#[tokio::test]
async fn viewers_with_different_parameters_agree() {
    let dir = tempfile::tempdir().unwrap();
    let (_, server) = lab(dir.path(), 2);
    let client = Client::reader(&server);
    let path = |query: &str| format!("{AUDIO}?{query}");
    let (few, many, halves, coarse) =
        (path("fps=3"), path("fps=90&format=f32"), path("decimate=2"), path("decimate=2&fps=5"));
    let (few, many, halves, coarse) = tokio::join!(
        take::<FrameViewJson<'static>>(&client, &few, 6),
        take::<FrameViewJson<'static>>(&client, &many, 180),
        take::<FrameViewJson<'static>>(&client, &halves, 60),
        take::<FrameViewJson<'static>>(&client, &coarse, 10),
    );
    for (one, other) in [(values(&few), values(&many)), (values(&halves), values(&coarse))] {
        let common: Vec<_> = one.keys().filter(|index| other.contains_key(index)).collect();
        assert!(common.len() > 3000, "{}", common.len());
        assert!(common.iter().all(|index| one[index] == other[index]));
    }
}

#[tokio::test]
async fn envelopes_and_levels_are_those_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let (file, server) = lab(dir.path(), 2);
    let client = Client::reader(&server);
    let extremes = |samples: &[f32]| {
        let squares: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        let [min, max] = [f32::min, f32::max].map(|of| samples.iter().copied().reduce(of).unwrap());
        (min, max, (squares / samples.len() as f64).sqrt())
    };
    let path = "/api/audio/stream/envelope?column_samples=100&fps=12";
    for event in take::<EnvelopeJson<'static>>(&client, path, 10).await {
        assert_eq!((event.first_sample % 100, event.samples % 100), (0, 0));
        let (a, b) = file.play(event.first_sample..event.first_sample + event.samples, 1, 2);
        assert_eq!(event.min_a.len() as u64, event.samples / 100);
        let columns = [(&a, &event.min_a, &event.max_a, &event.rms_a), (&b, &event.min_b, &event.max_b, &event.rms_b)];
        for (samples, min, max, rms) in columns {
            for (column, samples) in samples.chunks(100).enumerate() {
                let (least, most, power) = extremes(samples);
                assert_eq!((min[column], max[column]), (least, most));
                assert!((f64::from(rms[column]) - power).abs() < 1e-7);
            }
        }
    }
    for event in take::<LevelsJson<'static>>(&client, "/api/audio/stream/levels", 10).await {
        assert_eq!((event.first_sample % 800, event.samples), (0, 800), "ten a second");
        let (a, b) = file.play(event.first_sample..event.first_sample + 800, 1, 2);
        for (samples, levels) in [(a, event.channel_a), (b, event.channel_b.unwrap())] {
            let (least, most, power) = extremes(&samples);
            assert_eq!(levels.peak, most.max(-least));
            assert!((levels.rms - power).abs() < 1e-12);
        }
    }
}

#[tokio::test]
async fn events_and_gaps_cover_every_index_whatever_the_parameters() {
    let server = Lab::simulated("dropouts").config("source: {rate_hz: 8000, pace: fast}").start();
    let client = Client::reader(&server);
    for query in
        ["audio?decimate=4&fps=7&", "audio?fps=50&format=i16&", "envelope?column_samples=333&", "levels?fps=3&"]
    {
        let response = client.get(&format!("/api/audio/stream/{query}policy=lossless")).await;
        let (mut events, mut next, mut gaps) = (Events::of(response), None, 0);
        while gaps < 3 {
            let event = events.next_raw().await.expect("the stream ended");
            let data: Value = serde_json::from_str(&event.data).unwrap();
            let index = |name: &str| data[name].as_u64().unwrap();
            let (from, to) = match event.event.as_str() {
                "message" if data["type"].is_null() => {
                    let samples = data["duration_ms"].as_f64().unwrap() * f64::from(RATE_HZ) / 1e3;
                    (index("first_sample"), index("first_sample") + samples.round() as u64)
                }
                "gap" => {
                    gaps += 1;
                    (index("from_sample"), index("to_sample"))
                }
                _ => continue,
            };
            assert!(next.is_none_or(|next| next == from), "{query}: {next:?}, then {:.200}", event.data);
            next = Some(to);
        }
    }
}

#[tokio::test]
async fn what_fits_a_bandwidth_is_chosen_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let (_, server) = lab(dir.path(), 2);
    let client = Client::reader(&server);
    take::<FrameViewJson<'static>>(&client, AUDIO, 1).await;
    // Heads take 123 kbit/s, samples in f32 683.
    for (query, kbps, chosen) in [
        ("", 806, "?format=f32"),
        ("", 805, "?format=i16"),
        ("&channels=a", 294, "?format=i16&channels=a"),
        ("", 300, "?format=i16&decimate=2"),
        ("", 60, "?format=i16&decimate=12&fps=7.5"),
        ("&fps=2", 60, "?format=i16&decimate=7&fps=2"),
        ("&decimate=1&format=json", 100_000, ""),
    ] {
        let path = format!("{AUDIO}?max_kbps={kbps}{query}");
        let response = client.get(&path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-location"], format!("{AUDIO}{chosen}"), "{path}");
        let (mut events, mut bytes, mut seconds) = (Events::of(response), 0, 0.0);
        while seconds < 2.0 {
            let event = events.next_raw().await.unwrap();
            if event.event == "message" {
                // `id: `, `data: `, three line ends, and what a chunk of HTTP/1.1 adds.
                bytes += event.id.len() + event.data.len() + 13 + 10;
                seconds += serde_json::from_str::<Value>(&event.data).unwrap()["duration_ms"].as_f64().unwrap() / 1e3;
            }
        }
        let measured_kbps = bytes as f64 * 8e-3 / seconds;
        assert!(measured_kbps <= f64::from(kbps), "{path}: {measured_kbps}");
    }
    // Heads of messages take 44 kbit/s, samples in f32 512.
    for (kbps, chosen) in [(557, "format=f32"), (556, "format=i16")] {
        let request = client.request(reqwest::Method::GET, &format!("{AUDIO}?max_kbps={kbps}"));
        let response = request.header("Accept", "application/octet-stream").send().await.unwrap();
        assert_eq!(response.headers()["content-location"], format!("{AUDIO}?{chosen}"), "{kbps} in messages");
    }
    assert_eq!(
        client.get(AUDIO).await.headers()["content-location"],
        AUDIO,
        "what was not left to the server is told too"
    );
}

#[tokio::test]
async fn bad_queries_are_refused_and_told_what_would_be_right() {
    let dir = tempfile::tempdir().unwrap();
    let (_, server) = lab(dir.path(), 1);
    let client = Client::reader(&server);
    client.wait_for_stats("a frame", |stats| stats["channels"] == 1).await;
    let known = "unknown query key `x`; known here: stream, policy";
    for (query, code, message) in [
        ("audio?format=wav", "query_invalid", "format=wav: must be json, f32 or i16"),
        ("audio?channels=ba", "query_invalid", "channels=ba: must be a, b or ab"),
        ("audio?channels=b", "query_invalid", "channels=b: the source has one channel, which is a"),
        ("audio?decimate=17", "query_invalid", "decimate=17: must be a whole number from 1 to 16"),
        ("audio?decimate=", "query_invalid", "decimate=: must be a whole number from 1 to 16"),
        ("audio?fps=0.001", "query_invalid", "fps=0.001: must be a number from 0.01 to 1000"),
        ("audio?fps=NaN", "query_invalid", "fps=NaN: must be a number from 0.01 to 1000"),
        ("audio?fps=5&fps=5", "query_invalid", "query key `fps` comes more than once"),
        ("audio?max_kbps=0", "query_invalid", "max_kbps=0: must be a whole number of kilobits per second, at least 1"),
        // One channel in i16, a sixteenth of it: 4 kbit/s for a head a second, and 11 of samples.
        ("audio?max_kbps=14", "bandwidth_too_small", "max_kbps=14: this takes at least 15"),
        ("audio?max_kbps=133&fps=30", "bandwidth_too_small", "max_kbps=133: this takes at least 134"),
        ("audio?max_kbps=300&format=f32&decimate=1", "bandwidth_too_small", "max_kbps=300: this takes at least 346"),
        ("audio?x=1", "query_unknown", &format!("{known}, format, channels, decimate, fps, max_kbps")),
        ("envelope?column_samples=0", "query_invalid", "column_samples=0: must be a whole number from 1 to 65536"),
        ("envelope?channels=b", "query_invalid", "channels=b: the source has one channel, which is a"),
        ("envelope?x=1", "query_unknown", &format!("{known}, channels, column_samples, fps")),
        ("levels?fps=1001", "query_invalid", "fps=1001: must be a number from 0.01 to 1000"),
        ("levels?x=1", "query_unknown", &format!("{known}, fps")),
    ] {
        let (status, error) = client.json(&format!("/api/audio/stream/{query}")).await;
        assert_eq!(status, 400, "{query}: {error}");
        assert_eq!((&error["error"]["code"], &error["error"]["message"]), (&json!(code), &json!(message)), "{query}");
    }
    assert_eq!(client.json("/api/audio/stream/levels?stream=take").await.0, 404);
}

#[tokio::test]
async fn before_the_source_was_open_nobody_knows_what_fits() {
    let server = Lab::with_source("wav:missing.wav").start();
    let client = Client::reader(&server);
    client.wait_for_stats("failure", |stats| stats["state"] == "failed").await;
    let (status, error) = client.json(&format!("{AUDIO}?max_kbps=1000")).await;
    assert_eq!((status.as_u16(), &error["error"]["code"]), (503, &json!("source_rate_unknown")), "{error}");
    assert_eq!(client.get(&format!("{AUDIO}?channels=b")).await.status(), 200, "perhaps it will have two");
}
