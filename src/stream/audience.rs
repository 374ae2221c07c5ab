//! The audience: how many read the stream, through whatever feed, and what they lost by being slow.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::gate::{Claim, Gate};

/// Counters that all subscribers of a stream share.
#[derive(Debug, Default)]
pub struct Audience {
    subscribers: AtomicUsize,
    losses: Mutex<Losses>,
}

#[derive(Debug, Default)]
struct Losses {
    settled_frames: u64,
    /// Of the stream and of each of its feeds: what their subscribers have lost and not yet noticed is read off here.
    gates: Vec<Weak<Gate>>,
}

impl Audience {
    /// Viewers of feeds and consumers of the library now.
    pub fn subscribers(&self) -> usize {
        self.subscribers.load(Ordering::Relaxed)
    }

    /// Frames that a subscriber did not get because it was slow, summed over subscribers; what a feed loses, all of
    /// its viewers lose. Items that a subscriber has not noticed to be gone yet count as frames until it does.
    pub fn dropped_frames(&self) -> u64 {
        let losses = self.lock();
        let unnoticed = losses.gates.iter().filter_map(Weak::upgrade).map(|gate| gate.unnoticed());
        losses.settled_frames + unnoticed.sum::<u64>()
    }

    pub(super) fn watch(&self, gate: &Arc<Gate>) {
        let mut losses = self.lock();
        losses.gates.retain(|gate| gate.strong_count() > 0);
        losses.gates.push(Arc::downgrade(gate));
    }

    pub(super) fn enter(&self) {
        self.subscribers.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn leave(&self) {
        self.subscribers.fetch_sub(1, Ordering::Relaxed);
    }

    /// A reader has noticed that `frames` frames are gone and goes on at `position`. In one step, so that nobody reads a
    /// sum that has them twice or not at all.
    pub(super) fn settle(&self, claim: &Claim, position: u64, allowance: u64, frames: u64) {
        let mut losses = self.lock();
        claim.move_to(position, allowance);
        losses.settled_frames += frames * claim.watchers();
    }

    fn lock(&self) -> MutexGuard<'_, Losses> {
        self.losses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
