//! The audience: how many read the stream, through whatever feed, and what they lost by being slow.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

use super::gate::{Claim, Reached};

/// Counters that all readers of a stream share.
#[derive(Default)]
pub struct Audience {
    subscribers: AtomicUsize,
    losses: Mutex<Ledger>,
}

#[derive(Default)]
struct Ledger {
    settled_frames: u64,
    /// The stream and its feeds.
    rings: Vec<Weak<dyn Losses>>,
}

/// A ring that knows what its readers have lost and not noticed yet.
pub(super) trait Losses: Send + Sync {
    /// Frames that are gone before readers took them who have not noticed, summed over whoever watches.
    fn unnoticed_frames(&self) -> u64;
}

impl Audience {
    /// Viewers of feeds and consumers of the library now.
    pub fn subscribers(&self) -> usize {
        self.subscribers.load(Ordering::Relaxed)
    }

    /// Frames that a reader did not get because it was slow, summed over readers; what a feed loses, each of its viewers
    /// loses.
    pub fn dropped_frames(&self) -> u64 {
        let losses = self.lock();
        let unnoticed = losses.rings.iter().filter_map(Weak::upgrade).map(|ring| ring.unnoticed_frames());
        losses.settled_frames + unnoticed.sum::<u64>()
    }

    pub(super) fn watch(&self, ring: Weak<dyn Losses>) {
        let mut losses = self.lock();
        losses.rings.retain(|ring| ring.strong_count() > 0);
        losses.rings.push(ring);
    }

    pub(super) fn enter(&self) {
        self.subscribers.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn leave(&self) {
        self.subscribers.fetch_sub(1, Ordering::Relaxed);
    }

    /// A reader has noticed that `frames` frames are gone and goes on at `reached`. In one step, so that nobody reads a
    /// sum that has them twice or not at all. Not for one who holds the ring: [`Self::dropped_frames`] locks it within.
    pub(super) fn settle(&self, claim: &Claim, reached: Reached, allowance: u64, frames: u64) {
        let mut losses = self.lock();
        claim.move_to(reached, allowance);
        losses.settled_frames += frames * claim.watchers();
    }

    /// One of those who watch `claim` leaves, who has lost `frames` frames that nobody has noticed. In one step, as in
    /// [`Self::settle`].
    pub(super) fn release(&self, claim: &Claim, frames: impl FnOnce() -> u64) {
        let mut losses = self.lock();
        losses.settled_frames += frames();
        claim.remove_watcher();
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.losses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
