//! Which samples the simulated device loses: a function of seed and index alone.

use std::ops::Range;

use super::noise::{Pairs, Purpose};
use super::scenario::{DROPOUT_EVERY_SECS, DROPOUT_MAX_MS, STALL_EVERY_SECS, STALL_SECS};

/// A schedule of losses: none, or one in each period.
#[derive(Clone, Copy, Debug)]
pub(super) enum Losses {
    None,
    /// Anywhere in the period, of any length up to a limit.
    Dropouts {
        seed: u64,
        rate_hz: u64,
    },
    /// The end of the period.
    Stalls {
        rate_hz: u64,
    },
}

impl Losses {
    /// The first lost samples at or after `n`, without those before `n`; none when no more are lost.
    pub(super) fn next(&self, n: u64) -> Option<Range<u64>> {
        let period = n / self.period()?;
        let this = self.in_period(period)?;
        let next = if this.end > n { this } else { self.in_period(period + 1)? };
        Some(next.start.max(n)..next.end)
    }

    fn period(&self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Dropouts { rate_hz, .. } => Some(rate_hz * u64::from(DROPOUT_EVERY_SECS)),
            Self::Stalls { rate_hz } => Some(rate_hz * u64::from(STALL_EVERY_SECS)),
        }
    }

    fn in_period(&self, number: u64) -> Option<Range<u64>> {
        let period = self.period()?;
        let period_start = number * period;
        match *self {
            Self::None => None,
            Self::Dropouts { seed, rate_hz } => {
                let (place, length) = Pairs::starting_at(seed, Purpose::Dropouts, number).next_pair();
                // Starts in the middle half, so that with its length it stays within its period.
                let start = period_start + period / 4 + place % (period / 2);
                Some(start..start + 1 + length % (rate_hz * u64::from(DROPOUT_MAX_MS) / 1000))
            }
            Self::Stalls { rate_hz } => {
                let end = period_start + period;
                Some(end - rate_hz * u64::from(STALL_SECS)..end)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_has_one_dropout_that_depends_on_the_seed() {
        let losses = Losses::Dropouts { seed: 1, rate_hz: 48_000 };
        let mut places = Vec::new();
        let mut n = 0;
        for second in 0..100 {
            let lost = losses.next(n).unwrap();
            assert!(lost.start > second * 48_000 && lost.end < (second + 1) * 48_000, "{lost:?}");
            assert!(!lost.is_empty() && lost.end - lost.start <= 4800, "{lost:?}");
            assert_eq!(losses.next(lost.start), Some(lost.clone()));
            assert_eq!(losses.next(lost.end - 1), Some(lost.end - 1..lost.end));
            n = lost.end;
            places.push(lost.start % 48_000);
        }
        places.sort_unstable();
        places.dedup();
        assert!(places.len() > 90);
        assert_ne!(Losses::Dropouts { seed: 2, rate_hz: 48_000 }.next(0), losses.next(0));
    }

    #[test]
    fn stalls_end_their_period() {
        let losses = Losses::Stalls { rate_hz: 1000 };
        assert_eq!(losses.next(0), Some(7000..10_000));
        assert_eq!(losses.next(10_000), Some(17_000..20_000));
        assert_eq!(Losses::None.next(0), None);
    }
}
