//! A reader that goes on where it left off: what it missed, page after page from disk and memory, and then what comes.
//!
//! It becomes a subscriber only when a page or less is missing: what it still has to read neither fills its queue nor is
//! held for it.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::task::yield_now;
use uuid::Uuid;

use super::hub::Resumed;
use super::lab::Events;
use super::published::{Delivery, PublishedEvent};
use super::store::{HistoryError, Place, Stored};
use super::subscriber::RealtimeSubscriber;
use super::subscription::{Subscription, SubscriptionError};

/// Events that are looked at and held at a time.
const PAGE: usize = 100;

/// Events for one subscription, from a certain place on.
pub struct Reading {
    events: Events,
    subscription: Subscription,
    ids: Arc<[String]>,
    told: VecDeque<Told>,
    state: State,
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

enum State {
    /// So far it was told.
    Behind(Place),
    /// Named an earlier run, which has not been looked for yet.
    Earlier(Uuid, u64),
    Live(RealtimeSubscriber),
}

/// What is next, and where the reader stands then.
struct Page {
    told: VecDeque<Told>,
    state: State,
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
        let ids = [subscription.id.clone()].into();
        Ok(Self { events: events.clone(), subscription, ids, told: VecDeque::new(), state })
    }

    /// What is next; none once there is nothing more to come. Cancel-safe.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Some(told);
            }
            let page = match &mut self.state {
                State::Live(subscriber) => return subscriber.recv().await.map(|delivery| self.told_of(delivery)),
                State::Behind(place) => {
                    let place = *place;
                    self.page(place).await?
                }
                State::Earlier(run, seq) => {
                    let (run, seq) = (*run, *seq);
                    self.find(run, seq).await
                }
            };
            (self.told, self.state) = (page.told, page.state);
            yield_now().await;
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

    /// Run and number of the newest event up to which the reader was told all that the subscription means; none while it is
    /// about to be told more.
    pub fn position(&self) -> Option<(Uuid, u64)> {
        if !self.told.is_empty() {
            return None;
        }
        match &self.state {
            State::Behind(place) => Some((place.run, place.seq)),
            State::Earlier(..) => None,
            State::Live(subscriber) => Some((self.events.run(), subscriber.caught_up_with()?)),
        }
    }

    /// What comes after the place; none when nothing more will.
    async fn page(&self, after: Place) -> Option<Page> {
        match self.read(after).await {
            Ok(page) => page,
            Err(error) => {
                log::warn!(error:% = error; "Events of the past could not be read for a reader that came back");
                let oldest = self.events.hub().oldest_seq();
                let place = self.events.place(oldest - 1);
                Some(self.page_of(Some(None), place, Vec::new()))
            }
        }
    }

    async fn read(&self, after: Place) -> Result<Option<Page>, HistoryError> {
        let first = self.events.place(0);
        if after.number == first.number {
            return self.read_of_this_run(after).await;
        }
        let found = self.events.stored_after(after, PAGE).await?;
        Ok(Some(match found {
            Stored { events, missed } if !events.is_empty() => self.page_of(missed, after, events),
            Stored { missed, .. } => self.page_of(missed, first, Vec::new()),
        }))
    }

    async fn read_of_this_run(&self, after: Place) -> Result<Option<Page>, HistoryError> {
        let oldest = match self.events.hub().recent_page(after.seq, PAGE) {
            Ok(events) if events.len() < PAGE => return Ok(self.live(after.seq)),
            Ok(events) => return Ok(Some(self.page_of(None, after, self.placed(events)))),
            Err(out) => out.oldest,
        };
        let mut found = self.events.stored_after(after, PAGE).await?;
        // Memory has what is lost to the disk.
        found.events.truncate(found.events.partition_point(|(place, _)| place.seq < oldest));
        Ok(Some(match found {
            Stored { events, missed } if !events.is_empty() => self.page_of(missed, after, events),
            _ => {
                let missed = oldest.saturating_sub(after.seq + 1);
                self.page_of((missed > 0).then_some(Some(missed)), self.events.place(oldest - 1), Vec::new())
            }
        }))
    }

    /// The reader becomes a subscriber; none once the hub is gone.
    fn live(&self, after_seq: u64) -> Option<Page> {
        let Resumed { subscriber, history, missed } =
            self.events.hub().resume(vec![self.subscription.clone()], after_seq).ok()?;
        let run = self.events.run();
        let lagged = missed.map(|out| Told::Lagged {
            missed: Some(out.oldest.saturating_sub(after_seq + 1)),
            at: Some((run, out.oldest - 1)),
        });
        let told = lagged.into_iter().chain(history.into_iter().map(|delivery| self.told_of(delivery))).collect();
        Some(Page { told, state: State::Live(subscriber) })
    }

    /// Where an event of an earlier run stands; where this run begins, when nobody knows.
    async fn find(&self, run: Uuid, seq: u64) -> Page {
        match self.events.place_in(run, seq).await {
            Ok(Some(place)) => Page { told: VecDeque::new(), state: State::Behind(place) },
            Ok(None) => self.page_of(Some(None), self.events.place(0), Vec::new()),
            Err(error) => {
                log::warn!(error:% = error; "An earlier run of the program could not be looked up");
                self.page_of(Some(None), self.events.place(0), Vec::new())
            }
        }
    }

    /// These events of one run, and what is missing between them; what was missed before them, or before the place when
    /// there are none.
    fn page_of(&self, missed: Option<Option<u64>>, at: Place, events: Vec<(Place, Arc<PublishedEvent>)>) -> Page {
        let before = events.first().map_or((at.run, at.seq), |(place, _)| (place.run, place.seq.saturating_sub(1)));
        let state = State::Behind(events.last().map_or(at, |(place, _)| *place));
        let mut told: VecDeque<_> =
            missed.map(|missed| Told::Lagged { missed, at: Some(before) }).into_iter().collect();
        let mut told_seq = before.1;
        for (place, event) in events {
            // What was removed by its time, or never reached the disk, leaves a hole.
            let missed = place.seq.saturating_sub(told_seq + 1);
            if missed > 0 {
                told.push_back(Told::Lagged { missed: Some(missed), at: Some((place.run, place.seq - 1)) });
            }
            told_seq = place.seq;
            if self.subscription.matches(&event.event) {
                told.push_back(Told::Event { run: place.run, event, subscription_ids: Arc::clone(&self.ids) });
            }
        }
        Page { told, state }
    }

    fn placed(&self, events: Vec<Arc<PublishedEvent>>) -> Vec<(Place, Arc<PublishedEvent>)> {
        events.into_iter().map(|event| (self.events.place(event.seq), event)).collect()
    }

    fn told_of(&self, delivery: Delivery) -> Told {
        match delivery {
            Delivery::Event { event, subscription_ids, .. } => {
                Told::Event { run: self.events.run(), event, subscription_ids }
            }
            Delivery::Lagged { missed } => Told::Lagged { missed: Some(missed), at: None },
        }
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
