//! The queue of a connection: bounded in events and memory; the oldest make room, are counted, and that is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::published::{Delivery, PublishedEvent};

/// Places that an empty queue keeps; what a burst has taken beyond goes back.
const PLACES_KEPT: usize = 64;

/// What waits for one connection.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Notify,
    events_max: usize,
    bytes_max: usize,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Queued>,
    bytes: usize,
    missed: u64,
    is_closed: bool,
}

/// An event for a connection.
pub(super) struct Queued {
    pub(super) event: Arc<PublishedEvent>,
    pub(super) subscription_ids: Arc<[String]>,
    pub(super) include_person: bool,
}

/// What there is to take.
pub(super) enum Taken {
    Delivery(Delivery),
    Nothing,
    /// Nothing, and nothing will come.
    Ended,
}

impl Queue {
    pub(super) fn new(events_max: usize, bytes_max: usize) -> Self {
        Self { waiting: Mutex::default(), arrived: Notify::new(), events_max, bytes_max }
    }

    /// Puts an event behind the others without waking the reader: see [`Self::wake`]. Says how many there was no room
    /// for any more; that may be the event itself.
    pub(super) fn push(&self, queued: Queued) -> u64 {
        let mut waiting = self.lock();
        waiting.bytes += queued.bytes();
        waiting.events.push_back(queued);
        let mut missed = 0;
        while waiting.events.len() > self.events_max || waiting.bytes > self.bytes_max {
            let Some(oldest) = waiting.events.pop_front() else { break };
            waiting.bytes -= oldest.bytes();
            missed += 1;
        }
        waiting.missed += missed;
        missed
    }

    pub(super) fn wake(&self) {
        self.arrived.notify_one();
    }

    /// The next wake-up, or one that there was since the last.
    pub(super) fn woken(&self) -> Notified<'_> {
        self.arrived.notified()
    }

    pub(super) fn take(&self) -> Taken {
        self.take_if(|_| true)
    }

    /// The next, unless it is an event of a higher number: then nothing.
    pub(super) fn take_until(&self, seq: u64) -> Taken {
        self.take_if(|queued| queued.event.seq <= seq)
    }

    /// Whether nothing waits, nor is to be told as missed.
    pub(super) fn is_idle(&self) -> bool {
        let waiting = self.lock();
        waiting.events.is_empty() && waiting.missed == 0
    }

    fn take_if(&self, is_wanted: impl FnOnce(&Queued) -> bool) -> Taken {
        let mut waiting = self.lock();
        if waiting.missed > 0 {
            return Taken::Delivery(Delivery::Lagged { missed: std::mem::take(&mut waiting.missed) });
        }
        let Some(queued) = waiting.events.pop_front_if(|queued| is_wanted(queued)) else {
            let is_ended = waiting.is_closed && waiting.events.is_empty();
            return if is_ended { Taken::Ended } else { Taken::Nothing };
        };
        waiting.bytes -= queued.bytes();
        if waiting.events.is_empty() {
            waiting.events.shrink_to(PLACES_KEPT);
        }
        Taken::Delivery(queued.into())
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.wake();
    }

    /// How many events wait.
    pub(super) fn depth(&self) -> usize {
        self.lock().events.len()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queued {
    /// Memory that is held for it.
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.event.size_bytes()
    }
}

impl From<Queued> for Delivery {
    fn from(queued: Queued) -> Self {
        let Queued { event, subscription_ids, include_person } = queued;
        Self::Event { event, subscription_ids, include_person }
    }
}
