//! Noise: a tone found in it, and its density.

use super::*;

const RATE_HZ: u32 = 48_000;

/// Gaussian white noise of this RMS value: SplitMix64 and the Box–Muller transform.
pub(super) fn white(rms: f64, seed: u64, samples: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x2545_F491_4F6C_DD1D);
    let mut uniform = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 2.0_f64.powi(53)
    };
    let mut gaussian = || (-2.0 * (1.0 - uniform()).ln()).sqrt() * (TAU * uniform()).cos();
    (0..samples).map(|_| (rms * gaussian()) as f32).collect()
}

/// −100 dBFS is 10⁻⁵ of full scale, here 40 dB below the noise. Of noise of the one-sided density S = rms² / (rate / 2),
/// X and Y keep √(2 S · bandwidth) as standard deviation.
#[test]
fn a_tone_of_minus_100_dbfs_is_found_within_three_sigma() {
    let (rms, tau_s) = (1e-3, 0.1);
    let samples = 2 * RATE_HZ as usize;
    let carrier = tone(1234.5, 1e-5, 1.0, RATE_HZ, 0..samples as u64);
    for slope_db in [6, 24] {
        let settings = settings("1234.5", tau_s, slope_db);
        let density = rms * rms / f64::from(RATE_HZ / 2);
        let sigma = (2.0 * density * settings.bandwidth_hz()).sqrt();
        let mut squares = 0.0;
        for seed in 0..10 {
            let a = sum(&carrier, &white(rms, 2 * seed, samples));
            let b = sum(&carrier, &white(rms, 2 * seed + 1, samples));
            let last = *readings(&settings, RATE_HZ, 0, &a, &b).last().unwrap();
            for read in [last.channel_a.unwrap(), last.channel_b.unwrap()] {
                let (x, y) = ((read.x - 1e-5 * 1.0_f64.cos()) / sigma, (read.y - 1e-5 * 1.0_f64.sin()) / sigma);
                assert!(x.abs() < 3.0 && y.abs() < 3.0, "{x} {y} σ, seed {seed}");
                squares += x * x + y * y;
            }
        }
        // χ² of 40 values, 99.8 %.
        assert!((17.9..73.4).contains(&squares), "{squares}");
    }
}

#[test]
fn a_longer_time_constant_finds_it_more_closely() {
    let settings = settings("1234.5", 2.0, 24);
    let samples = 25 * RATE_HZ as usize;
    let a = sum(&tone(1234.5, 1e-5, 1.0, RATE_HZ, 0..samples as u64), &white(1e-3, 5, samples));
    let last = *readings(&settings, RATE_HZ, 0, &a, &a).last().unwrap();
    let read = last.channel_a.unwrap();
    let sigma = (2.0 * 1e-6 / 24_000.0 * settings.bandwidth_hz()).sqrt();
    assert!((read.amplitude - 1e-5).abs() < 3.0 * sigma && sigma < 2e-6, "{read:?}");
}

#[test]
fn the_density_is_that_of_the_noise_and_not_of_the_tone() {
    for slope_db in [6, 12, 18, 24] {
        // 63 steps of 1/(2 · bandwidth) and the settling.
        let settings = settings("3000", 0.01, slope_db);
        let samples = 5 * RATE_HZ as usize;
        let a = sum(&tone(3000.0, 0.9, 0.0, RATE_HZ, 0..samples as u64), &white(1e-4, 9, samples));
        let b = white(1e-3, 10, samples);
        let readings = readings(&settings, RATE_HZ, 0, &a, &b);
        let step_s = 0.5 / settings.bandwidth_hz();
        let first = readings.iter().find(|reading| reading.noise_s.is_some()).unwrap();
        assert!((first.noise_s.unwrap() - 15.0 * step_s).abs() < 1e-3 && first.age_tau > 15.0);
        let last = readings.last().unwrap();
        assert!((last.noise_s.unwrap() - 63.0 * step_s).abs() < 1e-3);
        for (read, rms) in [(last.channel_a, 1e-4), (last.channel_b, 1e-3)] {
            let truth = rms / f64::from(RATE_HZ / 2).sqrt();
            let density = read.unwrap().noise_density.unwrap();
            // Three standard errors of 1/√(4 · 63).
            assert!((density / truth - 1.0).abs() < 0.19, "{slope_db} dB: {density} against {truth}");
        }
    }
}
