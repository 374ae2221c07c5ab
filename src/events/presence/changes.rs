//! Who joined and who left since somebody asked, in order, in bounded memory.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};

/// The begin or the end of a user's presence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresenceChange {
    /// Live from here on.
    Joined {
        /// Who.
        distinct_id: Arc<str>,
        /// When.
        at: DateTime<Utc>,
    },
    /// Live no more: the last connection ended, nothing came for the timeout, or another needed the place.
    Left {
        /// Who.
        distinct_id: Arc<str>,
        /// When that was found, after a timeout by a call of the tracker.
        at: DateTime<Utc>,
    },
}

impl PresenceChange {
    /// Who joined or left.
    pub fn distinct_id(&self) -> &Arc<str> {
        match self {
            Self::Joined { distinct_id, .. } | Self::Left { distinct_id, .. } => distinct_id,
        }
    }
}

/// Changes that nobody has taken. A user's take turns: one that joined leaves before it joins again.
///
/// When there are too many, presences that both began and ended meanwhile go, and are counted. At most twice as many
/// changes stay as there may be users: one of each who is live, one of each who was when the last were taken.
pub(super) struct Changes {
    pending: VecDeque<PresenceChange>,
    pending_max: usize,
    untold: u64,
}

impl Changes {
    /// None yet, of up to `users_max` users at a time.
    pub(super) fn new(users_max: usize) -> Self {
        Self { pending: VecDeque::new(), pending_max: users_max.saturating_mul(4), untold: 0 }
    }

    pub(super) fn push(&mut self, change: PresenceChange) {
        self.pending.push_back(change);
        if self.pending.len() > self.pending_max {
            self.drop_whole_presences();
        }
    }

    pub(super) fn take(&mut self) -> Vec<PresenceChange> {
        std::mem::take(&mut self.pending).into()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Presences of which nobody was told.
    pub(super) fn untold(&self) -> u64 {
        self.untold
    }

    fn drop_whole_presences(&mut self) {
        let mut began: HashMap<Arc<str>, usize> = HashMap::new();
        let mut goes = vec![false; self.pending.len()];
        for (at, change) in self.pending.iter().enumerate() {
            match change {
                PresenceChange::Joined { distinct_id, .. } => drop(began.insert(Arc::clone(distinct_id), at)),
                PresenceChange::Left { distinct_id, .. } => {
                    if let Some(joined) = began.remove(distinct_id) {
                        (goes[joined], goes[at]) = (true, true);
                        self.untold += 1;
                    }
                }
            }
        }
        let mut goes = goes.into_iter();
        self.pending.retain(|_| goes.next() == Some(false));
    }
}
