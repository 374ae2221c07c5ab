//! Tests of the filter against a plain convolution and by test tones.

use std::f64::consts::TAU;

use proptest::prelude::*;

use super::*;
use crate::feed::decimate::{PASS_EDGE, STOP_BAND_DB};
use crate::feed::test_frames::sample;

fn outputs(fir: &mut DecimatingFir, channel_a: &[f32], channel_b: &[f32]) -> Vec<Pair> {
    let mut outputs = Vec::new();
    fir.push(channel_a, channel_b, |pair| outputs.push(pair));
    outputs
}

fn channel(which: usize, first: u64, samples: u64) -> Vec<f32> {
    (first..first + samples).map(|index| sample(which, index)).collect()
}

/// Σ h[k] x[n + D − k], term after term.
fn convolved(coefficients: &[f64], which: usize, n: u64) -> f64 {
    let delay = (coefficients.len() / 2) as u64;
    let input = |k: usize| f64::from(sample(which, n + delay - k as u64));
    coefficients.iter().enumerate().map(|(k, h)| h * input(k)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn outputs_are_the_convolution_at_the_multiples_of_the_factor(
        factor in 1_u64..=16, first in 0_u64..5000, pushes in prop::collection::vec(1_u64..900, 1..8),
    ) {
        let mut fir = DecimatingFir::new(factor);
        fir.restart(first);
        let coefficients = fir.coefficients();
        let mut n = fir.next_output();
        prop_assert_eq!(n, (first + fir.delay_samples()).div_ceil(factor) * factor);
        let mut end = first;
        for samples in pushes {
            let (a, b) = (channel(0, end, samples), channel(1, end, samples));
            end += samples;
            for [a, b] in outputs(&mut fir, &a, &b) {
                prop_assert!((a - convolved(&coefficients, 0, n)).abs() < 1e-14);
                prop_assert!((b - convolved(&coefficients, 1, n)).abs() < 1e-14);
                n += factor;
            }
            prop_assert_eq!(n, fir.next_output());
            prop_assert!(n + fir.delay_samples() >= end);
        }
    }
}

/// Peak of the outputs for a tone of amplitude 1 at `fraction` of the new Nyquist frequency.
fn tone(factor: u64, fraction: f64) -> f64 {
    let mut fir = DecimatingFir::new(factor);
    let radians = TAU / 2.0 * fraction / factor as f64;
    let samples: Vec<f32> = (0..20_000).map(|n| (radians * f64::from(n)).cos() as f32).collect();
    outputs(&mut fir, &samples, &[]).iter().map(|[a, _]| a.abs()).fold(0.0, f64::max)
}

#[test]
fn tones_pass_up_to_the_edge_and_none_aliases() {
    for factor in [2, 5, 16] {
        for fraction in [0.01, 0.5, PASS_EDGE] {
            let db = 20.0 * tone(factor, fraction).log10();
            assert!(db.abs() < 0.01, "{factor} {fraction}: {db} dB");
        }
        for fraction in [1.0, 1.003, 1.1, 1.5, 1.9] {
            let db = 20.0 * tone(factor, fraction).log10();
            assert!(db < -STOP_BAND_DB, "{factor} {fraction}: {db} dB");
        }
    }
}

#[test]
fn a_cosine_stays_where_it_is_in_time() {
    let mut fir = DecimatingFir::new(7);
    let radians = 0.05;
    let samples: Vec<f32> = (0..8000).map(|n| (radians * f64::from(n)).cos() as f32).collect();
    let first = fir.next_output();
    for (n, [a, _]) in outputs(&mut fir, &samples, &[]).into_iter().enumerate() {
        let index = first as f64 + 7.0 * n as f64;
        assert!((a - (radians * index).cos()).abs() < 2e-5, "{index}");
    }
}

#[test]
fn dc_passes_unchanged_and_mono_leaves_the_other_channel_silent() {
    let mut fir = DecimatingFir::new(4);
    let outputs = outputs(&mut fir, &[0.5; 2000], &[]);
    assert!(outputs.iter().all(|[a, b]| (a - 0.5).abs() < 1e-15 && *b == 0.0));
    assert_eq!(outputs.len(), (2000 - 2 * 260_usize).div_ceil(4));
}
