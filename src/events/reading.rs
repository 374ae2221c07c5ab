//! A reader that goes on where it left off: what it missed, page after page from disk and memory, and then what comes.
//!
//! It becomes a subscriber only when a page or less is missing: what it still has to read neither fills its queue nor is
//! held for it.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::task::JoinSet;
use uuid::Uuid;

use super::catch_up::{CatchUp, Page};
use super::lab::Events;
use super::published::{Delivery, PublishedEvent};
use super::store::Place;
use super::subscriber::RealtimeSubscriber;
use super::subscription::{Subscription, SubscriptionError};

/// Events for one subscription, from a certain place on.
pub struct Reading {
    way: Arc<CatchUp>,
    told: VecDeque<Told>,
    state: State,
    /// The page that is on its way, one at most: who stops waiting for it finds it here the next time.
    page: JoinSet<Option<Page>>,
}

/// What a reader is told.
#[derive(Clone, Debug)]
pub enum Told {
    /// An event that the subscription means.
    Event {
        /// The run of the program that it is of.
        run: Uuid,
        /// The event.
        event: Arc<PublishedEvent>,
        /// The subscription's id.
        subscription_ids: Arc<[String]>,
    },
    /// Events that do not come.
    Lagged {
        /// How many; none when nobody knows.
        missed: Option<u64>,
        /// Run and number of the last of them; none where the next event tells it.
        at: Option<(Uuid, u64)>,
    },
}

/// Where a reader stands.
pub(super) enum State {
    /// So far it was told.
    Behind(Place),
    /// Named an earlier run, which has not been looked for yet.
    Earlier(Uuid, u64),
    /// It is told what comes.
    Live(RealtimeSubscriber),
}

impl Reading {
    /// What comes from now on; or what came after the event of this run and number.
    ///
    /// # Errors
    /// [`SubscriptionError`], when the subscription cannot be had.
    pub fn begin(
        events: &Events,
        subscription: Subscription,
        after: Option<(Uuid, u64)>,
    ) -> Result<Self, SubscriptionError> {
        subscription.check()?;
        let state = match after {
            None => {
                let mut subscriber = events.hub().connect();
                subscriber.set(subscription.clone())?;
                State::Live(subscriber)
            }
            Some((run, seq)) if run == events.run() => State::Behind(events.place(seq)),
            Some((run, seq)) => State::Earlier(run, seq),
        };
        let way = Arc::new(CatchUp::new(events.clone(), subscription));
        Ok(Self { way, told: VecDeque::new(), state, page: JoinSet::new() })
    }

    /// What is next; none once there is nothing more to come. Cancel-safe, and what was begun goes on meanwhile. Within a
    /// runtime only.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Some(told);
            }
            if let State::Live(subscriber) = &mut self.state {
                return subscriber.recv().await.map(|delivery| self.told_of(delivery));
            }
            let page = self.page().await?;
            (self.told, self.state) = (page.told, page.state);
        }
    }

    /// Cancel-safe.
    async fn page(&mut self) -> Option<Page> {
        if self.page.is_empty() {
            let way = Arc::clone(&self.way);
            match self.state {
                State::Live(_) => return None,
                State::Behind(place) => self.page.spawn(async move { way.page(place).await }),
                State::Earlier(run, seq) => self.page.spawn(async move { Some(way.find(run, seq).await) }),
            };
        }
        match self.page.join_next().await? {
            Ok(page) => page,
            Err(error) => {
                log::error!(error:% = error; "A reader ends: what it missed could not be read");
                None
            }
        }
    }

    /// What is next, if it is there already.
    pub fn try_next(&mut self) -> Option<Told> {
        if let Some(told) = self.told.pop_front() {
            return Some(told);
        }
        let State::Live(subscriber) = &mut self.state else { return None };
        let delivery = subscriber.try_recv()?;
        Some(self.told_of(delivery))
    }

    /// Whether all that was missed is read, so that no more comes than what happens.
    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Live(_))
    }

    /// Run and number of the newest event up to which the reader was told all that the subscription means; none while it is
    /// about to be told more.
    pub fn position(&self) -> Option<(Uuid, u64)> {
        if !self.told.is_empty() {
            return None;
        }
        match &self.state {
            State::Behind(place) => Some((place.run, place.seq)),
            State::Earlier(..) => None,
            State::Live(subscriber) => Some((self.way.run(), subscriber.place()?)),
        }
    }

    fn told_of(&self, delivery: Delivery) -> Told {
        Told::of(self.way.run(), delivery)
    }
}

impl Told {
    /// What a subscriber of this run gets.
    pub(super) fn of(run: Uuid, delivery: Delivery) -> Self {
        match delivery {
            Delivery::Event { event, subscription_ids, .. } => Self::Event { run, event, subscription_ids },
            Delivery::Lagged { missed } => Self::Lagged { missed: Some(missed), at: None },
        }
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
