//! How many different users there were in a window: counted while that is cheap, estimated beyond.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};

use serde::{Deserialize, Serialize};

use super::sliding::{RELATIVE_ERROR, SlidingHyperLogLog};

/// How many different users there were in a window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct UniqueUsers {
    /// Their number.
    pub count: u64,
    /// Whether it is estimated: the window has more users than are counted one by one.
    pub is_estimate: bool,
    /// Standard error of the estimate as a fraction of the truth, 0 of a count: two of three estimates are nearer, 95 of
    /// 100 are within twice as much.
    pub relative_error: f64,
}

/// The users that were seen last, one by one, and all of the last hour in a sketch.
///
/// A user is known by a keyed 64-bit hash (SipHash with a random key): nobody outside can make two collide, and among
/// 4096 two do once in 10^12 times. Memory does not depend on how long the names are.
pub(super) struct Users {
    hasher: RandomState,
    last_seconds: HashMap<u64, u32>,
    by_second: BTreeSet<(u32, u64)>,
    exact_max: usize,
    remembered_secs: u32,
    /// When the last of those was seen that had to make room: windows that begin later are counted.
    forgotten: Option<u32>,
    sketch: SlidingHyperLogLog,
}

impl Users {
    /// Nobody yet. Up to `exact_max` are counted; windows have at most `remembered_secs` seconds.
    pub(super) fn new(exact_max: usize, remembered_secs: u32) -> Self {
        Self {
            hasher: RandomState::new(),
            last_seconds: HashMap::new(),
            by_second: BTreeSet::new(),
            exact_max,
            remembered_secs,
            forgotten: None,
            sketch: SlidingHyperLogLog::new(remembered_secs),
        }
    }

    /// A user was seen. Seconds never fall from call to call.
    pub(super) fn insert(&mut self, distinct_id: &str, second: u32) {
        self.insert_hash(self.hasher.hash_one(distinct_id), second);
    }

    pub(super) fn insert_hash(&mut self, hash: u64, second: u32) {
        let before = self.last_seconds.insert(hash, second);
        if before == Some(second) {
            return;
        }
        if let Some(before) = before {
            self.by_second.remove(&(before, hash));
        }
        self.by_second.insert((second, hash));
        self.sketch.insert(hash, second);
        self.expire(second);
        if self.by_second.len() > self.exact_max {
            self.forgotten = self.forget_oldest().or(self.forgotten);
        }
    }

    /// Forgets who was last seen before the longest window that ends in the second `now`.
    pub(super) fn expire(&mut self, now: u32) {
        while self.by_second.first().is_some_and(|&(second, _)| second + self.remembered_secs <= now) {
            self.forget_oldest();
        }
    }

    /// How many were seen in the second `from` and after it.
    pub(super) fn since(&self, from: u32) -> UniqueUsers {
        if self.forgotten.is_none_or(|forgotten| forgotten < from) {
            let count = self.by_second.range((from, 0)..).count() as u64;
            return UniqueUsers { count, is_estimate: false, relative_error: 0.0 };
        }
        let count = self.sketch.estimate(from).round() as u64;
        UniqueUsers { count, is_estimate: true, relative_error: RELATIVE_ERROR }
    }

    fn forget_oldest(&mut self) -> Option<u32> {
        let (second, hash) = self.by_second.pop_first()?;
        self.last_seconds.remove(&hash);
        Some(second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_counted_as_long_as_nobody_in_it_had_to_make_room() {
        let mut users = Users::new(5, 3600);
        (0..5).for_each(|user| users.insert(&format!("user-{user}"), 10));
        assert_eq!(users.since(10), UniqueUsers { count: 5, is_estimate: false, relative_error: 0.0 });
        users.insert("user-5", 10);
        let estimated = users.since(10);
        assert_eq!((estimated.is_estimate, estimated.relative_error), (true, 0.016_25));
        (6..9).for_each(|user| users.insert(&format!("user-{user}"), 11));
        assert!(users.since(10).is_estimate);
        assert_eq!(users.since(11), UniqueUsers { count: 3, is_estimate: false, relative_error: 0.0 });
        // Comes again, and is one all the same.
        users.insert("user-6", 12);
        assert_eq!((users.since(11).count, users.since(12).count), (3, 1));
    }
}
