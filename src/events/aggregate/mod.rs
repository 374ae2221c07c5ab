//! Windowed aggregates: what happened in the last seconds, minutes, hour, counted second by second.
//!
//! A window of n seconds is the second that has just begun, with what it has so far, and the n − 1 before it. A second
//! leaves it as a whole, exactly when the n-th after it begins. Seconds are those of the monotonic clock: a step of UTC
//! moves nothing.

mod sliding;
mod summary;
mod tally;
#[cfg(test)]
mod tests;
mod unique;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::event::RealtimeEvent;
use super::page::{page_path, viewed_address};
use crate::clock::{SharedClock, SystemClock};
use tally::{Tally, TallyBounds};
use unique::Users;

pub use summary::{Summary, TopValues, ValueCount};
pub use tally::OTHER;
pub use unique::UniqueUsers;

/// Longest window, in seconds.
pub const WINDOW_SECS_MAX: u64 = 3600;

/// The property whose values are pages.
pub const PAGE: &str = "page";

const SECOND_US: u64 = 1_000_000;

/// What an aggregator keeps.
#[derive(Clone, Copy, Debug)]
pub struct AggregateBounds {
    /// Names of events in an hour; a name beyond is counted under [`OTHER`].
    pub names_max: usize,
    /// Values of a property in an hour; a value beyond is counted without its name.
    pub values_max: usize,
    /// Longest name or value in bytes; a longer one is treated as one beyond.
    pub name_bytes_max: usize,
    /// Users of a window that are counted one by one; more are estimated.
    pub users_exact_max: usize,
}

impl Default for AggregateBounds {
    fn default() -> Self {
        Self { names_max: 1000, values_max: 1000, name_bytes_max: 2048, users_exact_max: 4096 }
    }
}

/// Counts events, users and values over sliding windows of up to an hour.
///
/// Memory, with the default bounds: names of at most 2 KiB, 8 bytes for each second and name that came in it (29 MB when
/// each of 1000 names comes in each second of an hour, as much again for each property), and the users, some 0.5 MB.
pub struct RealtimeAggregator {
    state: Mutex<State>,
    clock: SharedClock,
    started_us: u64,
    window_secs: u64,
}

struct State {
    events: Tally,
    users: Users,
    properties: Vec<(String, Tally)>,
}

impl RealtimeAggregator {
    /// Tells of windows of `window_seconds`, from 1 to [`WINDOW_SECS_MAX`]; others become the nearest of these.
    pub fn new(window_seconds: u64) -> Self {
        Self::with_bounds(window_seconds, AggregateBounds::default(), &[PAGE], SystemClock::shared())
    }

    /// The same, with other bounds and on another clock; counts the values of `properties`.
    pub fn with_bounds(window_seconds: u64, bounds: AggregateBounds, properties: &[&str], clock: SharedClock) -> Self {
        let tally = |names_max| {
            let remembered_secs = WINDOW_SECS_MAX as u32;
            Tally::new(TallyBounds { names_max, name_bytes_max: bounds.name_bytes_max, remembered_secs })
        };
        let state = State {
            events: tally(bounds.names_max),
            users: Users::new(bounds.users_exact_max, WINDOW_SECS_MAX as u32),
            properties: properties.iter().map(|name| ((*name).to_owned(), tally(bounds.values_max))).collect(),
        };
        let started_us = clock.now_us();
        Self { state: Mutex::new(state), clock, started_us, window_secs: window_seconds.clamp(1, WINDOW_SECS_MAX) }
    }

    /// Counts an event and its user. Does not wait; [`Self::note`] is the same for a thread.
    pub async fn record(&self, event: &str, distinct_id: &str) {
        self.note(event, distinct_id);
    }

    /// Counts an event and its user.
    pub fn note(&self, event: &str, distinct_id: &str) {
        let (mut state, now) = self.lock();
        state.events.insert(event, now.second);
        state.users.insert(distinct_id, now.second);
    }

