//! Which feeds run, which of them are each subject's, and which one has to make room.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use crate::feed::{EndReason, FeedSpec, Shared};

/// The feeds of a stream and what is known of those that were.
#[derive(Default)]
pub(super) struct Running {
    pub(super) feeds: HashMap<FeedSpec, Arc<Shared>>,
    /// Feeds whose threads have yet to end, to make room.
    pub(super) dismissed: Vec<Arc<Shared>>,
    /// Feeds that are not to be had for a while.
    pub(super) refusals: HashMap<FeedSpec, Refusal>,
    pub(super) threads: Vec<JoinHandle<()>>,
    pub(super) started: u32,
    pub(super) is_over: bool,
}

/// Why a feed is refused, and until when.
pub(super) struct Refusal {
    pub(super) until_us: u64,
    pub(super) reason: EndReason,
}

impl Running {
    pub(super) fn is_current(&self, spec: &FeedSpec, shared: &Arc<Shared>) -> bool {
        self.feeds.get(spec).is_some_and(|current| Arc::ptr_eq(current, shared))
    }

    pub(super) fn feeds_of(&self, subject: &str) -> usize {
        self.feeds.values().filter(|feed| feed.holders.has(subject)).count()
    }

    /// The feed that has to end for another one to start: one that is about to, or the one that nobody has watched for
    /// the longest time.
    pub(super) fn make_room(&mut self) -> Option<Arc<Shared>> {
        if let Some(dismissed) = self.dismissed.first() {
            return Some(Arc::clone(dismissed));
        }
        let unheld = self.feeds.iter().filter_map(|(spec, feed)| Some((feed.unheld_since_us()?, feed.number, spec)));
        let (_, _, spec) = unheld.min_by_key(|(since_us, number, _)| (*since_us, *number))?;
        let spec = spec.clone();
        let feed = self.feeds.remove(&spec)?;
        feed.is_dismissed.store(true, Ordering::SeqCst);
        self.dismissed.push(Arc::clone(&feed));
        Some(feed)
    }
}
