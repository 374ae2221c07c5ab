//! Decimation against scipy's design and polyphase filter.

use photophone::feed::decimate::{DecimatingFir, Decimator};
use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch, FrameFlags};
use serde_json::{Value, json};

use crate::support::python::reference;

const SAMPLES: usize = 8000;
const FRAME_SAMPLES: usize = 1600;

/// Tones inside and outside of every pass band, and something that uses all digits.
fn samples() -> Vec<f32> {
    let value = |n: f64| 0.3 * (0.02 * n).sin() + 0.3 * (0.9 * n).cos() + 0.3 * (n * n * 1e-3).sin();
    (0..SAMPLES).map(|n| value(n as f64) as f32).collect()
}

fn frames(samples: &[f32]) -> impl Iterator<Item = AudioFrame> {
    samples.chunks(FRAME_SAMPLES).enumerate().map(|(number, chunk)| AudioFrame {
        epoch: Epoch::from_random_bytes([1; 16]),
        frame_number: number as u64,
        first_sample: (number * FRAME_SAMPLES) as u64,
        sample_rate: SampleRate::new(48_000).unwrap(),
        monotonic_us: 0,
        captured_us: 0,
        flags: FrameFlags::default(),
        channel_a: chunk.to_vec(),
        channel_b: chunk.iter().map(|sample| -sample).collect(),
    })
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn largest_difference(ours: &[f64], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f64::max)
}

#[test]
fn coefficients_and_values_are_those_of_scipy() {
    let samples = samples();
    let factors = 2..=16_u64;
    let requests = factors.clone().map(|factor| {
        let taps = DecimatingFir::new(factor).coefficients().len();
        json!({"factor": factor, "taps": taps, "attenuation_db": 101, "cutoff": 0.95, "samples": samples})
    });
    let scipy = reference("decimate.py", &requests.collect());
    for (factor, scipy) in factors.zip(scipy.as_array().unwrap()) {
        let (coefficients, values) = (floats(&scipy["coefficients"]), floats(&scipy["values"]));
        let mut fir = DecimatingFir::new(factor);
        let mut ours = Vec::new();
        fir.push(&samples, &[], |[a, _]| ours.push(a));
        let of_coefficients = largest_difference(&fir.coefficients(), &coefficients);
        assert!(of_coefficients <= 1e-15, "{factor}: {of_coefficients}");
        let of_values = largest_difference(&ours, &values);
        assert!(of_values <= 1e-12, "{factor}: {of_values}");
        hold_frames_against(factor, &samples, &values);
    }
}

/// The same in f32, frame by frame.
fn hold_frames_against(factor: u64, samples: &[f32], values: &[f64]) {
    let mut decimator = Decimator::new(factor);
    let [mut a, mut b] = [Vec::new(), Vec::new()];
    for frame in frames(samples) {
        if let Some(decimated) = decimator.push(&frame) {
            a.extend(decimated.channel_a.iter().map(|&value| f64::from(value)));
            b.extend(decimated.channel_b.iter().map(|&value| -f64::from(value)));
        }
    }
    let worst = largest_difference(&a, values).max(largest_difference(&b, values));
    assert!(worst <= 1e-6, "{factor}: {worst}");
}
