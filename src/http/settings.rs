//! What may change while the server runs, and the bound on login attempts.

use std::net::{IpAddr, Ipv6Addr};
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

/// Counts login attempts by network.
#[derive(Debug)]
pub struct LoginLimiter {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    places: Semaphore,
    queue: Semaphore,
}

impl LoginLimiter {
    /// Networks remembered before those that have long been quiet are forgotten.
    const NETWORKS_MAX: usize = 10_000;

    /// Password checks at the same time.
    const AT_ONCE_MAX: usize = 2;

    /// Logins that wait for a place or have one; with 50 ms each, the last waits some seconds.
    const WAITING_MAX: usize = 64;

    /// At most this many attempts per minute and network.
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
        if self.limiter.len() > Self::NETWORKS_MAX {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&network(address)).map_err(|refused| refused.wait_time_from(self.clock.now()))
    }
}

/// What one client is sure to hold: an IPv4 address, or the /64 of an IPv6 address, in which a client picks the rest at
/// will (RFC 4291, section 2.5.1).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_count_for_an_ipv4_address_or_an_ipv6_network() {
        let limiter = LoginLimiter::new(1);
        for (address, is_counted_before) in [
            ("2001:db8:1:2::1", false),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1:3::1", false),
            ("192.0.2.1", false),
            ("::ffff:192.0.2.1", true),
            ("::ffff:192.0.2.2", false),
            ("192.0.2.2", true),
            ("::1", false),
        ] {
            assert_eq!(limiter.count(address.parse().unwrap()).is_err(), is_counted_before, "{address}");
        }
    }
}
