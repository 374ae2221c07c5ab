//! Seeded randomness addressed by index: the noise of sample n is a function of the seed and n alone.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Words of 32 bits that one index takes: two u64.
const WORDS_PER_INDEX: u128 = 4;

/// What a stream of random numbers is for; streams of one seed are independent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Background noise of the microphones.
    Noise = 0,
    /// Places of the dropouts.
    Dropouts = 1,
}

/// A stream of pairs of random u64: ChaCha8 with the seed (little-endian, then zeros) as key, read from any index on.
pub(super) struct Pairs(ChaCha8Rng);

impl Pairs {
    /// The pairs from `index` on.
    pub(super) fn starting_at(seed: u64, purpose: Purpose, index: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(purpose as u64);
        rng.set_word_pos(u128::from(index) * WORDS_PER_INDEX);
        Self(rng)
    }

    /// The pair of the next index.
    pub(super) fn next_pair(&mut self) -> (u64, u64) {
        (self.0.next_u64(), self.0.next_u64())
    }
}

/// A pair of random u64 as two independent values of the standard normal distribution: Box & Muller, Ann. Math.
/// Statist. 29, 610 (1958), exact but for the 53 bits of its input, which end the tails at 8.57 σ.
pub(super) fn standard_normal((radial, angular): (u64, u64)) -> (f64, f64) {
    // (0, 1], so that the logarithm is finite; and [0, 1).
    let u = ((radial >> 11) + 1) as f64 / (1_u64 << 53) as f64;
    let v = (angular >> 11) as f64 / (1_u64 << 53) as f64;
    let radius = (-2.0 * u.ln()).sqrt();
    let (sine, cosine) = (TAU * v).sin_cos();
    (radius * cosine, radius * sine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_depends_on_its_index_alone() {
        let mut from_start = Pairs::starting_at(7, Purpose::Noise, 0);
        for index in 0..100 {
            let pair = from_start.next_pair();
            assert_eq!(Pairs::starting_at(7, Purpose::Noise, index).next_pair(), pair);
            assert_ne!(Pairs::starting_at(8, Purpose::Noise, index).next_pair(), pair);
            assert_ne!(Pairs::starting_at(7, Purpose::Dropouts, index).next_pair(), pair);
        }
    }

    #[test]
    fn extreme_words_give_finite_values() {
        for pair in [(0, 0), (u64::MAX, u64::MAX), (0, u64::MAX), (u64::MAX, 0)] {
            let (x, y) = standard_normal(pair);
            assert!(x.abs() < 8.6 && y.abs() < 8.6, "{x} {y}");
        }
    }

    #[test]
    fn values_are_normal_and_independent() {
        const COUNT: usize = 200_000;
        let mut pairs = Pairs::starting_at(1, Purpose::Noise, 0);
        let values: Vec<(f64, f64)> = (0..COUNT).map(|_| standard_normal(pairs.next_pair())).collect();
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| values.iter().map(of).sum::<f64>() / COUNT as f64;
        let beyond = |limit: f64| mean(&|v| f64::from(u8::from(v.0.abs() > limit)));
        // Five standard errors of each estimate.
        for (name, estimate, expected, standard_error) in [
            ("mean of x", mean(&|v| v.0), 0.0, 1.0),
            ("mean of y", mean(&|v| v.1), 0.0, 1.0),
            ("variance of x", mean(&|v| v.0 * v.0), 1.0, 2.0_f64.sqrt()),
            ("variance of y", mean(&|v| v.1 * v.1), 1.0, 2.0_f64.sqrt()),
            ("fourth moment", mean(&|v| v.0.powi(4)), 3.0, 96.0_f64.sqrt()),
            ("covariance", mean(&|v| v.0 * v.1), 0.0, 1.0),
            ("beyond 1 sigma", beyond(1.0), 0.317_310_5, 0.4654),
            ("beyond 3 sigma", beyond(3.0), 0.002_699_8, 0.0519),
        ] {
            let tolerance = 5.0 * standard_error / (COUNT as f64).sqrt();
            assert!((estimate - expected).abs() < tolerance, "{name}: {estimate}");
        }
    }
}
