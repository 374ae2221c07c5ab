//! The low-pass: one to four identical one-pole stages over the products of both channels with the oscillator.

use num_complex::Complex;

use super::oscillator::turned;

/// X and Y of channel A, X and Y of channel B: side by side, so that one instruction serves several.
type Lanes = [f64; 4];

/// Below this a state counts as zero. A signal that ends would otherwise fade into denormal numbers, which cost a
/// hundred times as much.
const NOTHING: f64 = 1e-150;

/// `y[n] = b y[n−1] + (1 − b) x[n]` with `b = e^(−1/τ)`, τ in samples, once per stage.
///
/// The factors (1 − b) are left out of the loop and applied to the output, all at once.
#[derive(Debug)]
pub(super) struct LowPass {
    poles: usize,
    decay: f64,
    /// Stages that are not used stay zero.
    stages: [Lanes; 4],
}

impl LowPass {
    /// One to four poles of this time constant, at rest.
    pub(super) fn new(poles: usize, tau_samples: f64) -> Self {
        Self { poles, decay: (-1.0 / tau_samples).exp(), stages: [[0.0; 4]; 4] }
    }

    /// Back to rest.
    pub(super) fn reset(&mut self) {
        self.stages = [[0.0; 4]; 4];
    }

    /// Takes the samples of both channels, multiplied by the phasors; as many as the shortest of the three has.
    pub(super) fn run(&mut self, phasors: &[Complex<f64>], channel_a: &[f32], channel_b: &[f32]) {
        match self.poles {
            1 => self.run_stages::<1>(phasors, channel_a, channel_b),
            2 => self.run_stages::<2>(phasors, channel_a, channel_b),
            3 => self.run_stages::<3>(phasors, channel_a, channel_b),
            _ => self.run_stages::<4>(phasors, channel_a, channel_b),
        }
    }

    fn run_stages<const POLES: usize>(&mut self, phasors: &[Complex<f64>], channel_a: &[f32], channel_b: &[f32]) {
        let decay = self.decay;
        let mut stages = [[0.0; 4]; POLES];
        stages.copy_from_slice(&self.stages[..POLES]);
        for ((phasor, a), b) in phasors.iter().zip(channel_a).zip(channel_b) {
            let (a, b) = (f64::from(*a), f64::from(*b));
            let mut lanes = [a * phasor.re, a * phasor.im, b * phasor.re, b * phasor.im];
            for stage in &mut stages {
                for (state, input) in stage.iter_mut().zip(lanes) {
                    *state = *state * decay + input;
                }
                lanes = *stage;
            }
        }
        self.stages[..POLES].copy_from_slice(&stages);
    }

    /// Sets states that have faded away to zero. To be called on a grid of indices, for equal results.
    pub(super) fn settle_to_zero(&mut self) {
        for state in self.stages.as_flattened_mut() {
            if state.abs() < NOTHING {
                *state = 0.0;
            }
        }
    }

    /// The output of the last stage: channel A and B, each X + iY.
    pub(super) fn output(&self) -> [Complex<f64>; 2] {
        let gain = (1.0 - self.decay).powi(self.poles as i32);
        let [ax, ay, bx, by] = self.stages[self.poles - 1].map(|state| state * gain);
        [Complex::new(ax, ay), Complex::new(bx, by)]
    }

    /// What a constant input of 1 has become after `samples` from rest, 0 to 1.
    pub(super) fn step_response(&self, samples: u64) -> f64 {
        self.response(samples, 0).re
    }

