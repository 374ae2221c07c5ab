//! The bound on captured events: how many may come in the name of one subject.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

/// Most events in one request, which is also what may come at once after a pause.
pub(super) const BATCH_MAX: u32 = 1000;

/// Subjects that are remembered before those are forgotten that are as good as new.
const SUBJECTS_KEPT: usize = 1000;

/// Counts captured events by subject.
pub(super) struct CaptureLimiter {
    limiter: DefaultKeyedRateLimiter<String>,
}

impl CaptureLimiter {
    /// At most so many events per second and subject, after a pause [`BATCH_MAX`] at once.
    pub(super) fn new(per_second: u32) -> Self {
        let burst = NonZeroU32::new(per_second.max(BATCH_MAX)).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN)).allow_burst(burst);
        Self { limiter: DefaultKeyedRateLimiter::keyed(quota) }
    }

    /// Takes as many events, 1 to [`BATCH_MAX`], off what the subject may send.
    ///
    /// # Errors
    /// How long to wait until there is room for them.
    pub(super) fn take(&self, subject: &str, events: NonZeroU32) -> Result<(), Duration> {
        if self.limiter.len() > SUBJECTS_KEPT {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key_n(&subject.to_owned(), events) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(not_until.wait_time_from(DefaultClock::default().now())),
            // More than can ever be sent at once: no request holds as many.
            Err(_) => Err(Duration::from_secs(1)),
        }
    }
}
