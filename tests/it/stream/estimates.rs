//! Estimated spectra of a WAV file with known tones, read from the server and held against scipy on the same samples.

use std::fs;
use std::path::Path;

use photophone_signal::wire::EstimateJson;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::spectrum_estimator::{floats, worst_of_all};
use crate::support::client::{Client, Events, Told};
use crate::support::python::reference;
use crate::support::server::Lab;

const SPECTRAL: &str = "/api/audio/stream/spectral";
const RATE_HZ: u32 = 48_000;
const SAMPLES: u32 = 90_000;

/// Volts and pascals of full scale by the configuration of [`served`].
const FULL_SCALE_V: f64 = 1.7 / 20.0;
const FULL_SCALE_PA: f64 = FULL_SCALE_V / 0.0125;

/// Two channels with tones of their own, one in common, and noise of which a part is common.
fn channels() -> [Vec<f32>; 2] {
    let mut state = 7_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
    };
    let mut channels = [Vec::new(), Vec::new()];
    for n in 0..SAMPLES {
        let (turn, common) = (std::f64::consts::TAU * f64::from(n) / f64::from(RATE_HZ), noise() * 0.1);
        for (channel, hz, delay) in [(0, 1003.7, 0.0), (1, 7777.0, 1.0)] {
            let tones = 0.3 * (turn * hz).sin() + 0.1 * (turn * 2500.0 + delay).sin();
            channels[channel].push((tones + common + noise() * 0.05 + 0.02) as f32);
        }
    }
    channels
}

/// A WAV file of 32-bit floats, which hold every sample exactly.
fn write_wav(path: &Path, channels: &[Vec<f32>; 2]) {
    let data: Vec<u8> =
        channels[0].iter().zip(&channels[1]).flat_map(|(a, b)| [a.to_le_bytes(), b.to_le_bytes()].concat()).collect();
    let length = u32::try_from(data.len()).unwrap();
    let format = [3_u32 | 2 << 16, RATE_HZ, RATE_HZ * 8, 8 | 32 << 16];
    let mut file = [&b"RIFF"[..], &(length + 36).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes()].concat();
    file.extend(format.iter().flat_map(|field| field.to_le_bytes()));
    file.extend([&b"data"[..], &length.to_le_bytes(), &data].concat());
    fs::write(path, file).unwrap();
}

/// A query, and what scipy is asked for: settings as in `estimator.py`, with the number of the window that is compared.
struct Case {
    query: &'static str,
    size: usize,
    hop: usize,
    window: &'static str,
    averaging: &'static str,
    scale: &'static str,
    unit: &'static str,
    full_scale: f64,
    spectra: usize,
}

impl Case {
    fn request(&self) -> Value {
        json!({"size": self.size, "hop": self.hop, "window": self.window, "averaging": self.averaging,
            "scale": self.scale, "unit": self.unit, "full_scale": self.full_scale, "spectra": self.spectra})
    }
}

const CASES: &[Case] = &[
    Case {
        query: "scale=power",
        size: 4096,
        hop: 2048,
        window: "hann",
        averaging: "none",
        scale: "power",
        unit: "fs",
        full_scale: 1.0,
        spectra: 9,
    },
    Case {
        query: "size=1000&window=flattop&overlap=0.75&averaging=linear:20&scale=psd&cross=true",
        size: 1000,
        hop: 250,
        window: "flattop",
        averaging: "linear:20",
        scale: "psd",
        unit: "fs",
        full_scale: 1.0,
        spectra: 40,
    },
    Case {
        query: "size=3001&window=kaiser:8.6&overlap=0&averaging=linear:7&unit=v&cross=true",
        size: 3001,
        hop: 3001,
        window: "kaiser:8.6",
        averaging: "linear:7",
        scale: "amplitude",
        unit: "v",
        full_scale: FULL_SCALE_V,
        spectra: 12,
    },
    Case {
        query: "size=512&window=blackman-harris&averaging=exp:0.1&unit=db_spl&scale=psd",
        size: 512,
        hop: 256,
        window: "blackman_harris",
        averaging: "exp:0.1",
        scale: "psd",
        unit: "db_spl",
        full_scale: FULL_SCALE_PA,
        spectra: 200,
    },
    Case {
        query: "averaging=peak&unit=dbfs",
        size: 4096,
        hop: 2048,
        window: "hann",
        averaging: "peak",
        scale: "amplitude",
        unit: "dbfs",
        full_scale: 1.0,
        spectra: 30,
    },
];

/// Opens what a query asks for from the beginning of the epoch on: with the history, which holds the whole file.
async fn open(client: &Client, query: &str, epoch: &str) -> Events {
    let request = client.request(reqwest::Method::GET, &format!("{SPECTRAL}?{query}"));
    let response = request.header("Last-Event-ID", format!("{epoch}:0")).send().await.unwrap();
    if response.status() != StatusCode::OK {
        panic!("{query}: {}", response.text().await.unwrap());
    }
    Events::of(response)
}

/// The estimate whose last window begins with sample `first`.
async fn estimate_at(events: &mut Events, first: u64) -> EstimateJson<'static> {
    loop {
        let event = events.next_raw().await.expect("the stream ended");
        if event.event == "message" && event.id.ends_with(&format!(":{first}")) {
            return serde_json::from_str(&event.data).unwrap();
        }
    }
}

