//! The audience: how many read the stream, through whatever feed, and what they lost by being slow.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Counters that all readers of a stream share.
#[derive(Default)]
pub struct Audience {
    subscribers: AtomicUsize,
    stalled: AtomicU64,
    rings: Mutex<Rings>,
}

/// The stream and its feeds.
#[derive(Default)]
struct Rings {
    /// Lost in rings that are no more.
    ended_frames: u64,
    running: Vec<Ring>,
}

struct Ring {
    ring: Weak<dyn Losses>,
    /// What its readers have noticed, which outlives it.
    noticed_frames: Arc<AtomicU64>,
}

/// A ring that knows what its readers have lost.
pub(super) trait Losses: Send + Sync {
    /// Frames that are gone before readers took them, summed over whoever watches.
    fn lost_frames(&self) -> u64;
}

impl Audience {
    /// Viewers of feeds and consumers of the library now.
    pub fn subscribers(&self) -> usize {
        self.subscribers.load(Ordering::Relaxed)
    }

    /// Viewers that were closed because they took nothing.
    pub fn stalled_viewers(&self) -> u64 {
        self.stalled.load(Ordering::Relaxed)
    }

    /// One more was.
    pub fn note_stalled_viewer(&self) {
        self.stalled.fetch_add(1, Ordering::Relaxed);
    }

    /// Frames that a reader did not get because it was slow, summed over readers; what a feed loses, each of its viewers
    /// loses. Never falls.
    pub fn dropped_frames(&self) -> u64 {
        let rings = self.lock();
        rings.ended_frames + rings.running.iter().map(Ring::lost_frames).sum::<u64>()
    }

    pub(super) fn watch(&self, ring: Weak<dyn Losses>, noticed_frames: Arc<AtomicU64>) {
        let mut rings = self.lock();
        let ended = rings.running.extract_if(.., |ring| ring.ring.strong_count() == 0);
        let ended_frames: u64 = ended.map(|ring| ring.lost_frames()).sum();
        rings.ended_frames += ended_frames;
        rings.running.push(Ring { ring, noticed_frames });
    }

    pub(super) fn enter(&self) {
        self.subscribers.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn leave(&self) {
        self.subscribers.fetch_sub(1, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Rings> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn lost_frames(&self) -> u64 {
        // Readers hold their ring: of one that is no more there is nothing that nobody has noticed.
        self.ring.upgrade().map_or_else(|| self.noticed_frames.load(Ordering::SeqCst), |ring| ring.lost_frames())
    }
}
