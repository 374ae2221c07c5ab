//! Averaged spectra against scipy.signal: every window, averaging, scale and unit at sizes and overlaps of all kinds.

use photophone::spectrum::{Calibration, Estimate, FftPlans, SpectrumEstimator, SpectrumSettings};
use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch, FrameFlags};
use serde_json::{Value, json};

use crate::support::python::reference;

const RATE_HZ: u32 = 48_000;
const SAMPLES: usize = 90_000;

/// A seeded source of choices and noise (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn within(&mut self, range: std::ops::Range<usize>) -> usize {
        range.start + (self.next() % range.len() as u64) as usize
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.within(0..words.len())]
    }

    /// White, within ±1.
    fn noise(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// Two channels with common and own noise and tones of their own.
fn channels(random: &mut Random) -> [Vec<f32>; 2] {
    let mut channels = [Vec::new(), Vec::new()];
    for n in 0..SAMPLES {
        let common = random.noise() * 0.1;
        for (channel, hz, delay) in [(0, 1003.7, 0.0), (1, 7777.0, 1.0)] {
            let turn = std::f64::consts::TAU * n as f64 / f64::from(RATE_HZ);
            let tones = 0.3 * (turn * hz).sin() + 0.1 * (turn * 2500.0 + delay).sin();
            channels[channel].push((tones + common + random.noise() * 0.05 + 0.02) as f32);
        }
    }
    channels
}

/// What is asked of both, ours and scipy.
struct Case {
    settings: SpectrumSettings,
    spectra: usize,
}

impl Case {
    fn random(random: &mut Random) -> Self {
        let size = random.within(256..6000);
        let overlap = ["0", "0.5", "0.75", "0.9", "0.333"][random.within(0..5)];
        let windows = ["rectangular", "hann", "hamming", "blackman", "blackman-harris", "flattop"];
        let kaiser = format!("kaiser:{}", random.within(0..400) as f64 / 10.0);
        let averages = ["none", "linear:2", "linear:7", "linear:1000", "exp:0.05", "exp:0.5", "peak", "min"];
        let averaging = random.one_of(&averages);
        let mut settings = SpectrumSettings::new(size.to_string().parse().unwrap(), "hann".parse().unwrap());
        settings.window = if random.within(0..3) == 0 { &kaiser } else { random.one_of(&windows) }.parse().unwrap();
        settings.overlap = Some(overlap.parse().unwrap());
        settings.averaging = averaging.parse().unwrap();
        settings.scale = random.one_of(&["amplitude", "power", "psd"]).parse().unwrap();
        settings.unit = random.one_of(&["fs", "dbfs", "v", "pa", "db_spl"]).parse().unwrap();
        settings.phase = false;
        settings.cross = averaging.starts_with("linear");
        Self { settings, spectra: random.within(1..12) }
    }

    fn largest() -> Self {
        let mut settings = SpectrumSettings::new("65536".parse().unwrap(), "hann".parse().unwrap());
        settings.overlap = Some("0.9".parse().unwrap());
        settings.averaging = "linear:4".parse().unwrap();
        settings.phase = false;
        settings.cross = true;
        Self { settings, spectra: 4 }
    }

    fn request(&self, calibration: &Calibration) -> Value {
        let settings = &self.settings;
        let channel = &calibration.a;
        let volts = channel.full_scale_v.unwrap() / channel.gain;
        let full_scale = match settings.unit.name() {
            "v" => volts,
            "pa" | "db_spl" => volts / (channel.sensitivity_mv_pa.unwrap() / 1000.0),
            _ => 1.0,
        };
        json!({
            "size": settings.size.get(), "hop": settings.hop_samples(), "window": settings.window.to_string(),
            "averaging": settings.averaging.to_string(), "scale": settings.scale.name(),
            "unit": settings.unit.name(), "full_scale": full_scale, "spectra": self.spectra,
        })
    }
}

fn calibration() -> Calibration {
    let mut calibration = Calibration::default();
    calibration.a.full_scale_v = Some(1.7);
    calibration.a.gain = 20.0;
    calibration.a.sensitivity_mv_pa = Some(12.5);
    calibration.b = calibration.a.clone();
    calibration
}

/// The samples in frames of all lengths.
fn frames(channels: &[Vec<f32>; 2], random: &mut Random) -> Vec<AudioFrame> {
    let mut frames: Vec<AudioFrame> = Vec::new();
    let mut from = 0;
    while from < SAMPLES {
        let to = (from + random.within(1..4000)).min(SAMPLES);
        frames.push(AudioFrame {
            epoch: Epoch::from_random_bytes([7; 16]),
            frame_number: frames.len() as u64,
            first_sample: from as u64,
            sample_rate: SampleRate::new(RATE_HZ).unwrap(),
            monotonic_us: 0,
            captured_us: 0,
            flags: FrameFlags::default(),
            channel_a: channels[0][from..to].to_vec(),
            channel_b: channels[1][from..to].to_vec(),
        });
        from = to;
    }
    frames
}

pub(crate) fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Largest difference of single values, each relative to the true one.
fn worst_of_each(ours: &[f64], truth: &[f64]) -> f64 {
    assert_eq!(ours.len(), truth.len());
    ours.iter().zip(truth).map(|(ours, truth)| ((ours - truth) / truth).abs()).fold(0.0, f64::max)
}

/// ‖ours − truth‖∞ / ‖truth‖∞
pub(crate) fn worst_of_all(ours: &[f32], truth: &[f64]) -> f64 {
    assert_eq!(ours.len(), truth.len());
    let largest = truth.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let apart = ours.iter().zip(truth).map(|(ours, truth)| (f64::from(*ours) - truth).abs());
    apart.fold(0.0, f64::max) / largest
}

/// Figures of how far apart both are: in f64 per bin, and in what is told.
#[derive(Default, Debug)]
struct Apart {
    power: f64,
    cross: f64,
    coherence: f64,
    told: f64,
}

impl Apart {
    fn measure(&mut self, estimate: &Estimate<'_>, scipy: &Value) {
        let channels = [estimate.channel_a, estimate.channel_b.unwrap()];
        for (number, channel) in channels.iter().enumerate() {
            self.power = self.power.max(worst_of_each(channel.power, &floats(&scipy["power"][number])));
            self.told = self.told.max(worst_of_all(channel.values, &floats(&scipy["values"][number])));
        }
        assert!((estimate.enbw_hz / scipy["enbw_hz"].as_f64().unwrap() - 1.0).abs() < 1e-12);
        assert!((estimate.averages / scipy["averages"].as_f64().unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(estimate.cross.is_some(), scipy["cross"].is_array());
        let Some(cross) = estimate.cross else { return };
        for (ours, truth) in cross.power.iter().zip(scipy["cross"].as_array().unwrap()) {
            let truth = floats(truth);
            let apart = (ours[0] - truth[0]).hypot(ours[1] - truth[1]) / truth[0].hypot(truth[1]);
            self.cross = self.cross.max(apart);
        }
        self.told = self.told.max(worst_of_all(cross.magnitude, &floats(&scipy["cross_values"])));
        self.coherence = self.coherence.max(worst_of_all(cross.coherence, &floats(&scipy["coherence"])));
        for (ours, truth) in cross.phase.iter().zip(floats(&scipy["cross_phase"])) {
            let away = (f64::from(*ours) - truth).rem_euclid(std::f64::consts::TAU);
            assert!(away.min(std::f64::consts::TAU - away) < 1e-5, "{ours} {truth}");
        }
    }
}

#[test]
fn averages_are_those_of_scipy() {
    const SEED: u64 = 20;
    let mut random = Random(SEED);
    let (channels, calibration) = (channels(&mut random), calibration());
    let frames = frames(&channels, &mut random);
    let mut cases: Vec<_> = (0..40).map(|_| Case::random(&mut random)).collect();
    cases.push(Case::largest());
    let requests: Vec<_> = cases.iter().map(|case| case.request(&calibration)).collect();
    let scipy =
        reference("estimator.py", &json!({"rate": RATE_HZ, "a": channels[0], "b": channels[1], "cases": requests}));
    let rate = SampleRate::new(RATE_HZ).unwrap();
    let (mut plans, mut apart) = (FftPlans::new(), Apart::default());
    for ((case, request), scipy) in cases.iter().zip(&requests).zip(scipy.as_array().unwrap()) {
        let mut estimator =
            SpectrumEstimator::new(case.settings, rate, 2, calibration.clone(), &mut plans).expect("valid settings");
        let mut seen = 0;
        for frame in &frames {
            estimator.push(frame, |estimate| {
                seen += 1;
                if seen == case.spectra {
                    apart.measure(&estimate, scipy);
                }
            });
            if seen >= case.spectra {
                break;
            }
        }
        assert!(seen >= case.spectra, "too few samples for {request}");
        let told = format!("seed {SEED}: {apart:?} after {request}");
        assert!(apart.power < 1e-10 && apart.cross < 1e-10 && apart.coherence < 1e-5 && apart.told < 1e-5, "{told}");
    }
    println!("largest distances from scipy: {apart:?}");
}
