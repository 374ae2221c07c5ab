//! When a sliding spectrum answers, and for which samples.

use photophone_signal::wire::SpectrumJson;
use photophone_signal::{Epoch, FrameFlags};

use super::*;
use crate::config::WindowKind;

const SIZE: usize = 100;
const ORIGIN_US: u64 = 1_700_000_000_000_000;

fn epoch(byte: u8) -> Epoch {
    Epoch::from_random_bytes([byte; 16])
}

fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).unwrap()
}

/// Sample `n` of the test signal, different in every sample.
fn sample(n: u64) -> f32 {
    (n as f32 * 0.37).sin() * 0.5
}

fn frame(first_sample: u64, samples: u64) -> AudioFrame {
    let sample_rate = rate(44_100);
    AudioFrame {
        epoch: epoch(1),
        frame_number: first_sample / 10,
        first_sample,
        sample_rate,
        monotonic_us: sample_rate.micros_of(first_sample),
        captured_us: ORIGIN_US + sample_rate.micros_of(first_sample),
        flags: FrameFlags::default(),
        channel_a: (first_sample..first_sample + samples).map(sample).collect(),
        channel_b: (first_sample..first_sample + samples).map(|n| -sample(n)).collect(),
    }
}

fn with(mut frame: AudioFrame, change: impl FnOnce(&mut AudioFrame)) -> AudioFrame {
    change(&mut frame);
    frame
}

/// The first sample of the window after each frame; none where there is no spectrum.
fn windows(frames: &[AudioFrame]) -> Vec<Option<u64>> {
    let mut sliding = SlidingSpectrum::new(SIZE, WindowKind::Hann);
    let mut after = |frame: &AudioFrame| {
        sliding.push(frame);
        let ready = sliding.is_ready();
        let first = sliding.spectrum().map(|spectrum| spectrum.first_sample);
        assert_eq!(ready, first.is_some());
        first
    };
    frames.iter().map(&mut after).collect()
}

/// What happens, the frames, and the first sample of the window after each of them.
type Row = (&'static str, Vec<AudioFrame>, Vec<Option<u64>>);

#[test]
fn a_spectrum_covers_contiguous_samples_only() {
    let mono = |first, samples| with(frame(first, samples), |f| f.channel_b.clear());
    let rows: [Row; 9] = [
        (
            "frames shorter than the window",
            vec![frame(0, 60), frame(60, 60), frame(120, 5)],
            vec![None, Some(20), Some(25)],
        ),
        ("frames as long as the window", vec![frame(7, 100), frame(107, 100)], vec![Some(7), Some(107)]),
        ("frames longer than the window", vec![frame(0, 250), frame(250, 101)], vec![Some(150), Some(251)]),
        ("gap", vec![frame(0, 100), frame(101, 99), frame(200, 1)], vec![Some(0), None, Some(101)]),
        ("frame again", vec![frame(0, 100), frame(0, 60), frame(60, 60)], vec![Some(0), None, Some(20)]),
        (
            "another epoch at the next index",
            vec![
                frame(0, 100),
                with(frame(100, 60), |f| f.epoch = epoch(2)),
                with(frame(160, 40), |f| f.epoch = epoch(2)),
            ],
            vec![Some(0), None, Some(100)],
        ),
        (
            "another rate",
            vec![frame(0, 100), with(frame(100, 99), |f| f.sample_rate = rate(48_000))],
            vec![Some(0), None],
        ),
        (
            "mono after stereo, and back",
            vec![frame(0, 100), mono(100, 60), mono(160, 60), frame(220, 60), frame(280, 60)],
            vec![Some(0), None, Some(120), None, Some(240)],
        ),
        ("empty frame", vec![frame(0, 60), mono(60, 0), frame(60, 40)], vec![None, None, Some(0)]),
    ];
    for (name, frames, expected) in rows {
        assert_eq!(windows(&frames), expected, "{name}");
    }
}

#[test]
fn values_are_those_of_the_covered_samples() {
    let mut sliding = SlidingSpectrum::new(SIZE, WindowKind::Hann);
    for (first, samples) in [(0, 63), (63, 170), (233, 41), (274, 99)] {
        sliding.push(&frame(first, samples));
    }
    let spectrum = sliding.spectrum().unwrap();
    let covered: Vec<f32> = (spectrum.first_sample..spectrum.first_sample + SIZE as u64).map(sample).collect();
    let mut expected = ChannelSpectrum::default();
    SpectrumAnalyser::new(SIZE, WindowKind::Hann).analyse([&covered, &[]], &mut expected).unwrap();
    assert_eq!((spectrum.first_sample, spectrum.frame_number), (273, 27));
    assert_eq!(spectrum.channel_a, &expected);
    assert_eq!(spectrum.channel_b.unwrap().magnitude, expected.magnitude);
}

#[test]
fn time_is_that_of_a_frame_starting_at_the_window() {
    for (first, samples) in [(1 << 40, 117), (1 << 40, 2000), ((1 << 53) - 118, 117)] {
        let mut sliding = SlidingSpectrum::new(SIZE, WindowKind::Hann);
        sliding.push(&frame(first - 61, 61));
        sliding.push(&frame(first, samples));
        let spectrum = sliding.spectrum().unwrap();
        assert_eq!(spectrum.captured_us, frame(spectrum.first_sample, 1).captured_us);
    }
}

#[test]
fn reset_takes_new_samples_only() {
    let mut sliding = SlidingSpectrum::new(SIZE, WindowKind::Hann);
    sliding.push(&frame(0, 100));
    sliding.reset();
    assert!(sliding.spectrum().is_none());
    sliding.push(&frame(100, 99));
    assert!(sliding.spectrum().is_none());
    sliding.push(&frame(199, 1));
    assert_eq!(sliding.spectrum().unwrap().first_sample, 100);
}

#[test]
fn json_tells_the_window_and_leaves_channel_b_of_mono_out() {
    let mut sliding = SlidingSpectrum::new(SIZE, WindowKind::BlackmanHarris);
    sliding.push(&with(frame(0, 150), |f| f.channel_b.clear()));
    let json = SpectrumJson::from(sliding.spectrum().unwrap());
    assert_eq!((json.size, json.first_sample, json.sample_rate), (SIZE, 50, 44_100));
    assert_eq!((json.window.as_ref(), json.unit.as_ref()), ("blackman_harris", "fs"));
    assert_eq!(json.timestamp, json.captured_us / 1000);
    assert!((json.duration_ms - 100_000.0 / 44_100.0).abs() < 1e-12);
    assert_eq!((json.frequencies.len(), json.magnitude_a.len(), json.magnitude_b.len()), (51, 51, 0));
    assert_eq!((json.phase_a.map(|phase| phase.len()), json.phase_b), (Some(51), None));
    sliding.push(&frame(150, 100));
    let json = SpectrumJson::from(sliding.spectrum().unwrap());
    assert_eq!((json.magnitude_b.len(), json.phase_b.map(|phase| phase.len())), (51, Some(51)));
}

#[test]
fn frequencies_follow_the_rate() {
    let mut sliding = SlidingSpectrum::new(SIZE, WindowKind::Hann);
    sliding.push(&frame(0, 100));
    assert_eq!(sliding.spectrum().unwrap().frequencies[1], 441.0);
    sliding.push(&with(frame(100, 100), |f| f.sample_rate = rate(8000)));
    assert_eq!(sliding.spectrum().unwrap().frequencies[1], 80.0);
}
