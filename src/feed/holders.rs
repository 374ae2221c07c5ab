//! Who holds a feed: those who watch it, and those who wait until it has caught up. One that nobody holds may end.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Shared;

/// The holders of a feed: how many there are of each subject.
#[derive(Default)]
pub(super) struct Holders(Mutex<HashMap<Arc<str>, usize>>);

/// Keeps a feed from ending for want of viewers, in the name of a subject.
pub(super) struct Hold {
    feed: Arc<Shared>,
    subject: Arc<str>,
}

impl Holders {
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Whether `subject` is among them.
    pub(super) fn has(&self, subject: &str) -> bool {
        self.lock().contains_key(subject)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    pub(super) fn new(feed: &Arc<Shared>, subject: &str) -> Self {
        let subject = Arc::from(subject);
        *feed.holders.lock().entry(Arc::clone(&subject)).or_default() += 1;
        Self { feed: Arc::clone(feed), subject }
    }

    pub(super) fn feed(&self) -> &Arc<Shared> {
        &self.feed
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Before the feed looks unheld: it must not seem to have been so for long.
        self.feed.unheld_since_us.store(self.feed.clock.now_us(), Ordering::SeqCst);
        let mut holders = self.feed.holders.lock();
        if let Some(count) = holders.get_mut(&self.subject) {
            *count -= 1;
            if *count == 0 {
                holders.remove(&self.subject);
            }
        }
    }
}