    /// Counts an event, its user and, of a page view, the page.
    pub fn observe(&self, event: &RealtimeEvent) {
        self.note(&event.event, &event.distinct_id);
        if let Some(address) = viewed_address(event) {
            self.note_value(PAGE, page_path(address));
        }
    }

    /// Counts a value of a property. One that the aggregator was not made for is not counted.
    pub fn note_value(&self, property: &str, value: &str) {
        let (mut state, now) = self.lock();
        if let Some((_, tally)) = state.properties.iter_mut().find(|(name, _)| name == property) {
            tally.insert(value, now.second);
        }
    }

    /// Events of the window by name, those without a place for their name under [`OTHER`]. Does not wait;
    /// [`Self::counts`] is the same for a thread, of any window.
    pub async fn get_counts(&self) -> HashMap<String, u64> {
        self.counts(self.window_secs)
    }

    /// Events of the last `secs` seconds by name, as [`Self::window`] has them.
    pub fn counts(&self, secs: u64) -> HashMap<String, u64> {
        let (state, now) = self.lock();
        state.events.since(now.window(secs)).into_map()
    }

    /// Events of this name per second, over the time of the window that there has been so far, never over less than a
    /// second. Does not wait.
    pub async fn get_rate(&self, event: &str) -> f64 {
        let (state, now) = self.lock();
        state.events.count_since(event, now.window(self.window_secs)) as f64 / self.covered_secs(now, self.window_secs)
    }

    /// The window of so many seconds, from 1 to [`WINDOW_SECS_MAX`]; others become the nearest of these.
    pub fn window(&self, secs: u64) -> Summary {
        let window_secs = secs.clamp(1, WINDOW_SECS_MAX);
        let (state, now) = self.lock();
        let from = now.window(window_secs);
        let events = state.events.since(from);
        let tops = state.properties.iter().map(|(name, tally)| (name.clone(), TopValues::of(tally.since(from))));
        Summary {
            window_secs,
            total: events.total(),
            rate_per_sec: events.total() as f64 / self.covered_secs(now, window_secs),
            unnamed: events.unnamed,
            counts: events.into_map(),
            unique_users: state.users.since(from),
            top_values: tops.collect(),
        }
    }

    /// The values of one property that came most often in the last `secs` seconds; nothing of one that is not counted.
    pub fn top_values(&self, property: &str, secs: u64) -> TopValues {
        let (state, now) = self.lock();
        let tally = state.properties.iter().find(|(name, _)| name == property).map(|(_, tally)| tally);
        let from = now.window(secs);
        tally.map(|tally| TopValues::of(tally.since(from))).unwrap_or_default()
    }

    /// Drops what no window reaches any more. Every call does so for what it counts; this one is for quiet times. Does
    /// not wait.
    pub async fn cleanup(&self) {
        let (mut state, now) = self.lock();
        state.events.expire(now.second);
        state.users.expire(now.second);
        for (_, tally) in &mut state.properties {
            tally.expire(now.second);
        }
    }

    fn covered_secs(&self, now: Now, window_secs: u64) -> f64 {
        let window_us = (window_secs - 1) * SECOND_US + now.us % SECOND_US;
        window_us.min(now.us - self.started_us).max(SECOND_US) as f64 / SECOND_US as f64
    }

    /// The state and a time that does not fall from one holder of the lock to the next.
    fn lock(&self) -> (MutexGuard<'_, State>, Now) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let us = self.clock.now_us();
        (state, Now { us, second: (us / SECOND_US) as u32 })
    }
}

#[derive(Clone, Copy)]
struct Now {
    us: u64,
    second: u32,
}

impl Now {
    /// The first second of the window that ends now.
    fn window(self, secs: u64) -> u32 {
        (self.second + 1).saturating_sub(secs.clamp(1, WINDOW_SECS_MAX) as u32)
    }
}
