//! Phases as functions of the sample index, in integers: no error grows with time, whatever index is asked for.

use super::scenario::{CHIRP_FROM_HZ, CHIRP_SECS, CHIRP_TO_HZ};

/// A steady oscillation: phase = frequency · n / rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Oscillator {
    /// Frequency in units of 1 nHz, to which it is rounded.
    frequency_nhz: u64,
    /// Rate in the same unit.
    rate_nhz: u64,
}

impl Oscillator {
    pub(super) fn new(frequency_hz: f64, rate_hz: u32) -> Self {
        Self { frequency_nhz: (frequency_hz * 1e9).round() as u64, rate_nhz: u64::from(rate_hz) * 1_000_000_000 }
    }

    /// Phase of sample `n` in turns, from 0 up to but not including 1.
    pub(super) fn turns(&self, n: u64) -> f64 {
        let turns = u128::from(n) * u128::from(self.frequency_nhz) % u128::from(self.rate_nhz);
        turns as f64 / self.rate_nhz as f64
    }
}

/// A linear sweep, repeated: after m samples of its period, phase = (from · t + (to − from) · t² / 2T) with t = m / rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    rate_hz: u64,
    from_hz: u64,
    to_hz: u64,
}

impl Sweep {
    pub(super) fn new(rate_hz: u32) -> Self {
        let highest_hz = u64::from(rate_hz) * 9 / 20;
        Self {
            rate_hz: rate_hz.into(),
            from_hz: CHIRP_FROM_HZ.into(),
            to_hz: highest_hz.clamp(CHIRP_FROM_HZ.into(), CHIRP_TO_HZ.into()),
        }
    }

    /// Samples until the sweep starts again.
    pub(super) fn period(&self) -> u64 {
        u64::from(CHIRP_SECS) * self.rate_hz
    }

    /// Phase of sample `n` in turns, from 0 up to but not including 1.
    pub(super) fn turns(&self, n: u64) -> f64 {
        let m = u128::from(n % self.period());
        // Both terms over the common denominator 2 · T · rate², where T · rate is the period.
        let denominator = u128::from(2 * self.period()) * u128::from(self.rate_hz);
        let steady = u128::from(2 * self.period() * self.from_hz) * m;
        let rising = u128::from(self.to_hz - self.from_hz) * m * m;
        ((steady + rising) % denominator) as f64 / denominator as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_oscillation_is_as_exact_after_years_as_at_the_start() {
        let oscillator = Oscillator::new(1000.0, 48_000);
        for n in [0_u64, 1, 7, 47] {
            assert_eq!(oscillator.turns(n), n as f64 / 48.0);
            assert_eq!(oscillator.turns(n + 48 * (1 << 46)), n as f64 / 48.0);
        }
        let fractional = Oscillator::new(0.1, 1000);
        assert_eq!(fractional.turns(10_000 * (1 << 38) + 2500), 0.25);
    }

    #[test]
    fn a_sweep_runs_from_its_first_to_its_last_frequency_and_repeats_without_a_step() {
        for (rate_hz, to_hz) in [(48_000, 20_000.0), (8000, 3600.0), (1000, 450.0)] {
            let sweep = Sweep::new(rate_hz);
            let step = |n: u64| (sweep.turns(n + 1) - sweep.turns(n)).rem_euclid(1.0) * f64::from(rate_hz);
            assert!((step(0) - 20.0).abs() < 1.0, "{rate_hz}: {}", step(0));
            assert!((step(sweep.period() - 1) - to_hz).abs() < 1.0, "{rate_hz}: {}", step(sweep.period() - 1));
            assert!((step(sweep.period() / 2) - (20.0 + to_hz) / 2.0).abs() < 1.0);
            assert_eq!(sweep.turns(0), 0.0);
            assert_eq!(sweep.turns(1234 + 1000 * sweep.period()), sweep.turns(1234));
        }
    }
}
