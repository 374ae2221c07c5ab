//! Every format of samples, whole files: what a viewer receives is what scipy reads from the file that sox wrote.

use std::f32::consts::PI;
use std::fs;

use serde_json::json;

use crate::support::account::{Account, is_flagged};
use crate::support::client::Client;
use crate::support::server::{Lab, Server};
use crate::support::wav::{Noise, WavFile};

/// The source waits for its first viewer, who thus sees the whole file.
const WHOLE: &str = "pace: fast";

/// Not a whole number of frames at 32 fps.
const SAMPLES: u64 = 15_000;

struct Case {
    format: [&'static str; 4],
    /// As the server tells it, and whether f32 holds it exactly.
    told: (&'static str, &'static str),
    file_channels: u16,
    /// Of the file, counted from 1; 0 for none.
    channels: (usize, usize),
}

const CASES: [Case; 8] = [
    case(["-b", "8", "-e", "unsigned-integer"], ("u8", "bit_exact"), 1, (1, 0)),
    case(["-b", "16", "-e", "signed-integer"], ("i16", "bit_exact"), 2, (1, 2)),
    case(["-b", "16", "-e", "signed-integer"], ("i16", "bit_exact"), 2, (2, 0)),
    case(["-b", "24", "-e", "signed-integer"], ("i24", "bit_exact"), 6, (5, 2)),
    case(["-b", "32", "-e", "signed-integer"], ("i32", "converted"), 2, (2, 1)),
    case(["-b", "32", "-e", "floating-point"], ("f32", "bit_exact"), 6, (6, 0)),
    case(["-b", "32", "-e", "floating-point"], ("f32", "bit_exact"), 1, (1, 0)),
    case(["-b", "64", "-e", "floating-point"], ("f64", "converted"), 2, (1, 2)),
];

const fn case(
    format: [&'static str; 4],
    told: (&'static str, &'static str),
    file_channels: u16,
    channels: (usize, usize),
) -> Case {
    Case { format, told, file_channels, channels }
}

#[tokio::test]
async fn every_format_arrives_exactly() {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..CASES.len()).map(|number| dir.path().join(format!("{number}.wav"))).collect();
    for (case, path) in CASES.iter().zip(&paths) {
        Noise { format: case.format, rate_hz: 44_100, channels: case.file_channels, samples: SAMPLES }.write_to(path);
    }
    for (case, file) in CASES.iter().zip(WavFile::read_all(&paths)) {
        let (a, b) = case.channels;
        let yaml = format!("source: {{{WHOLE}, channel_a: {a}, channel_b: {b}}}\nstream: {{target_fps: 32}}");
        let server = Lab::wav(&file.path).config(&yaml).start();
        let account = whole(&server).await;
        assert_eq!((file.samples(), account.extent()), (SAMPLES, 0..SAMPLES), "{}", case.told.0);
        account.hold_against(|indices| file.play(indices, a, b));
        let lengths = account.frames.iter().map(|frame| frame.channel_a.len());
        // 44100 / 32 = 1378.125; the last frame ends with the file.
        let lengths: Vec<_> = lengths.collect();
        assert_eq!(lengths, [1378, 1378, 1378, 1378, 1378, 1378, 1378, 1379, 1378, 1378, 1219]);
        let source = Client::reader(&server).json("/api/source").await.1["source"].clone();
        assert_eq!((&source["format"], &source["integrity"]["path"]), (&case.told.0.into(), &case.told.1.into()));
        assert_eq!((&source["device_channels"], &source["sample_rate"]), (&case.file_channels.into(), &44_100.into()));
    }
}

#[tokio::test]
async fn nan_and_infinity_arrive_as_zero_counted_and_flagged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("broken.wav");
    let mut samples: Vec<f32> = (0..3000).map(|n| (n as f32 * 0.1).sin() / PI).collect();
    for (index, value) in [(5, f32::NAN), (1001, f32::INFINITY), (1002, f32::NEG_INFINITY)] {
        samples[index] = value;
    }
    fs::write(&path, float_wav(&samples)).unwrap();
    let server = Lab::wav(&path).config("source: {pace: fast}\nstream: {target_fps: 10}").start();
    let account = whole(&server).await;
    let clean = |sample: &f32| if sample.is_finite() { *sample } else { 0.0 };
    account.hold_against(|indices| {
        (samples[indices.start as usize..indices.end as usize].iter().map(clean).collect(), Vec::new())
    });
    let flagged: Vec<_> = account.frames.iter().map(|frame| is_flagged(frame, "nonfinite")).collect();
    assert_eq!(flagged, [true, true, false, false]);
    assert_eq!(Client::reader(&server).stats().await["nonfinite_samples"], json!(3));
}

/// All that a file holds, as its first viewer receives it.
async fn whole(server: &Server) -> Account {
    let finished = |account: &Account| account.states.iter().any(|state| state["state"] == "finished");
    let account = Client::reader(server).frames().await.account(finished).await;
    assert!(account.gaps.is_empty());
    account
}

/// A mono file at 8 kHz; neither sox nor scipy writes samples that are no numbers.
fn float_wav(samples: &[f32]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x03\0\x01\0");
    bytes.extend(8000_u32.to_le_bytes());
    bytes.extend(32_000_u32.to_le_bytes());
    bytes.extend(b"\x04\0\x20\0data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}
