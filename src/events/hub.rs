//! The hub: takes events, numbers them, and puts each into the queues of those who want to see it.
//!
//! Whom an event concerns is found with the index open to all publishers at once. Its number, its place among the recent
//! events and its place in every queue it gets under one lock, so that the order is the same everywhere; who subscribes
//! holds that lock too, so that each event is either before the subscription or after it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::{Deserialize, Serialize};

use super::event::RealtimeEvent;
use super::index::{Entry, Index};
use super::published::{Delivery, PublishedEvent, encode};
use super::queue::{Queue, Queued};
use super::rate::Rate;
use super::recent::{OutOfHistory, Recent};
use super::subscriber::RealtimeSubscriber;
use super::subscription::{Subscription, SubscriptionError};
use crate::clock::{SharedClock, SystemClock};

/// Bounds of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubSettings {
    /// Events kept in memory.
    pub recent_events: usize,
    /// Memory that these may hold, in bytes.
    pub recent_bytes: usize,
    /// Events that may wait for a connection.
    pub queue_events: usize,
    /// Length that their JSON may have, in bytes.
    pub queue_bytes: usize,
}

impl Default for HubSettings {
    fn default() -> Self {
        Self { recent_events: 1000, recent_bytes: 16 << 20, queue_events: 1000, queue_bytes: 1 << 20 }
    }
}

/// What the hub has done and does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RealtimeMetrics {
    /// Connections since the hub is there.
    pub total_connections: u64,
    /// Connections now.
    pub active_connections: u64,
    /// Events per second over the last 10 whole seconds, or as many as there were.
    pub events_per_second: f64,
    /// Events since the hub is there.
    pub events_total: u64,
    /// Events that a connection did not get as its queue was full, summed over connections.
    pub lagged: u64,
    /// Events that wait in the longest queue now.
    pub queue_depth_max: u64,
}

/// Where events come together. Dropping it ends its subscribers, once they have taken what waits for them.
///
/// Its async methods never wait: each is beside one that a thread may call, where the program has such threads.
pub struct RealtimeHub {
    shared: Arc<Shared>,
}

/// A subscriber that goes on where somebody left off.
pub struct Resumed {
    /// Receives what follows on the history.
    pub subscriber: RealtimeSubscriber,
    /// The events after the one that was named which the subscriptions mean; [`Delivery::Event`], all of them.
    pub history: Vec<Delivery>,
    /// When the history does not begin right after the event that was named.
    pub missed: Option<OutOfHistory>,
}

/// What a hub shares with its subscribers.
pub(super) struct Shared {
    settings: HubSettings,
    clock: SharedClock,
    /// Changed by who holds `order` alone.
    index: RwLock<Index<Target>>,
    order: Mutex<Order>,
    connections: Mutex<Connections>,
    lagged: AtomicU64,
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
    rate: Rate,
}

#[derive(Default)]
struct Connections {
    open: HashMap<u64, Arc<Queue>>,
    total: u64,
    is_closed: bool,
}

/// Whom an event concerns, by the index of a certain generation.
struct Found {
    generation: u64,
    entries: Vec<Arc<Entry<Target>>>,
}

impl RealtimeHub {
    /// A hub that keeps the last `buffer_size` events.
    pub fn new(buffer_size: usize) -> Self {
        let settings = HubSettings { recent_events: buffer_size, ..HubSettings::default() };
        Self::with_settings(settings, SystemClock::shared())
    }

    /// A hub with these bounds.
    pub fn with_settings(settings: HubSettings, clock: SharedClock) -> Self {
        let recent = Recent::new(settings.recent_events, settings.recent_bytes);
        let order = Mutex::new(Order { recent, rate: Rate::new(clock.now_us()) });
        let (index, connections) = Default::default();
        Self { shared: Arc::new(Shared { settings, clock, index, order, connections, lagged: AtomicU64::new(0) }) }
    }

    /// As [`Self::publish_now`].
    pub async fn publish(&self, event: RealtimeEvent) {
        self.publish_now(event);
    }

    /// Gives the event its number and puts it into the queues of those who want to see it. Waits for nobody.
    pub fn publish_now(&self, event: RealtimeEvent) -> Arc<PublishedEvent> {
        let shared = &self.shared;
        let json = encode(&event);
        let mut found = shared.find(&event);
        let mut order = shared.order();
        // Who came or went in between is before this event, and must be asked for it or left alone.
        if shared.index().generation() != found.generation {
            found = shared.find(&event);
        }
        order.rate.count(shared.clock.now_us());
        let event = order.recent.push(event, json);
        shared.deliver(&event, &found);
        drop(order);
        found.connections().for_each(|(queue, _)| queue.wake());
        event
    }

