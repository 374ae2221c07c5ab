//! Who is live: pure state that is told the time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::changes::{Changes, PresenceChange};
use super::{LiveUser, Person, PresenceError};

/// A moment on both clocks.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// Monotonic; what decides.
    pub us: u64,
    /// What is told.
    pub utc: DateTime<Utc>,
}

/// The live users.
pub(super) struct Registry {
    users: HashMap<Arc<str>, User>,
    /// Those without a connection, from the one idle for longest on.
    idle: BTreeSet<(u64, Arc<str>)>,
    pub(super) changes: Changes,
    timeout_us: u64,
    users_max: usize,
}

struct User {
    session_id: Option<String>,
    current_url: Option<String>,
    first_seen: DateTime<Utc>,
    last_seen: Moment,
    connections: usize,
}

impl Registry {
    pub(super) fn new(timeout_us: u64, users_max: usize) -> Self {
        Self { users: HashMap::new(), idle: BTreeSet::new(), changes: Changes::new(users_max), timeout_us, users_max }
    }

    /// Ends the presences that timed out, and says how many.
    pub(super) fn expire(&mut self, now: Moment) -> usize {
        let mut ended = 0;
        while let Some((seen_us, id)) = self.idle.first()
            && seen_us.saturating_add(self.timeout_us) <= now.us
        {
            let id = Arc::clone(id);
            self.leave(&id, now);
            ended += 1;
        }
        ended
    }

    /// A user did something.
    pub(super) fn note(
        &mut self,
        distinct_id: &str,
        session_id: Option<String>,
        current_url: Option<String>,
        now: Moment,
    ) -> Result<(), PresenceError> {
        let id = self.enter(distinct_id, now)?;
        let Some(user) = self.users.get_mut(&id) else { return Ok(()) };
        if user.connections == 0 {
            let seen_us = user.last_seen.us;
            self.idle.remove(&(seen_us, Arc::clone(&id)));
            self.idle.insert((now.us, id));
        }
        user.see(session_id, current_url, now);
        Ok(())
    }

    /// A user opened a connection.
    pub(super) fn connect(
        &mut self,
        distinct_id: &str,
        session_id: Option<String>,
        now: Moment,
    ) -> Result<Arc<str>, PresenceError> {
        let id = self.enter(distinct_id, now)?;
        if let Some(user) = self.users.get_mut(&id) {
            self.idle.remove(&(user.last_seen.us, Arc::clone(&id)));
            user.connections += 1;
            user.see(session_id, None, now);
        }
        Ok(id)
    }

    /// A connection ended.
    pub(super) fn disconnect(&mut self, id: &Arc<str>, now: Moment) {
        if let Some(user) = self.users.get_mut(id) {
            user.connections = user.connections.saturating_sub(1);
            if user.connections == 0 {
                self.leave(id, now);
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.users.len()
    }

    pub(super) fn users(&self) -> impl Iterator<Item = LiveUser> {
        self.users.iter().map(|(id, user)| LiveUser {
            distinct_id: id.as_ref().to_owned(),
            session_id: user.session_id.clone(),
            current_url: user.current_url.clone(),
            last_seen: user.last_seen.utc,
        })
    }

    pub(super) fn urls(&self) -> impl Iterator<Item = &str> {
        self.users.values().filter_map(|user| user.current_url.as_deref())
    }

    pub(super) fn person(&self, distinct_id: &str) -> Option<Person> {
        self.users.get_key_value(distinct_id).map(|(id, user)| Person {
            distinct_id: id.as_ref().to_owned(),
            first_seen: user.first_seen,
            last_seen: user.last_seen.utc,
            current_url: user.current_url.clone(),
        })
    }

    /// The key of a user, who is live from now on.
    fn enter(&mut self, distinct_id: &str, now: Moment) -> Result<Arc<str>, PresenceError> {
        if let Some((id, _)) = self.users.get_key_value(distinct_id) {
            return Ok(Arc::clone(id));
        }
        self.make_room(now)?;
        let id: Arc<str> = Arc::from(distinct_id);
        let user = User { session_id: None, current_url: None, first_seen: now.utc, last_seen: now, connections: 0 };
        self.users.insert(Arc::clone(&id), user);
        self.idle.insert((now.us, Arc::clone(&id)));
        self.changes.push(PresenceChange::Joined { distinct_id: Arc::clone(&id), at: now.utc });
        Ok(id)
    }

    fn make_room(&mut self, now: Moment) -> Result<(), PresenceError> {
        if self.users.len() < self.users_max {
            return Ok(());
        }
        let longest_idle = self.idle.first().map(|(_, id)| Arc::clone(id));
        self.leave(&longest_idle.ok_or(PresenceError::Full { users_max: self.users_max })?, now);
        Ok(())
    }

    fn leave(&mut self, id: &Arc<str>, now: Moment) {
        if let Some(user) = self.users.remove(id) {
            self.idle.remove(&(user.last_seen.us, Arc::clone(id)));
            self.changes.push(PresenceChange::Left { distinct_id: Arc::clone(id), at: now.utc });
        }
    }
}

impl User {
    fn see(&mut self, session_id: Option<String>, current_url: Option<String>, now: Moment) {
        self.session_id = session_id.or(self.session_id.take());
        self.current_url = current_url.or(self.current_url.take());
        self.last_seen = now;
    }
}
