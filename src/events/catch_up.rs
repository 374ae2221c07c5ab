//! What a reader missed, page after page: from disk, from memory, and then from the hub.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use super::hub::Resumed;
use super::lab::Events;
use super::published::PublishedEvent;
use super::reading::{State, Told};
use super::store::{HistoryError, Place, Stored};
use super::subscription::Subscription;

/// Events that are looked at and held at a time.
const PAGE: usize = 100;

/// Pauses between tries with a file that gives errors: it may be busy, and what it has must not be passed over for that.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// The way of one subscription from a place in the past to what happens now.
pub(super) struct CatchUp {
    events: Events,
    subscription: Subscription,
    ids: Arc<[String]>,
}

/// What is next, and where the reader stands then.
pub(super) struct Page {
    pub(super) told: VecDeque<Told>,
    pub(super) state: State,
}

impl CatchUp {
    pub(super) fn new(events: Events, subscription: Subscription) -> Self {
        let ids = [subscription.id.clone()].into();
        Self { events, subscription, ids }
    }

    /// The run of the program.
    pub(super) fn run(&self) -> Uuid {
        self.events.run()
    }

    /// What comes after the place; none when nothing more will.
    pub(super) async fn page(&self, after: Place) -> Option<Page> {
        match again(|| self.read(after)).await {
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
        let told = lagged.into_iter().chain(history.into_iter().map(|delivery| Told::of(run, delivery))).collect();
        Some(Page { told, state: State::Live(subscriber) })
    }

    /// Where an event of an earlier run stands; where this run begins, when nobody knows.
    pub(super) async fn find(&self, run: Uuid, seq: u64) -> Page {
        match again(|| self.events.place_in(run, seq)).await {
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
}

/// What `read` gives, tried again a few times when that is an error.
async fn again<T, F: Future<Output = Result<T, HistoryError>>>(read: impl Fn() -> F) -> Result<T, HistoryError> {
    for pause in PAUSES {
        match read().await {
            Ok(found) => return Ok(found),
            Err(error) => log::debug!(error:% = error; "Events of the past are read again"),
        }
        sleep(pause).await;
    }
    read().await
}
