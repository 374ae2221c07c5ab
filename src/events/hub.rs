//! The hub: takes events, numbers them, and puts each into the queues of those who want to see it.
//!
//! Whom an event concerns is found with the index open to all publishers at once. Its number, its place among the recent
//! events and its place in every queue it gets under one lock, so that the order is the same everywhere; who subscribes
//! holds that lock too, so that each event is either before the subscription or after it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::RealtimeEvent;
use super::published::{Delivery, PublishedEvent, encode};
use super::recent::{HistoryPage, OutOfHistory};
use super::shared::Shared;
use super::store::Pending;
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
    /// Memory that these may hold, in bytes, as if nobody else waited for them.
    pub queue_bytes: usize,
}

impl Default for HubSettings {
    fn default() -> Self {
        Self { recent_events: 1000, recent_bytes: 16 << 20, queue_events: 1000, queue_bytes: 4 << 20 }
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

impl RealtimeHub {
    /// A hub that keeps the last `buffer_size` events.
    pub fn new(buffer_size: usize) -> Self {
        let settings = HubSettings { recent_events: buffer_size, ..HubSettings::default() };
        Self::with_settings(settings, SystemClock::shared())
    }

    /// A hub with these bounds.
    pub fn with_settings(settings: HubSettings, clock: SharedClock) -> Self {
        Self { shared: Arc::new(Shared::new(settings, clock)) }
    }

    /// A hub whose events also go into this queue, in order.
    pub(super) fn keeping(settings: HubSettings, clock: SharedClock, pending: Arc<Pending>) -> Self {
        let mut shared = Shared::new(settings, clock);
        shared.pending = Some(pending);
        Self { shared: Arc::new(shared) }
    }

    /// As [`Self::publish_now`].
    pub async fn publish(&self, event: RealtimeEvent) {
        self.publish_now(event);
    }

    /// Gives the event its number and puts it into the queues of those who want to see it. Waits for nobody.
    pub fn publish_now(&self, event: RealtimeEvent) -> Arc<PublishedEvent> {
        self.publish_with(event, false)
    }

    /// As [`Self::publish_now`]; whether there is room for it on its way to the disk.
    pub(super) fn publish_with(&self, event: RealtimeEvent, has_room: bool) -> Arc<PublishedEvent> {
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
        if let Some(pending) = &shared.pending {
            pending.push(&event, has_room);
        }
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
    /// between the two, and none is in both. All events in memory after that number are looked at, and held, at once: who
    /// is far behind comes near first ([`super::Reading`]).
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

    /// The first `count` events after the one of this number, in order.
    ///
    /// # Errors
    /// [`OutOfHistory`], as of [`Self::recent_after`].
    pub(super) fn recent_page(&self, seq: u64, count: usize) -> Result<Vec<Arc<PublishedEvent>>, OutOfHistory> {
        self.shared.order().recent.page(seq, count)
    }

    /// The number of the oldest event in memory; of the next one, when there is none.
    pub(super) fn oldest_seq(&self) -> u64 {
        self.shared.order().recent.oldest()
    }

    /// The number of the newest event; 0 before the first.
    pub fn last_seq(&self) -> u64 {
        self.shared.order().recent.last_seq()
    }

    /// The first events in memory after the one numbered `after`, up to the one numbered `until`: not more than are read
    /// at once without keeping others waiting, and at least one when there is any.
    pub fn history_page(&self, after: u64, until: u64) -> HistoryPage {
        self.shared.order().recent.span(after, until)
    }

    /// What the hub has done and does.
    pub async fn get_metrics(&self) -> RealtimeMetrics {
        self.metrics()
    }

    /// As [`Self::get_metrics`].
    pub fn metrics(&self) -> RealtimeMetrics {
        self.shared.metrics()
    }

    #[cfg(test)]
    pub(super) fn index_places(&self) -> usize {
        self.shared.index().places()
    }
}

impl Drop for RealtimeHub {
    fn drop(&mut self) {
        self.shared.close();
    }
}

#[cfg(test)]
#[path = "hub_model_tests.rs"]
mod model_tests;
#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
