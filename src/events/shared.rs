//! What a hub and its subscribers share: the index, the order of the events, the connections.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::event::RealtimeEvent;
use super::hub::{HubSettings, RealtimeMetrics};
use super::index::{Entry, Index};
use super::published::PublishedEvent;
use super::queue::{Queue, Queued};
use super::rate::Rate;
use super::recent::Recent;
use super::store::Pending;
use crate::clock::SharedClock;

/// What a hub shares with its subscribers.
pub(super) struct Shared {
    settings: HubSettings,
    pub(super) clock: SharedClock,
    /// Changed by who holds `order` alone.
    index: RwLock<Index<Target>>,
    order: Mutex<Order>,
    connections: Mutex<Connections>,
    lagged: AtomicU64,
    /// All events on their way to the disk, if they are to go there.
    pub(super) pending: Option<Arc<Pending>>,
}

/// To whom the events of a subscription go.
pub(super) struct Target {
    pub(super) queue: Arc<Queue>,
    /// The id of the subscription.
    pub(super) ids: Arc<[String]>,
}

/// What is in the order of the events.
pub(super) struct Order {
    pub(super) recent: Recent,
    pub(super) rate: Rate,
}

#[derive(Default)]
struct Connections {
    open: HashMap<u64, Arc<Queue>>,
    total: u64,
    is_closed: bool,
}

/// Whom an event concerns, by the index of a certain generation.
pub(super) struct Found {
    pub(super) generation: u64,
    entries: Vec<Arc<Entry<Target>>>,
}

impl Shared {
    pub(super) fn new(settings: HubSettings, clock: SharedClock) -> Self {
        let recent = Recent::new(settings.recent_events, settings.recent_bytes);
        let order = Mutex::new(Order { recent, rate: Rate::new(clock.now_us()) });
        let (index, connections) = Default::default();
        Self { settings, clock, index, order, connections, lagged: AtomicU64::new(0), pending: None }
    }

    pub(super) fn find(&self, event: &RealtimeEvent) -> Found {
        let index = self.index();
        Found { generation: index.generation(), entries: index.matches(event) }
    }

    /// Puts the event into the queues. Whoever calls this holds the order.
    pub(super) fn deliver(&self, event: &Arc<PublishedEvent>, found: &Found) {
        for (queue, entries) in found.connections() {
            let include_person = entries.iter().any(|entry| entry.subscription.include_person);
            let queued = Queued { event: Arc::clone(event), subscription_ids: ids_of(entries), include_person };
            let missed = queue.push(queued);
            if missed > 0 {
                self.lagged.fetch_add(missed, Ordering::Relaxed);
            }
        }
    }

    pub(super) fn enter(&self) -> (u64, Arc<Queue>) {
        let queue = Arc::new(Queue::new(self.settings.queue_events, self.settings.queue_bytes));
        let mut connections = self.connections();
        connections.total += 1;
        let number = connections.total;
        connections.open.insert(number, Arc::clone(&queue));
        if connections.is_closed {
            queue.close();
        }
        (number, queue)
    }

    /// A connection is gone, and these were its subscriptions.
    pub(super) fn leave(&self, number: u64, entries: &[Arc<Entry<Target>>]) {
        if !entries.is_empty() {
            let order = self.order();
            let mut index = self.index_mut(&order);
            entries.iter().for_each(|entry| index.remove(entry));
        }
        let mut connections = self.connections();
        connections.open.remove(&number);
        if connections.open.capacity() > 4 * connections.open.len() {
            let places = 2 * connections.open.len();
            connections.open.shrink_to(places);
        }
    }

    pub(super) fn metrics(&self) -> RealtimeMetrics {
        let (events_total, events_per_second) = {
            let mut order = self.order();
            (order.recent.last_seq(), order.rate.per_second(self.clock.now_us()))
        };
        let connections = self.connections();
        RealtimeMetrics {
            total_connections: connections.total,
            active_connections: connections.open.len() as u64,
            events_per_second,
            events_total,
            lagged: self.lagged.load(Ordering::Relaxed),
            queue_depth_max: connections.open.values().map(|queue| queue.depth() as u64).max().unwrap_or(0),
        }
    }

    /// Ends all connections, once what waits for them is taken.
    pub(super) fn close(&self) {
        let mut connections = self.connections();
        connections.is_closed = true;
        connections.open.values().for_each(|queue| queue.close());
    }

    pub(super) fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index, for who holds the order.
    pub(super) fn index_mut(&self, _order: &MutexGuard<'_, Order>) -> RwLockWriteGuard<'_, Index<Target>> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn index(&self) -> RwLockReadGuard<'_, Index<Target>> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    /// Each connection, and its subscriptions that mean the event.
    pub(super) fn connections(&self) -> impl Iterator<Item = (&Queue, &[Arc<Entry<Target>>])> {
        let of_one = self.entries.chunk_by(|a, b| a.group == b.group);
        of_one.filter_map(|entries| Some((&*entries.first()?.target.queue, entries)))
    }
}

/// The ids of the subscriptions; mostly there is one, whose id is at hand.
pub(super) fn ids_of(entries: &[Arc<Entry<Target>>]) -> Arc<[String]> {
    match entries {
        [entry] => Arc::clone(&entry.target.ids),
        entries => entries.iter().map(|entry| entry.subscription.id.clone()).collect(),
    }
}
