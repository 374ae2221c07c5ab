//! Events on their way to the disk: a bounded queue between who publishes and the one that writes.
//!
//! An event leaves it when it is on disk, not before: until then the past is read from here. For what clients send there
//! is room before it is published, or it is refused; the server's own events take what is left, and are lost to the disk
//! when nothing is.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::events::published::PublishedEvent;

/// Events that are written in one transaction.
pub(super) const BATCH_MAX: usize = 1000;

/// What may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct PendingBounds {
    /// Events in all.
    pub(super) events: usize,
    /// Of these, for what clients send.
    pub(super) captured: usize,
    /// Memory that they hold, in bytes; what clients send may fill half of it.
    pub(super) bytes: usize,
}

impl Default for PendingBounds {
    fn default() -> Self {
        Self { events: 20_000, captured: 16_000, bytes: 64 << 20 }
    }
}

/// There is no room for what a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{waiting} events wait to be written to disk, as many as may; none of the request was taken")]
pub struct Busy {
    /// How many wait.
    pub waiting: usize,
}

/// What waits, and what became of what did.
#[derive(Debug)]
pub(in crate::events) struct Pending {
    bounds: PendingBounds,
    state: Mutex<State>,
    /// Something came, there is a batch, or the end.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Arc<PublishedEvent>>,
    bytes: usize,
    claimed: usize,
    on_disk_seq: u64,
    newest_seq: u64,
    lost: u64,
    ends: bool,
}

/// What waits, as it is at one moment.
pub(super) struct Snapshot {
    /// In order.
    pub(super) events: Vec<Arc<PublishedEvent>>,
    /// All up to this number are on disk, but for those that were lost.
    pub(super) on_disk_seq: u64,
}

/// What is counted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PendingCounts {
    pub(super) waiting: usize,
    pub(super) on_disk_seq: u64,
    /// The newest number, lost or not.
    pub(super) newest_seq: u64,
    /// Events that will never be on disk.
    pub(super) lost: u64,
}

/// Room for events that are about to be published; given back when dropped.
#[derive(Debug)]
pub struct Room {
    pending: Option<Arc<Pending>>,
    count: usize,
}

impl Pending {
    pub(super) fn new(bounds: PendingBounds) -> Self {
        Self { bounds, state: Mutex::default(), changed: Notify::new() }
    }

    /// Room for so many events of a client.
    pub(super) fn claim(self: &Arc<Self>, count: usize) -> Result<Room, Busy> {
        let mut state = self.lock();
        let taken = state.events.len() + state.claimed;
        if taken + count > self.bounds.captured || state.bytes > self.bounds.bytes / 2 {
            return Err(Busy { waiting: state.events.len() });
        }
        state.claimed += count;
        Ok(Room { pending: Some(Arc::clone(self)), count })
    }

    /// Puts an event behind the others. Whoever calls this holds the order of the events.
    pub(in crate::events) fn push(&self, event: &Arc<PublishedEvent>, has_room: bool) {
        let mut state = self.lock();
        state.newest_seq = event.seq;
        let is_full = state.events.len() + state.claimed >= self.bounds.events || state.bytes >= self.bounds.bytes;
        if is_full && !has_room {
            state.lost += 1;
            return;
        }
        state.bytes += event.size_bytes();
        state.events.push_back(Arc::clone(event));
        let is_due = [1, BATCH_MAX].contains(&state.events.len());
        drop(state);
        if is_due {
            self.changed.notify_one();
        }
    }

    /// Waits until something is to be written: for `within` from the first event, less when a batch is full or the end
    /// has come; no longer than `idle` for the first event. Cancel-safe.
    pub(super) async fn due(&self, within: Duration, idle: Duration) {
        if timeout(idle, self.once(|state| !state.events.is_empty() || state.ends)).await.is_err() {
            return;
        }
        // That time has passed is what it waits for.
        timeout(within, self.once(|state| state.events.len() >= BATCH_MAX || state.ends)).await.unwrap_or_default();
    }

    /// Waits for `pause` or the end. Cancel-safe.
    pub(super) async fn pause(&self, pause: Duration) {
        timeout(pause, self.once(|state| state.ends)).await.unwrap_or_default();
    }

