//! Events per second: counted by the second, told of the seconds that are over.

/// Seconds over which the rate is told.
const SPAN_SECS: u64 = 10;

/// Seconds that are remembered: those and the one that goes on.
const BUCKETS: usize = SPAN_SECS as usize + 1;

/// Counts by the second; time is monotonic, from the creation on.
pub(super) struct Rate {
    origin_us: u64,
    buckets: [u64; BUCKETS],
    newest_sec: u64,
}

impl Rate {
    pub(super) fn new(now_us: u64) -> Self {
        Self { origin_us: now_us, buckets: [0; BUCKETS], newest_sec: 0 }
    }

    pub(super) fn count(&mut self, now_us: u64) {
        let now_sec = self.advance(now_us);
        self.buckets[bucket_of(now_sec)] += 1;
    }

    /// Events per second over the last 10 whole seconds, or as many as there were; 0 during the first.
    pub(super) fn per_second(&mut self, now_us: u64) -> f64 {
        let now_sec = self.advance(now_us);
        let whole_secs = now_sec.min(SPAN_SECS);
        let counted: u64 = (now_sec - whole_secs..now_sec).map(|second| self.buckets[bucket_of(second)]).sum();
        if whole_secs == 0 { 0.0 } else { counted as f64 / whole_secs as f64 }
    }

    /// The second that goes on; empties the buckets of those since the last that was counted.
    fn advance(&mut self, now_us: u64) -> u64 {
        let now_sec = (now_us.saturating_sub(self.origin_us) / 1_000_000).max(self.newest_sec);
        for second in (self.newest_sec + 1..=now_sec).rev().take(BUCKETS) {
            self.buckets[bucket_of(second)] = 0;
        }
        self.newest_sec = now_sec;
        now_sec
    }
}

fn bucket_of(second: u64) -> usize {
    (second % BUCKETS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_of_whole_seconds_alone() {
        let mut rate = Rate::new(5);
        let at = |secs: f64| 5 + (secs * 1e6) as u64;
        (0..30).for_each(|_| rate.count(at(0.9)));
        assert_eq!(rate.per_second(at(0.99)), 0.0);
        assert_eq!(rate.per_second(at(1.0)), 30.0);
        (0..10).for_each(|_| rate.count(at(1.5)));
        assert_eq!(rate.per_second(at(1.9)), 30.0);
        assert_eq!(rate.per_second(at(2.0)), 20.0);
        assert_eq!(rate.per_second(at(10.9)), 4.0);
        assert_eq!(rate.per_second(at(11.0)), 1.0);
        assert_eq!(rate.per_second(at(12.0)), 0.0);
        rate.count(at(1000.0));
        assert_eq!(rate.per_second(at(1001.0)), 0.1);
        assert_eq!(rate.per_second(at(5000.0)), 0.0);
    }
}