fn hold_against_scipy(case: &Case, estimate: &EstimateJson<'_>, scipy: &Value) {
    for (ours, truth) in
        [&estimate.magnitude_a, &estimate.magnitude_b].into_iter().zip(scipy["values"].as_array().unwrap())
    {
        let apart = worst_of_all(ours, &floats(truth));
        assert!(apart <= 1e-5, "{}: {apart}", case.query);
    }
    assert!((estimate.enbw_hz / scipy["enbw_hz"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{}", case.query);
    assert!((estimate.averages / scipy["averages"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{}", case.query);
    assert_eq!((estimate.scale.as_ref(), estimate.unit.as_ref()), (case.scale, case.unit));
    assert_eq!((estimate.averaging.as_ref(), estimate.window.as_ref()), (case.averaging, case.window));
    assert_eq!(estimate.calibrated, !["fs", "dbfs"].contains(&case.unit));
    assert_eq!(estimate.cross.is_some(), scipy["cross"].is_array() && case.query.contains("cross"), "{}", case.query);
    let Some(cross) = &estimate.cross else { return };
    for (ours, truth) in [(&cross.magnitude, "cross_values"), (&cross.coherence, "coherence")] {
        let apart = worst_of_all(ours, &floats(&scipy[truth]));
        assert!(apart <= 1e-5, "{} {truth}: {apart}", case.query);
    }
    for (ours, truth) in cross.phase.iter().zip(floats(&scipy["cross_phase"])) {
        let away = (f64::from(*ours) - truth).rem_euclid(std::f64::consts::TAU);
        assert!(away.min(std::f64::consts::TAU - away) < 1e-5, "{}: {ours} {truth}", case.query);
    }
}

#[tokio::test]
async fn estimates_of_a_file_are_those_of_scipy() {
    let (dir, channels) = (tempfile::tempdir().unwrap(), channels());
    let path = dir.path().join("tones.wav");
    write_wav(&path, &channels);
    let calibration = "{full_scale_v: 1.7, gain: 20, sensitivity_mv_pa: 12.5}";
    let yaml = format!("source: {{pace: fast}}\ncalibration: {{a: {calibration}, b: {calibration}}}");
    let server = Lab::wav(&path).config(&yaml).start();
    let client = Client::reader(&server);
    let finished = client.frames().await.state("finished").await;
    let epoch = finished["epoch"].as_str().unwrap().to_owned();
    let requests: Vec<_> = CASES.iter().map(Case::request).collect();
    let request = json!({"rate": RATE_HZ, "a": channels[0], "b": channels[1], "cases": requests});
    let scipy = reference("estimator.py", &request);
    for (case, scipy) in CASES.iter().zip(scipy.as_array().unwrap()) {
        let mut events = open(&client, &format!("{}&fps=1000", case.query), &epoch).await;
        let estimate = estimate_at(&mut events, ((case.spectra - 1) * case.hop) as u64).await;
        hold_against_scipy(case, &estimate, scipy);
    }
    // A tone of amplitude 0.3 is the largest peak of each channel.
    let mut events = open(&client, "peaks=1&averaging=linear:10&fps=1000", &epoch).await;
    let estimate = estimate_at(&mut events, 9 * 2048).await;
    for (peaks, hz) in [(estimate.peaks_a, 1003.7), (estimate.peaks_b, 7777.0)] {
        let peak = peaks.unwrap()[0];
        assert!((peak.frequency_hz - hz).abs() < 0.1 && (peak.value - 0.3).abs() < 0.003, "{peak:?}");
    }
    let list = client.json("/api/audio/stream/feeds").await.1;
    assert_eq!(list.as_array().unwrap().len(), CASES.len() + 2, "{list}");
}

#[tokio::test]
async fn without_parameters_of_estimates_there_is_a_spectrum_per_frame() {
    let server = Lab::simulated("tone").start();
    let client = Client::reader(&server);
    let mut plain = client.events(SPECTRAL).await;
    let mut same = client.events(&format!("{SPECTRAL}?size=4096&window=hann")).await;
    let (one, mut other) = (plain.spectrum().await, same.spectrum().await);
    while other.first_sample < one.first_sample {
        other = same.spectrum().await;
    }
    assert_eq!(client.json("/api/audio/stream/feeds").await.1.as_array().unwrap().len(), 1, "one feed for both");
    let kaiser = client.events(&format!("{SPECTRAL}?size=1000&window=kaiser:8.60")).await.spectrum().await;
    assert_eq!((kaiser.size, kaiser.window.as_ref()), (1000, "kaiser:8.6"));
    assert_eq!((kaiser.first_sample + 1000) % 1600, 0, "it ends with a frame");
}

#[tokio::test]
async fn events_leave_as_often_as_frames_do_unless_asked_otherwise() {
    let server = Lab::simulated("tone").config("stream: {target_fps: 20}").start();
    let client = Client::reader(&server);
    for (query, fps) in [("unit=dbfs", 20.0), ("fps=5", 5.0)] {
        let mut events = client.events(&format!("{SPECTRAL}?size=256&{query}")).await;
        let mut slots = Vec::new();
        while slots.len() < 5 {
            if let Some(Told::Spectrum(spectrum)) = events.next().await {
                slots.push(((spectrum.first_sample + 256) as f64 * fps / 48_000.0) as u64);
            }
        }
        assert!(slots.windows(2).all(|pair| pair[1] == pair[0] + 1), "{query}: {slots:?}");
    }
    let list = client.json("/api/audio/stream/feeds").await.1;
    assert!(list[0]["parameters"].as_str().unwrap().ends_with("&fps=20"), "{list}");
}