    async fn once(&self, holds: impl Fn(&State) -> bool) {
        while !holds(&self.lock()) {
            self.changed.notified().await;
        }
    }

    /// The oldest that wait, at most [`BATCH_MAX`]; they go on waiting.
    pub(super) fn batch(&self) -> Vec<Arc<PublishedEvent>> {
        self.lock().events.iter().take(BATCH_MAX).cloned().collect()
    }

    /// The oldest `count` are on disk.
    pub(super) fn written(&self, count: usize) {
        let mut state = self.lock();
        for _ in 0..count {
            let Some(event) = state.events.pop_front() else { break };
            state.bytes -= event.size_bytes();
            state.on_disk_seq = event.seq;
        }
        if state.events.is_empty() {
            state.events.shrink_to(BATCH_MAX);
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let state = self.lock();
        Snapshot { events: state.events.iter().cloned().collect(), on_disk_seq: state.on_disk_seq }
    }

    pub(super) fn counts(&self) -> PendingCounts {
        let state = self.lock();
        let State { on_disk_seq, newest_seq, lost, .. } = *state;
        PendingCounts { waiting: state.events.len(), on_disk_seq, newest_seq, lost }
    }

    /// What waits is to be written now, and nothing comes after it.
    pub(super) fn end(&self) {
        self.lock().ends = true;
        self.changed.notify_one();
    }

    pub(super) fn ends(&self) -> bool {
        self.lock().ends
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    /// Room where nothing is bounded, since nothing is written.
    pub(in crate::events) fn unbounded() -> Self {
        Self { pending: None, count: 0 }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(pending) = &self.pending {
            pending.lock().claimed -= self.count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::published::encode;
    use crate::events::test_events::event;

    fn published(seq: u64) -> Arc<PublishedEvent> {
        let event = event("x");
        let json = encode(&event);
        Arc::new(PublishedEvent::new(seq, event, json))
    }

    #[test]
    fn what_a_client_sends_has_room_before_it_is_published_or_is_refused() {
        let pending = Arc::new(Pending::new(PendingBounds { events: 6, captured: 4, bytes: 1 << 20 }));
        let room = pending.claim(3).unwrap();
        assert_eq!(pending.claim(2).unwrap_err(), Busy { waiting: 0 });
        (1..=5).for_each(|seq| pending.push(&published(seq), false));
        let counts = pending.counts();
        assert_eq!((counts.waiting, counts.lost), (3, 2), "the server's own leave alone what was promised");
        (6..=8).for_each(|seq| pending.push(&published(seq), true));
        drop(room);
        let counts = pending.counts();
        assert_eq!((counts.waiting, counts.lost), (6, 2));
        assert_eq!(pending.claim(1).unwrap_err(), Busy { waiting: 6 });
        pending.written(4);
        assert_eq!(pending.counts(), PendingCounts { waiting: 2, on_disk_seq: 6, newest_seq: 8, lost: 2 });
        assert!(pending.claim(2).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let size_bytes = published(1).size_bytes();
        let bounds = PendingBounds { bytes: 4 * size_bytes, ..PendingBounds::default() };
        let pending = Arc::new(Pending::new(bounds));
        for seq in 1..=9 {
            let may_capture = pending.claim(1).is_ok();
            assert_eq!(may_capture, seq <= 3, "{seq}");
            pending.push(&published(seq), false);
        }
        let counts = pending.counts();
        assert_eq!((counts.waiting, counts.lost), (4, 5));
    }

    #[tokio::test]
    async fn what_waits_is_due_at_once_when_a_batch_is_full_or_the_end_has_come() {
        const LONG: Duration = Duration::from_secs(3600);
        let pending = Pending::new(PendingBounds::default());
        (0..BATCH_MAX as u64).for_each(|seq| pending.push(&published(seq), false));
        pending.due(LONG, LONG).await;
        assert_eq!(pending.batch().len(), BATCH_MAX);
        pending.written(BATCH_MAX);
        pending.end();
        pending.due(LONG, LONG).await;
        pending.pause(LONG).await;
        let quiet = Pending::new(PendingBounds::default());
        quiet.due(LONG, Duration::from_millis(1)).await;
        assert!(pending.batch().is_empty() && pending.ends());
    }
}