    /// A connection with this subscription, which is taken as it is: a name that cannot be meant means no event.
    pub async fn subscribe(&self, subscription: Subscription) -> RealtimeSubscriber {
        let mut subscriber = self.connect();
        subscriber.put(&self.shared.order(), subscription);
        subscriber
    }

    /// A connection that has no subscription yet.
    pub fn connect(&self) -> RealtimeSubscriber {
        let (number, queue) = self.shared.enter();
        RealtimeSubscriber::new(Arc::clone(&self.shared), number, queue)
    }

    /// A connection with these subscriptions, and the events after the one of this number that they mean: none is lost
    /// between the two, and none is in both.
    ///
    /// # Errors
    /// [`SubscriptionError`], when one of the subscriptions cannot be had.
    pub fn resume(&self, subscriptions: Vec<Subscription>, after_seq: u64) -> Result<Resumed, SubscriptionError> {
        let mut subscriber = self.connect();
        for subscription in &subscriptions {
            subscription.check()?;
        }
        let (events, missed) = {
            let order = self.shared.order();
            for subscription in subscriptions {
                subscriber.set_within(&order, subscription)?;
            }
            match order.recent.after(after_seq) {
                Ok(events) => (events, None),
                Err(missed) => (order.recent.after(missed.oldest - 1).unwrap_or_default(), Some(missed)),
            }
        };
        let history = events.into_iter().filter_map(|event| subscriber.delivery_of(event)).collect();
        Ok(Resumed { subscriber, history, missed })
    }

    /// The newest events first, at most `count`.
    pub async fn get_recent_events(&self, count: usize) -> Vec<RealtimeEvent> {
        let newest = self.shared.order().recent.newest(count);
        newest.iter().map(|published| published.event.clone()).collect()
    }

    /// The events after the one of this number, in order.
    ///
    /// # Errors
    /// [`OutOfHistory`], when some of them are no longer in memory, or no event had this number yet.
    pub fn recent_after(&self, seq: u64) -> Result<Vec<Arc<PublishedEvent>>, OutOfHistory> {
        self.shared.order().recent.after(seq)
    }

    /// What the hub has done and does.
    pub async fn get_metrics(&self) -> RealtimeMetrics {
        self.metrics()
    }

    /// As [`Self::get_metrics`].
    pub fn metrics(&self) -> RealtimeMetrics {
        let shared = &self.shared;
        let (events_total, events_per_second) = {
            let mut order = shared.order();
            (order.recent.last_seq(), order.rate.per_second(shared.clock.now_us()))
        };
        let connections = shared.connections();
        RealtimeMetrics {
            total_connections: connections.total,
            active_connections: connections.open.len() as u64,
            events_per_second,
            events_total,
            lagged: shared.lagged.load(Ordering::Relaxed),
            queue_depth_max: connections.open.values().map(|queue| queue.depth() as u64).max().unwrap_or(0),
        }
    }

    #[cfg(test)]
    pub(super) fn index_places(&self) -> usize {
        self.shared.index().places()
    }
}

impl Drop for RealtimeHub {
    fn drop(&mut self) {
        let mut connections = self.shared.connections();
        connections.is_closed = true;
        connections.open.values().for_each(|queue| queue.close());
    }
}

impl Shared {
    fn find(&self, event: &RealtimeEvent) -> Found {
        let index = self.index();
        Found { generation: index.generation(), entries: index.matches(event) }
    }

    /// Puts the event into the queues. Whoever calls this holds the order.
    fn deliver(&self, event: &Arc<PublishedEvent>, found: &Found) {
        for (queue, entries) in found.connections() {
            let include_person = entries.iter().any(|entry| entry.subscription.include_person);
            let queued = Queued { event: Arc::clone(event), subscription_ids: ids_of(entries), include_person };
            let missed = queue.push(queued);
            if missed > 0 {
                self.lagged.fetch_add(missed, Ordering::Relaxed);
            }
        }
    }

    fn enter(&self) -> (u64, Arc<Queue>) {
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

    pub(super) fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index, for who holds the order.
    pub(super) fn index_mut(&self, _order: &MutexGuard<'_, Order>) -> RwLockWriteGuard<'_, Index<Target>> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn index(&self) -> RwLockReadGuard<'_, Index<Target>> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    /// Each connection, and its subscriptions that mean the event.
    fn connections(&self) -> impl Iterator<Item = (&Queue, &[Arc<Entry<Target>>])> {
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

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
