//! A subscriber: one connection to the hub, its subscriptions and what waits for it.

use std::sync::{Arc, MutexGuard};

use super::index::Entry;
use super::published::{Delivery, PublishedEvent};
use super::queue::{Queue, Taken};
use super::shared::{Order, Shared, Target, ids_of};
use super::subscription::{Subscription, SubscriptionError};

/// Most subscriptions of a connection.
const SUBSCRIPTIONS_MAX: usize = 100;

/// Most filters with operator `regex` in all subscriptions of a connection.
const PATTERNS_MAX: usize = 20;

/// What became of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// It is there beside the others.
    Added,
    /// It took the place of the one with its id: from one event to the next, none meant by both or neither is lost.
    Replaced,
}

/// A connection to a [`super::RealtimeHub`]; dropping it ends its subscriptions at once.
pub struct RealtimeSubscriber {
    hub: Arc<Shared>,
    number: u64,
    queue: Arc<Queue>,
    entries: Vec<Arc<Entry<Target>>>,
}

impl RealtimeSubscriber {
    pub(super) fn new(hub: Arc<Shared>, number: u64, queue: Arc<Queue>) -> Self {
        Self { hub, number, queue, entries: Vec::new() }
    }

    /// Adds a subscription, or replaces the one of the same id. It holds for all events that are published from then on.
    ///
    /// # Errors
    /// [`SubscriptionError`], when it cannot be meant or is one too many; everything is then as before.
    pub fn set(&mut self, subscription: Subscription) -> Result<Set, SubscriptionError> {
        self.set_behind(subscription).map(|(set, _)| set)
    }

    /// As [`Self::set`]; gives the number, too, of the newest event that was published before.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub fn set_behind(&mut self, subscription: Subscription) -> Result<(Set, u64), SubscriptionError> {
        subscription.check()?;
        let hub = Arc::clone(&self.hub);
        let order = hub.order();
        Ok((self.set_within(&order, subscription)?, order.recent.last_seq()))
    }

    /// As [`Self::set`], for who holds the order and has checked the subscription by itself.
    pub(super) fn set_within(
        &mut self,
        order: &MutexGuard<'_, Order>,
        subscription: Subscription,
    ) -> Result<Set, SubscriptionError> {
        let others = || self.entries.iter().filter(|entry| entry.subscription.id != subscription.id);
        if others().count() >= SUBSCRIPTIONS_MAX {
            return Err(SubscriptionError::TooManyOfConnection(SUBSCRIPTIONS_MAX));
        }
        let patterns = others().map(|entry| entry.subscription.patterns()).sum::<usize>() + subscription.patterns();
        if patterns > PATTERNS_MAX {
            return Err(SubscriptionError::TooManyPatterns(PATTERNS_MAX));
        }
        Ok(self.put(order, subscription))
    }

    /// Adds or replaces a subscription whatever it is.
    pub(super) fn put(&mut self, order: &MutexGuard<'_, Order>, subscription: Subscription) -> Set {
        let replaced = self.place_of(&subscription.id).map(|at| self.entries.remove(at));
        let target = Target { queue: Arc::clone(&self.queue), ids: [subscription.id.clone()].into() };
        let mut index = self.hub.index_mut(order);
        if let Some(replaced) = &replaced {
            index.remove(replaced);
        }
        self.entries.push(index.insert(Arc::new(subscription), self.number, target));
        if replaced.is_some() { Set::Replaced } else { Set::Added }
    }

    /// Ends the subscription of this id; false when there is none. What waits already is still received.
    pub fn unset(&mut self, id: &str) -> bool {
        self.unset_behind(id).is_some()
    }

    /// As [`Self::unset`]; gives the number of the newest event that was published before, none when there is no such
    /// subscription.
    pub fn unset_behind(&mut self, id: &str) -> Option<u64> {
        let at = self.place_of(id)?;
        let order = self.hub.order();
        self.hub.index_mut(&order).remove(&self.entries.remove(at));
        Some(order.recent.last_seq())
    }

    /// The subscriptions, in the order in which they were set.
    pub fn subscriptions(&self) -> impl Iterator<Item = &Subscription> {
        self.entries.iter().map(|entry| &*entry.subscription)
    }

    /// What is next; none once the hub is gone. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Delivery> {
        loop {
            match self.queue.take() {
                Taken::Delivery(delivery) => return Some(delivery),
                Taken::Ended => return None,
                Taken::Nothing => self.queue.woken().await,
            }
        }
    }

    /// What is next, if it waits already.
    pub fn try_recv(&mut self) -> Option<Delivery> {
        match self.queue.take() {
            Taken::Delivery(delivery) => Some(delivery),
            Taken::Nothing | Taken::Ended => None,
        }
    }

    /// What is next, if it waits already and is no event of a higher number than this.
    pub fn try_recv_until(&mut self, seq: u64) -> Option<Delivery> {
        match self.queue.take_until(seq) {
            Taken::Delivery(delivery) => Some(delivery),
            Taken::Nothing | Taken::Ended => None,
        }
    }

    /// The number of the newest event, when all that were meant up to it have been received; else none.
    pub fn place(&self) -> Option<u64> {
        // Who publishes puts into queues under the order: what has a number up to this one waits or was taken.
        let order = self.hub.order();
        self.queue.is_idle().then(|| order.recent.last_seq())
    }

    /// The event as this connection receives it, if one of its subscriptions means it.
    pub(super) fn delivery_of(&self, event: Arc<PublishedEvent>) -> Option<Delivery> {
        let means = |entry: &&Arc<Entry<Target>>| entry.subscription.matches(&event.event);
        let entries: Vec<_> = self.entries.iter().filter(means).cloned().collect();
        let include_person = entries.iter().any(|entry| entry.subscription.include_person);
        (!entries.is_empty()).then(|| Delivery::Event { event, subscription_ids: ids_of(&entries), include_person })
    }

    fn place_of(&self, id: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.subscription.id == id)
    }
}

impl Drop for RealtimeSubscriber {
    fn drop(&mut self) {
        self.hub.leave(self.number, &self.entries);
    }
}
