//! The pacer: when a sample of a file or simulation is due, by the sample clock, without drift.

use photophone_signal::units::SampleRate;

use super::PaceInfo;
use crate::clock::SharedClock;
use crate::config::Pace;

/// Ties sample indices to this machine's clock: index 0 is due at the start, every other at its exact distance.
pub struct Pacer {
    clock: SharedClock,
    start_us: u64,
    rate: SampleRate,
    pace: Pace,
}

impl Pacer {
    /// A pacer whose sample 0 is due now.
    pub fn starting_now(clock: SharedClock, rate: SampleRate, pace: Pace) -> Self {
        let start_us = clock.now_us();
        Self { clock, start_us, rate, pace }
    }

    /// Monotonic time at which sample `index` is due; at pace `fast` that is always now.
    pub fn due_us(&self, index: u64) -> u64 {
        match self.pace {
            Pace::Realtime => self.start_us + self.rate.micros_of(index),
            Pace::Factor(factor) => self.start_us + (self.rate.micros_of(index) as f64 / factor) as u64,
            Pace::Fast => self.clock.now_us(),
        }
    }

    /// Waits until sample `index` is due, at most until `deadline_us`; says whether it is due. What is due already is
    /// due whatever the deadline, and at pace `fast` that is everything.
    pub fn wait_for(&self, index: u64, deadline_us: u64) -> bool {
        let due_us = self.due_us(index);
        self.clock.sleep_until_us(due_us.min(deadline_us));
        due_us <= self.clock.now_us()
    }

    /// Samples in `millis` of this machine's time, at least one: blocks of a slow pace are short, so that samples still
    /// come often. At pace `fast` as many as in real time.
    pub fn samples_in_ms(&self, millis: u64) -> u64 {
        let factor = if let Pace::Factor(factor) = self.pace { factor.min(1.0) } else { 1.0 };
        ((self.rate.samples_in(millis * 1000) as f64 * factor) as u64).max(1)
    }

    /// How this pace is told to users.
    pub fn info(&self) -> PaceInfo {
        match self.pace {
            Pace::Realtime => PaceInfo::Clock { factor: 1.0 },
            Pace::Factor(factor) => PaceInfo::Clock { factor },
            Pace::Fast => PaceInfo::Fast,
        }
    }
}