    /// What an input of amplitude 1 has become after `samples` from rest, relative to its last value, if it turns back by
    /// `rotation` (in 2^−128 turn) per sample:
    /// `((1 − b) / (1 − z))^n · (1 − Σ_{k<n} C(M, k) (1 − z)^k z^(M−k))`, z = b e^i·rotation, M = samples + n − 1, for n
    /// poles. The impulse response of n equal stages is a negative binomial distribution; at z = b this is its
    /// distribution function, which is a polynomial and so holds for complex numbers, too.
    pub(super) fn response(&self, samples: u64, rotation: u128) -> Complex<f64> {
        let trials = samples + self.poles as u64 - 1;
        let gain = 1.0 - self.decay;
        let z = turned(rotation) * self.decay;
        let faded = (trials as f64 * (-gain).ln_1p()).exp();
        let mut term = turned(rotation.wrapping_mul(u128::from(trials))) * faded;
        let mut missing = Complex::<f64>::ZERO;
        for k in 0..self.poles {
            missing += term;
            term *= (1.0 - z) / z * (trials as f64 - k as f64) / (k as f64 + 1.0);
        }
        (gain / (1.0 - z)).powi(self.poles as i32) * (1.0 - missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 48_000.0;

    /// Poles, τ in seconds, after 1200 samples: a step; an input turning back at 300 Hz, relative to its last value.
    /// `scipy.signal.lfilter([1 - b], [1, -b], x)`, once per pole, scipy 1.10.1.
    const SCIPY: [(usize, f64, f64, f64, f64); 5] = [
        (1, 0.01, 0.9179150013760898, 0.00416018449875415, 0.05717831765363304),
        (2, 0.01, 0.7129161194643185, -0.0022172192636400476, 0.011271975774210815),
        (3, 0.002, 0.9996615614867465, -0.012497523104994558, -0.011220950213960013),
        (4, 0.01, 0.24309173672187487, 0.00011134651823783563, 0.011360239647460456),
        (4, 0.0005, 0.9999999999999932, -0.2751405718768171, 0.05474643931048717),
    ];

    fn turn_back(hz: f64, index: u32) -> Complex<f64> {
        Complex::cis(-std::f64::consts::TAU * hz / RATE_HZ * f64::from(index))
    }

    #[test]
    fn its_output_and_the_formula_are_those_of_scipy() {
        for (poles, tau_s, step, re, im) in SCIPY {
            let mut low_pass = LowPass::new(poles, tau_s * RATE_HZ);
            let input: Vec<_> = (0..1200).map(|index| turn_back(300.0, index)).collect();
            low_pass.run(&input, &[1.0; 1200], &[-2.0; 1200]);
            let [a, b] = low_pass.output();
            let turned_back = Complex::new(re, im);
            assert!((a / turn_back(300.0, 1199) - turned_back).norm() < 1e-11, "{a}");
            assert!((b + 2.0 * a).norm() < 1e-14, "{b}");
            let rotation = (u128::MAX / 160) + 1;
            assert!((low_pass.response(1200, rotation) - turned_back).norm() < 1e-11);
            assert!((low_pass.step_response(1200) - step).abs() < 1e-12);
            low_pass.reset();
            low_pass.run(&[Complex::ONE; 1200], &[1.0; 1200], &[0.0; 1200]);
            assert!((low_pass.output()[0].re - step).abs() < 1e-12);
        }
    }

    #[test]
    fn a_thousand_seconds_at_the_highest_rate_still_sum_up_to_one() {
        let low_pass = LowPass::new(4, 1000.0 * 192_000.0);
        // Poisson: the chance of at least four events where ten are expected, and one.
        assert!((low_pass.step_response(1_920_000_000) - 0.989663949).abs() < 1e-7);
        assert!((low_pass.step_response(192_000_000) - 0.018988157).abs() < 1e-7);
    }

    #[test]
    fn what_fades_away_ends_at_zero() {
        let mut low_pass = LowPass::new(4, 48.0);
        low_pass.run(&[Complex::ONE; 128], &[1.0; 128], &[1.0; 128]);
        for _ in 0..200 {
            low_pass.run(&[Complex::ONE; 128], &[0.0; 128], &[0.0; 128]);
            low_pass.settle_to_zero();
            assert!(low_pass.stages.as_flattened().iter().all(|state| *state == 0.0 || state.is_normal()));
        }
        assert_eq!(low_pass.output(), [Complex::ZERO; 2]);
    }
}
