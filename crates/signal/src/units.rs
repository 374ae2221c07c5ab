//! Units that are types: the sample rate, and levels in decibels.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// Samples per second and channel, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SampleRate(NonZeroU32);

impl SampleRate {
    /// A rate in hertz; none for zero.
    pub fn new(hz: u32) -> Option<Self> {
        NonZeroU32::new(hz).map(Self)
    }

    /// The rate in hertz.
    pub fn hz(self) -> u32 {
        self.0.get()
    }

    /// Duration of `samples` in microseconds, rounded down; `u64::MAX`, which is 584 thousand years, for what is longer.
    pub fn micros_of(self, samples: u64) -> u64 {
        saturated(u128::from(samples) * 1_000_000 / u128::from(self.hz()))
    }

    /// Samples in `micros` microseconds, rounded down; `u64::MAX` for more than that.
    pub fn samples_in(self, micros: u64) -> u64 {
        saturated(u128::from(micros) * u128::from(self.hz()) / 1_000_000)
    }

    /// The time of sample `to` when sample `from` was taken at `time_us`, at the nominal rate.
    ///
    /// Both indices are rounded down to microseconds before they are subtracted, so that the result equals what a frame
    /// starting at `to` carries when a timeline adds `micros_of(first_sample)` to a fixed origin; it is within 1 µs of
    /// the exact distance in any case.
    pub fn shift_us(self, time_us: u64, from: u64, to: u64) -> u64 {
        (time_us + self.micros_of(to)).saturating_sub(self.micros_of(from))
    }
}

fn saturated(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Peak level in dBFS: 0 dBFS is a sample at full scale. None for silence, whose level is −∞.
pub fn peak_dbfs(peak: f32) -> Option<f64> {
    (peak > 0.0).then(|| 20.0 * f64::from(peak).log10())
}

/// RMS level in dBFS where a full-scale sine reads 0 dBFS (AES17-2020 §3.12: the reference is the RMS of a sine
/// whose peaks touch full scale, 1/√2). None for silence.
pub fn rms_dbfs(mean_square: f64) -> Option<f64> {
    (mean_square > 0.0).then(|| 10.0 * (2.0 * mean_square).log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_scale_sine_reads_zero_dbfs_on_both_scales() {
        assert_eq!(peak_dbfs(1.0), Some(0.0));
        assert_eq!(rms_dbfs(0.5), Some(0.0));
        assert_eq!(peak_dbfs(0.0), None);
        assert_eq!(rms_dbfs(0.0), None);
    }

    #[test]
    fn what_does_not_fit_is_the_longest_time_and_not_a_short_one() {
        let rate = |hz| SampleRate::new(hz).unwrap();
        let index = crate::MAX_SAMPLE_INDEX;
        assert_eq!(rate(489).micros_of(index), (u128::from(index) * 1_000_000 / 489) as u64);
        assert_eq!(rate(488).micros_of(index), u64::MAX);
        assert_eq!(rate(1).micros_of(u64::MAX), u64::MAX);
        assert_eq!(rate(1_000_001).samples_in(u64::MAX), u64::MAX);
        assert_eq!(rate(1_000_000).samples_in(u64::MAX), u64::MAX);
    }

    #[test]
    fn times_stay_exact_at_the_largest_index() {
        let rate = SampleRate::new(44_100).unwrap();
        let index = crate::MAX_SAMPLE_INDEX;
        let micros = rate.micros_of(index);
        assert!(rate.samples_in(micros) <= index && index - rate.samples_in(micros) <= 1);
    }
}
