//! Presence: who is live, since when, and on which page.
//!
//! A user is live while a connection of theirs is open, or was active less than the timeout ago. The end of the last
//! connection ends the presence at once, however short ago the user was active: whoever leaves has said so.

mod changes;
mod error;
mod registry;
#[cfg(test)]
mod tests;
mod user;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::page::{PageCount, page_path};
use super::time::utc_now;
use crate::clock::{SharedClock, SystemClock};
use error::check;
use registry::{Moment, Registry};

pub use changes::PresenceChange;
pub use error::PresenceError;
pub use user::{LiveUser, Person};

/// Users who can be live at a time, unless said otherwise.
const USERS_MAX: usize = 10_000;

/// Knows who is live. Never knows more than `users_max` users: the one idle for longest makes room for a new one, who is
/// connected never does.
pub struct LiveUserTracker {
    shared: Arc<Shared>,
}

/// An open connection of a user. Dropping it ends it.
#[must_use = "a connection ends when it is dropped"]
pub struct Connection {
    shared: Arc<Shared>,
    distinct_id: Arc<str>,
}

struct Shared {
    registry: Mutex<Registry>,
    clock: SharedClock,
    changed: Notify,
}

impl LiveUserTracker {
    /// Nobody is live yet. Without a connection a user is for `timeout_seconds` after the last activity.
    pub fn new(timeout_seconds: u64) -> Self {
        Self::with_bound(timeout_seconds, USERS_MAX, SystemClock::shared())
    }

    /// The same, of at most `users_max` users and on another clock.
    pub fn with_bound(timeout_seconds: u64, users_max: usize, clock: SharedClock) -> Self {
        let registry = Mutex::new(Registry::new(timeout_seconds.saturating_mul(1_000_000), users_max));
        Self { shared: Arc::new(Shared { registry, clock, changed: Notify::new() }) }
    }

    /// A user did something. What [`Self::note`] refuses changes nothing. Does not wait; a thread calls `note`.
    pub async fn record_activity(&self, distinct_id: &str, session_id: Option<String>, current_url: Option<String>) {
        drop(self.note(distinct_id, session_id, current_url));
    }

    /// A user did something: is live for the timeout from now on. None for the session or the page's address keeps what
    /// was known of it.
    ///
    /// # Errors
    /// A name or address that is empty or too long; a new user while all places are taken by connected ones.
    pub fn note(
        &self,
        distinct_id: &str,
        session_id: Option<String>,
        current_url: Option<String>,
    ) -> Result<(), PresenceError> {
        check(distinct_id, session_id.as_deref(), current_url.as_deref())?;
        self.shared.with(|registry, now| registry.note(distinct_id, session_id, current_url, now))
    }

    /// A user opened a connection: is live until it is dropped, and the last one of theirs.
    ///
    /// # Errors
    /// As for [`Self::note`].
    pub fn connected(&self, distinct_id: &str, session_id: Option<String>) -> Result<Connection, PresenceError> {
        check(distinct_id, session_id.as_deref(), None)?;
        let distinct_id = self.shared.with(|registry, now| registry.connect(distinct_id, session_id, now))?;
        Ok(Connection { shared: Arc::clone(&self.shared), distinct_id })
    }

    /// How many are live. Does not wait; [`Self::count`] is the same for a thread.
    pub async fn get_count(&self) -> u64 {
        self.count()
    }

    /// How many are live.
    pub fn count(&self) -> u64 {
        self.shared.with(|registry, _| registry.count() as u64)
    }

    /// Who is live. Does not wait; [`Self::users`] is the same for a thread.
    pub async fn get_users(&self) -> Vec<LiveUser> {
        self.users()
    }

    /// Who is live, the most recently active first, equals by name.
    pub fn users(&self) -> Vec<LiveUser> {
        let mut users: Vec<LiveUser> = self.shared.with(|registry, _| registry.users().collect());
        users.sort_unstable_by(|a, b| (b.last_seen, &a.distinct_id).cmp(&(a.last_seen, &b.distinct_id)));
        users
    }

    /// As [`Self::users`] and [`Self::users_by_page`], both as they are at one moment.
    pub fn users_and_pages(&self) -> (Vec<LiveUser>, Vec<PageCount>) {
        let users = self.users();
        let pages = count_pages(users.iter().filter_map(|user| user.current_url.as_deref()));
        (users, pages)
    }

    /// How many are on each page, the fullest first, equals by path. Who named no page is on none.
    pub fn users_by_page(&self) -> Vec<PageCount> {
        self.shared.with(|registry, _| count_pages(registry.urls()))
    }

    /// What is known of a live user; none of others.
    pub fn person(&self, distinct_id: &str) -> Option<Person> {
        self.shared.with(|registry, _| registry.person(distinct_id))
    }

    /// Ends the presences that timed out. Does not wait; [`Self::sweep`] is the same for a thread.
    pub async fn cleanup(&self) {
        self.sweep();
    }

    /// Ends the presences that timed out, and says how many; costs as much as there are of them. Every other call does it
    /// too, so that none tells of a user who is live no more: this one is for quiet times.
    pub fn sweep(&self) -> usize {
        self.shared.sweep()
    }

    /// The changes that nobody has taken yet, in order: of each presence one `Joined` and one `Left`. While they are not
    /// taken and pile up beyond four times as many as there may be users, presences that have both begun and ended go
    /// untold.
    pub fn take_changes(&self) -> Vec<PresenceChange> {
        self.shared.with(|registry, _| registry.changes.take())
    }

    /// Presences that nobody was told of, because changes were not taken for too long.
    pub fn untold_presences(&self) -> u64 {
        self.shared.with(|registry, _| registry.changes.untold())
    }

    /// Waits until there are changes to take; for one waiter at a time. A timeout is noticed by calls only: see
    /// [`Self::sweep`]. Cancel-safe.
    pub async fn changed(&self) {
        while self.shared.with(|registry, _| registry.changes.is_empty()) {
            self.shared.changed.notified().await;
        }
    }
}

fn count_pages<'a>(urls: impl Iterator<Item = &'a str>) -> Vec<PageCount> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    urls.for_each(|url| *counts.entry(page_path(url)).or_default() += 1);
    let mut pages: Vec<_> =
        counts.into_iter().map(|(path, count)| PageCount { path: path.to_owned(), count }).collect();
    pages.sort_unstable_by(|a, b| (b.count, &a.path).cmp(&(a.count, &b.path)));
    pages
}

impl Connection {
    /// Whose it is.
    pub fn distinct_id(&self) -> &str {
        &self.distinct_id
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.with(|registry, now| registry.disconnect(&self.distinct_id, now));
    }
}

impl Shared {
    /// Does something with those who are live now.
    fn with<R>(&self, act: impl FnOnce(&mut Registry, Moment) -> R) -> R {
        self.lock(|registry, now| {
            registry.expire(now);
            act(registry, now)
        })
    }

    fn sweep(&self) -> usize {
        self.lock(Registry::expire)
    }

    fn lock<R>(&self, act: impl FnOnce(&mut Registry, Moment) -> R) -> R {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock: times do not fall from one holder to the next.
        let now = Moment { us: self.clock.now_us(), utc: utc_now(self.clock.as_ref()) };
        let result = act(&mut registry, now);
        let is_changed = !registry.changes.is_empty();
        drop(registry);
        if is_changed {
            self.changed.notify_one();
        }
        result
    }
}
