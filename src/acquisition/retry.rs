//! When to open the source again: at once, then after 100 ms, doubling up to a configured longest wait.

/// Wait before the second attempt, in microseconds.
const FIRST_WAIT_US: u64 = 100_000;

/// Attempts since samples last flowed.
#[derive(Debug)]
pub(super) struct Retry {
    wait_max_us: u64,
    wait_us: u64,
    due_us: u64,
}

impl Retry {
    pub(super) fn new(wait_max_us: u64) -> Self {
        Self { wait_max_us, wait_us: FIRST_WAIT_US, due_us: 0 }
    }

    /// The longest wait; samples that flow for this long have cured the source.
    pub(super) fn wait_max_us(&self) -> u64 {
        self.wait_max_us
    }

    pub(super) fn due_us(&self) -> u64 {
        self.due_us
    }

    pub(super) fn is_due(&self, now_us: u64) -> bool {
        now_us >= self.due_us
    }

    /// An attempt is made now; the next one is due after the current wait.
    pub(super) fn count_attempt(&mut self, now_us: u64) {
        self.due_us = now_us + self.wait_us;
        self.wait_us = (self.wait_us * 2).min(self.wait_max_us);
    }

    /// Samples flow.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.wait_max_us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_100_ms_to_the_longest() {
        let mut retry = Retry::new(2_000_000);
        let mut now_us = 5;
        let mut waits = Vec::new();
        for _ in 0..7 {
            assert!(retry.is_due(now_us));
            retry.count_attempt(now_us);
            waits.push((retry.due_us() - now_us) / 1000);
            now_us = retry.due_us();
        }
        assert_eq!(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
        retry.reset();
        assert!(retry.is_due(0));
    }
}
