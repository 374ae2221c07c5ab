//! The bounds on login attempts: how often a network may try, and how many passwords are checked at a time.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Counts login attempts by network.
#[derive(Debug)]
pub struct LoginLimiter<C: Clock = DefaultClock> {
    limiter: RateLimiter<IpAddr, Networks, C, NoOpMiddleware<C::Instant>>,
    swept: Mutex<C::Instant>,
    places: Semaphore,
    queue: Semaphore,
}

/// The networks that tried of late, at most [`Networks::MAX`], each with the time from which on it is as good as new.
#[derive(Debug, Default)]
struct Networks(Mutex<HashMap<IpAddr, Nanos>>);

impl LoginLimiter {
    /// At most this many attempts per minute and network.
    pub fn new(per_minute: u32) -> Self {
        Self::with_clock(per_minute, DefaultClock::default())
    }
}

impl<C: Clock> LoginLimiter<C> {
    /// Password checks at the same time.
    const AT_ONCE_MAX: usize = 2;

    /// Logins that wait for a place or have one; with 50 ms each, the last waits some seconds.
    const WAITING_MAX: usize = 64;

    /// Least time between two looks for networks that have long been quiet: whoever fills the table does not make the
    /// server walk it at each attempt.
    const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

    fn with_clock(per_minute: u32, clock: C) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        Self {
            swept: Mutex::new(clock.now()),
            limiter: RateLimiter::new(quota, Networks::default(), clock),
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
        if self.limiter.len() >= Networks::MAX && self.may_sweep() {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&network(address)).map_err(|refused| refused.wait_time_from(self.limiter.clock().now()))
    }

    fn may_sweep(&self) -> bool {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.limiter.clock().now();
        let due = now.duration_since(*swept) >= Self::SWEEP_INTERVAL.into();
        if due {
            *swept = now;
        }
        due
    }
}

impl Networks {
    /// Networks that are told apart. While so many are remembered, all others share one bucket.
    const MAX: usize = 10_000;

    /// Stands for all networks that find no room; no client has this address.
    const NEWCOMERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Networks {
    type Key = IpAddr;

    fn measure_and_replace<T, F, E>(&self, network: &IpAddr, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut networks = self.lock();
        let has_room = networks.len() < Self::MAX || networks.contains_key(network);
        let network = if has_room { *network } else { Self::NEWCOMERS };
        let (answer, until) = measure(networks.get(&network).copied())?;
        networks.insert(network, until);
        Ok(answer)
    }
}

impl ShrinkableKeyedStateStore<IpAddr> for Networks {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().retain(|_, until| *until > drop_below);
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
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
    use governor::clock::FakeRelativeClock;

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

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(0x0A00_0000 + number).into()
    }

    #[test]
    fn a_hundred_thousand_networks_take_no_more_room_than_ten_thousand() {
        let clock = FakeRelativeClock::default();
        let limiter = LoginLimiter::with_clock(5, clock.clone());
        limiter.count(address(0)).unwrap();
        let let_in = (1..100_000).filter(|number| limiter.count(address(*number)).is_ok()).count();
        assert_eq!(let_in, Networks::MAX - 1 + 5, "those beyond the bound share one bucket");
        assert_eq!(limiter.limiter.len(), Networks::MAX + 1);
        assert!(limiter.count(address(0)).is_ok(), "who was there before is judged by itself");
        clock.advance(Duration::from_secs(120));
        assert!(limiter.count(address(200_000)).is_ok());
        assert_eq!(limiter.limiter.len(), 1, "the quiet ones made room");
    }

    #[test]
    fn a_full_table_is_walked_once_per_interval() {
        let clock = FakeRelativeClock::default();
        let limiter = LoginLimiter::with_clock(5, clock.clone());
        for (secs, may) in [(0, false), (9, false), (1, true), (0, false), (9, false), (1, true)] {
            clock.advance(Duration::from_secs(secs));
            assert_eq!(limiter.may_sweep(), may);
        }
    }
}
