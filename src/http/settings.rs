//! What may change while the server runs, and the bound on login attempts.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::Config;

/// Settings that SIGHUP changes for open connections too.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// Time without an event after which a viewer gets a heartbeat.
    pub sse_timeout: Duration,
    /// Whether heartbeats are events that a page sees, or comments.
    pub heartbeats: bool,
    /// Origins of other pages that may call the API with a bearer token.
    pub cors_origins: Vec<String>,
}

impl From<&Config> for LiveSettings {
    fn from(config: &Config) -> Self {
        Self {
            sse_timeout: Duration::from_millis((config.stream.sse_timeout_secs * 1e3) as u64),
            heartbeats: config.stream.enable_heartbeats,
            cors_origins: config.server.cors_origins.clone(),
        }
    }
}

/// Counts login attempts by address.
#[derive(Debug)]
pub struct LoginLimiter {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    places: Semaphore,
    queue: Semaphore,
}

impl LoginLimiter {
    /// Addresses remembered before those that have long been quiet are forgotten.
    const ADDRESSES_MAX: usize = 10_000;

    /// Password checks at the same time.
    const AT_ONCE_MAX: usize = 2;

    /// Logins that wait for a place or have one; with 50 ms each, the last waits some seconds.
    const WAITING_MAX: usize = 64;

    /// At most this many attempts per minute and address.
    pub fn new(per_minute: u32) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        Self {
            limiter: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            places: Semaphore::new(Self::AT_ONCE_MAX),
            queue: Semaphore::new(Self::WAITING_MAX),
        }
    }

    /// Waits for a place among the password checks; it is free again when the answer is dropped. None when too many
    /// wait already.
    pub(super) async fn place(&self) -> Option<(SemaphorePermit<'_>, SemaphorePermit<'_>)> {
        let queued = self.queue.try_acquire().ok()?;
        Some((queued, self.places.acquire().await.ok()?))
    }

    /// Counts an attempt; the answer is how long to wait when there were too many.
    ///
    /// # Errors
    /// The wait before the next attempt is taken.
    pub fn count(&self, address: IpAddr) -> Result<(), Duration> {
        if self.limiter.len() > Self::ADDRESSES_MAX {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&address).map_err(|refused| refused.wait_time_from(self.clock.now()))
    }
}
