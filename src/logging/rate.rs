//! Keeps one cause from flooding the log.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::SharedClock;

/// Lets one line through per interval and counts the others.
///
/// ```
/// # use std::time::Duration;
/// # use photophone::{clock::SystemClock, logging::LogEvery};
/// let lost = LogEvery::new(SystemClock::shared(), Duration::from_secs(10));
/// if let Some(suppressed) = lost.pass() {
///     log::error!(samples = 512, suppressed; "Ring full, samples lost");
/// }
/// ```
pub struct LogEvery {
    clock: SharedClock,
    interval_us: u64,
    /// Monotonic time from which the next line may pass.
    next_us: AtomicU64,
    /// Lines held back since the last one that passed.
    suppressed: AtomicU64,
}

impl LogEvery {
    /// Lets the first line through at once.
    pub fn new(clock: SharedClock, interval: Duration) -> Self {
        let interval_us = u64::try_from(interval.as_micros()).unwrap_or(u64::MAX);
        Self { clock, interval_us, next_us: AtomicU64::new(0), suppressed: AtomicU64::new(0) }
    }

    /// Whether a line may be written now: then the number of lines held back since the last one.
    pub fn pass(&self) -> Option<u64> {
        let now_us = self.clock.now_us();
        let next_us = now_us.saturating_add(self.interval_us);
        let due = |at_us| (at_us <= now_us).then_some(next_us);
        if self.next_us.fetch_update(Ordering::AcqRel, Ordering::Acquire, due).is_ok() {
            Some(self.suppressed.swap(0, Ordering::AcqRel))
        } else {
            self.suppressed.fetch_add(1, Ordering::AcqRel);
            None
        }
    }
}

impl std::fmt::Debug for LogEvery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogEvery").field("interval_us", &self.interval_us).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn one_line_per_interval_says_how_many_were_held_back() {
        let clock = ManualClock::starting_at(0);
        let every = LogEvery::new(clock.clone(), Duration::from_secs(10));
        assert_eq!(every.pass(), Some(0));
        assert_eq!(every.pass(), None);
        clock.advance_us(9_999_999);
        assert_eq!(every.pass(), None);
        clock.advance_us(1);
        assert_eq!(every.pass(), Some(2));
        clock.advance_us(60_000_000);
        assert_eq!(every.pass(), Some(0));
    }
}
