//! The analyser against definitions: calibration, phase, and a plain DFT that shares no code with it.

use std::f64::consts::{PI, TAU};

use proptest::prelude::*;

use super::*;
use crate::config::WindowKind;
use crate::spectrum::window::ALL;

fn spectrum_of(samples: &[f32], kind: WindowKind) -> ChannelSpectrum {
    let mut spectrum = ChannelSpectrum::default();
    SpectrumAnalyser::new(samples.len(), kind).analyse([samples, &[]], &mut spectrum).unwrap();
    spectrum
}

fn cosine(size: usize, bin: f64, amplitude: f64, phase: f64) -> Vec<f32> {
    (0..size).map(|n| (amplitude * (TAU * bin * n as f64 / size as f64 + phase).cos()) as f32).collect()
}

/// X\[k\] by definition, with the same calibration, in f64.
fn plain_dft(samples: &[f32], kind: WindowKind) -> Vec<(f64, f64)> {
    let size = samples.len();
    let window = Window::new(kind, size);
    let weights = window.coefficients();
    let bin = |k: usize| {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, (sample, weight)) in samples.iter().zip(weights).enumerate() {
            let angle = TAU * ((n * k) % size) as f64 / size as f64;
            re += f64::from(*sample) * weight * angle.cos();
            im -= f64::from(*sample) * weight * angle.sin();
        }
        let mirrored = k != 0 && 2 * k != size;
        (re.hypot(im) * if mirrored { 2.0 } else { 1.0 } / weights.iter().sum::<f64>(), im.atan2(re))
    };
    (0..=size / 2).map(bin).collect()
}

/// Distance of two angles around the circle, in radians.
fn apart(a: f64, b: f64) -> f64 {
    let turn = (a - b).rem_euclid(TAU);
    turn.min(TAU - turn)
}

#[test]
fn a_sine_reads_its_amplitude_at_bin_centre() {
    for kind in ALL {
        for (size, amplitude) in [(4096, 1.0), (1000, 0.25), (1001, 1e-3)] {
            let spectrum = spectrum_of(&cosine(size, 100.0, amplitude, 0.3), kind);
            let error_db = 20.0 * (f64::from(spectrum.magnitude[100]) / amplitude).log10();
            assert!(error_db.abs() < 0.05, "{kind:?} {size}: {error_db} dB");
        }
    }
}

#[test]
fn dc_and_nyquist_read_their_amplitude() {
    for kind in ALL {
        let constant = spectrum_of(&[-0.5; 64], kind);
        assert!((constant.magnitude[0] - 0.5).abs() < 1e-6, "{kind:?}");
        assert_eq!(constant.phase[0], PI as f32, "{kind:?}");
        let alternating: Vec<f32> = (0..64).map(|n| if n % 2 == 0 { 0.5 } else { -0.5 }).collect();
        let spectrum = spectrum_of(&alternating, kind);
        assert!((spectrum.magnitude[32] - 0.5).abs() < 1e-6, "{kind:?}");
        assert_eq!(spectrum.phase[32], 0.0, "{kind:?}");
    }
}

#[test]
fn the_last_bin_of_an_odd_size_has_a_mirror_image() {
    let spectrum = spectrum_of(&cosine(65, 32.0, 0.5, 0.7), WindowKind::Rectangular);
    assert!((spectrum.magnitude[32] - 0.5).abs() < 1e-6);
}

#[test]
fn phase_is_that_of_a_cosine_at_the_first_sample() {
    for kind in ALL {
        for size in [1024, 999] {
            for phase in [-3.0, -1.0, 0.0, 0.5, 3.1] {
                let read = spectrum_of(&cosine(size, 50.0, 0.8, phase), kind).phase[50];
                assert!(apart(f64::from(read), phase) < 1e-5, "{kind:?} {size} {phase}: {read}");
            }
        }
    }
}

#[test]
fn silence_has_neither_amplitude_nor_phase() {
    let spectrum = spectrum_of(&[0.0; 100], WindowKind::Hann);
    assert!(spectrum.magnitude.iter().chain(&spectrum.phase).all(|value| *value == 0.0));
}

#[test]
fn two_parts_of_a_ring_count_as_one_and_the_last_samples_as_the_window() {
    let samples = cosine(300, 7.3, 0.5, 0.0);
    let mut analyser = SpectrumAnalyser::new(200, WindowKind::Hann);
    let (mut whole, mut parts) = (ChannelSpectrum::default(), ChannelSpectrum::default());
    analyser.analyse([&samples[100..], &[]], &mut whole).unwrap();
    analyser.analyse([&samples[..170], &samples[170..]], &mut parts).unwrap();
    assert_eq!(whole, parts);
    let refused = analyser.analyse([&samples[..100], &samples[100..199]], &mut parts);
    assert_eq!(refused, Err(TooFewSamples { needed: 200, given: 199 }));
    assert_eq!(whole, parts);
}

#[test]
fn a_call_allocates_only_once() {
    let mut analyser = SpectrumAnalyser::new(64, WindowKind::Hann);
    let mut spectrum = ChannelSpectrum::default();
    analyser.analyse([&[0.5; 64], &[]], &mut spectrum).unwrap();
    let (magnitude, phase) = (spectrum.magnitude.as_ptr(), spectrum.phase.as_ptr());
    analyser.analyse([&[0.25; 64], &[]], &mut spectrum).unwrap();
    assert_eq!((magnitude, phase), (spectrum.magnitude.as_ptr(), spectrum.phase.as_ptr()));
}

#[test]
fn bins_stand_from_zero_to_half_the_rate() {
    let mut frequencies = vec![7.0];
    let rate = SampleRate::new(48_000).unwrap();
    SpectrumAnalyser::new(4096, WindowKind::Hann).frequencies(rate, &mut frequencies);
    assert_eq!((frequencies.len(), frequencies[0], frequencies[1]), (2049, 0.0, 11.71875));
    assert_eq!(frequencies[2048], 24_000.0);
    SpectrumAnalyser::new(17, WindowKind::Hann).frequencies(rate, &mut frequencies);
    assert_eq!(frequencies.len(), 9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn agrees_with_a_plain_dft(
        samples in prop::collection::vec(-1.0_f32..1.0, 16..300),
        kind in prop::sample::select(&ALL[..]),
    ) {
        let spectrum = spectrum_of(&samples, kind);
        let reference = plain_dft(&samples, kind);
        prop_assert_eq!(spectrum.magnitude.len(), reference.len());
        let largest = reference.iter().map(|bin| bin.0).fold(0.0, f64::max);
        for (k, (magnitude, phase)) in reference.into_iter().enumerate() {
            prop_assert!((f64::from(spectrum.magnitude[k]) - magnitude).abs() <= 1e-6 * largest, "bin {}", k);
            if magnitude > 1e-3 * largest {
                prop_assert!(apart(f64::from(spectrum.phase[k]), phase) < 1e-6, "bin {}", k);
            }
        }
    }
}
