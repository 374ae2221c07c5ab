//! The past of the lab: from disk where events are kept there, else from memory.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::lab::Events;
use super::published::PublishedEvent;
use super::store::{self, Busy, EventPage, EventQuery, History, HistoryError, HistoryMetrics, Place, Room, Stored};

/// Events that are taken from memory while those who publish wait.
const TAKEN_AT_ONCE: usize = 500;

/// A part of the past, and how safe the newest of it is.
#[derive(Clone, Debug)]
pub struct Past {
    /// The events.
    pub page: EventPage,
    /// The newest event, `<run>:<number>`, up to which all of this run are on disk; none when none is.
    pub durable_until: Option<String>,
    /// Longest time that an event waits before it is written; none when events are kept in memory only.
    pub flush: Option<Duration>,
}

impl Events {
    /// Room for so many events of a client on their way to the disk.
    ///
    /// # Errors
    /// [`Busy`], when too many wait already.
    pub fn room_for(&self, count: usize) -> Result<Room, Busy> {
        self.history().map_or_else(|| Ok(Room::unbounded()), |history| history.room_for(count))
    }

    /// What of the past the query means: from disk, and what is on its way there; or from memory.
    ///
    /// # Errors
    /// [`HistoryError`], when the file cannot be read.
    pub async fn past(&self, query: &EventQuery) -> Result<Past, HistoryError> {
        Ok(match self.history() {
            Some(history) => {
                // Asked before: what is on disk then is on disk when the answer is there.
                let durable_until = history.durable_until();
                Past { page: history.page(query).await?, durable_until, flush: Some(history.flush()) }
            }
            None => {
                let events = self.in_memory();
                Past { page: store::page_of(query, &events).await?, durable_until: None, flush: None }
            }
        })
    }

    /// The events in memory, each with its number. Nobody who publishes waits for all of them.
    fn in_memory(&self) -> Vec<(i64, Arc<PublishedEvent>)> {
        let (mut events, mut after) = (Vec::new(), self.hub().oldest_seq() - 1);
        loop {
            let page = match self.hub().recent_page(after, TAKEN_AT_ONCE) {
                Ok(page) => page,
                // What was taken is held; what went meanwhile was never there.
                Err(out) => {
                    after = out.oldest - 1;
                    continue;
                }
            };
            let Some(newest) = page.last() else { return events };
            after = newest.seq;
            events.extend(page.into_iter().map(|event| (event.seq as i64, event)));
        }
    }

    /// Where the event of this number of this run stands.
    pub(super) fn place(&self, seq: u64) -> Place {
        match self.history() {
            Some(history) => history.place(seq),
            None => Place { run: self.run(), number: 0, seq, place: seq as i64 },
        }
    }

    /// Where the event of this number of an earlier run stands; none when nobody knows.
    pub(super) async fn place_in(&self, run: Uuid, seq: u64) -> Result<Option<Place>, HistoryError> {
        match self.history() {
            Some(history) => history.place_in(run, seq).await,
            None => Ok(None),
        }
    }

    /// The first `count` events after this place that are on disk or on their way there.
    pub(super) async fn stored_after(&self, after: Place, count: usize) -> Result<Stored, HistoryError> {
        match self.history() {
            Some(history) => history.after(after, count).await,
            None => Ok(Stored::default()),
        }
    }

    /// How the disk does; none when events are kept in memory only.
    pub fn history_metrics(&self) -> Option<HistoryMetrics> {
        self.history().map(History::metrics)
    }

    /// Nothing more is published: what waits for the disk is written now, and its writer ends.
    pub fn end(&self) {
        if let Some(history) = self.history() {
            history.end();
        }
    }
}
