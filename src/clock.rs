//! Time: the only place that asks the system for it. Everything that waits or stamps takes a [`Clock`].
//!
//! [`SystemClock`] is the real one; [`ManualClock`] lets a caller run hours of acquisition in seconds: a wait
//! moves its time to the deadline at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A source of monotonic time and of UTC, both in microseconds.
pub trait Clock: Send + Sync {
    /// Monotonic microseconds; the origin is arbitrary but fixed for the life of the clock.
    fn now_us(&self) -> u64;

    /// Microseconds since the Unix epoch, as the system believes it to be.
    fn utc_us(&self) -> u64;

    /// Blocks the calling thread until `now_us() >= deadline_us`. Not for tokio workers.
    fn sleep_until_us(&self, deadline_us: u64);

    /// Seconds since the Unix epoch.
    fn utc_secs(&self) -> u64 {
        self.utc_us() / 1_000_000
    }
}

/// How the parts of the program hold their clock.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

#[expect(clippy::disallowed_methods, reason = "the one door to the system's time")]
impl SystemClock {
    /// A clock whose monotonic time starts now.
    pub fn shared() -> SharedClock {
        Arc::new(Self { origin: Instant::now() })
    }
}

#[expect(clippy::disallowed_methods, reason = "the one door to the system's time")]
impl Clock for SystemClock {
    fn now_us(&self) -> u64 {
        self.origin.elapsed().as_micros() as u64
    }

    fn utc_us(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
    }

    fn sleep_until_us(&self, deadline_us: u64) {
        let wait_us = deadline_us.saturating_sub(self.now_us());
        if wait_us > 0 {
            std::thread::sleep(Duration::from_micros(wait_us));
        }
    }
}

/// A clock that stands still until somebody waits on it or moves it.
#[derive(Debug)]
pub struct ManualClock {
    now_us: AtomicU64,
    utc_origin_us: u64,
}

impl ManualClock {
    /// A clock at monotonic time 0 whose UTC starts at `utc_origin_us`.
    pub fn starting_at(utc_origin_us: u64) -> Arc<Self> {
        Arc::new(Self { now_us: AtomicU64::new(0), utc_origin_us })
    }

    /// Moves time forward.
    pub fn advance_us(&self, by_us: u64) {
        self.now_us.fetch_add(by_us, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_us(&self) -> u64 {
        self.now_us.load(Ordering::SeqCst)
    }

    fn utc_us(&self) -> u64 {
        self.utc_origin_us + self.now_us()
    }

    fn sleep_until_us(&self, deadline_us: u64) {
        self.now_us.fetch_max(deadline_us, Ordering::SeqCst);
    }
}
