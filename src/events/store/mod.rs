//! The past: events on disk, and what is on its way there.
//!
//! ```text
//!  hub ─▶ pending: a bounded queue ─▶ writer ─▶ file (SQLite)
//!            └──────────▶ walk ◀── read ◀────────┘
//! ```
//!
//! An event waits at most `flush` before it is written. Until it is on disk it is read from where it waits, so that the
//! past has it as soon as it was published; from [`HistoryMetrics::durable_until`] everybody sees how far the disk is.

mod file;
mod pending;
mod query;
mod read;
mod walk;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

pub use file::{StoreError, StoreProblem};
pub use pending::{Busy, Room};
pub use query::{Cursor, EventPage, EventQuery, EventTime};
pub use writer::HistoryWriter;

use super::published::PublishedEvent;
use crate::clock::SharedClock;
use file::EventFile;
pub(super) use pending::Pending;
use pending::PendingBounds;
use read::EventReader;

/// How the past is kept.
#[derive(Clone, Debug)]
pub struct HistorySettings {
    /// The file.
    pub path: PathBuf,
    /// Days after which an event goes; at least 1.
    pub retention_days: u32,
    /// What events may take on disk, in bytes; beyond it the oldest go.
    pub bytes_max: u64,
    /// Longest time that an event waits before it is written.
    pub flush: Duration,
}

/// How the disk does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryMetrics {
    /// Events on disk, those of earlier runs included.
    pub kept: u64,
    /// Events that are in memory only, for now.
    pub pending: u64,
    /// Events of this run that will never be on disk, since too many waited.
    pub lost: u64,
    /// Why nothing can be written now; null when it can.
    pub last_error: Option<String>,
    /// Why what is too old or too much cannot be removed now; null when it can.
    pub remove_error: Option<String>,
    /// The newest event, `<run>:<number>`, up to which all are on disk but the lost ones; null when none is.
    pub durable_until: Option<String>,
    /// Longest time in milliseconds that an event waits before it is written.
    pub flush_ms: u64,
}

/// The past cannot be read.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// As many look into it as may.
    #[error("too many look into the past at once; ask again in a moment")]
    Busy,
    /// The file gives an error.
    #[error("the file of events cannot be read: {0}")]
    Unreadable(sqlx::Error),
}

impl From<sqlx::Error> for HistoryError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            error => Self::Unreadable(error),
        }
    }
}

/// Where an event stands among those of all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its run.
    pub(super) run: Uuid,
    /// The number of that run: one more for each that follows.
    pub(super) number: i64,
    /// Its number in the run; 0 is before the first.
    pub(super) seq: u64,
    /// Its place among all.
    pub(super) place: i64,
}

/// Events that follow on a place.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// In order.
    pub(super) events: Vec<(Place, Arc<PublishedEvent>)>,
    /// When the first of them, or this run when there are none, does not follow right after that place: how many are
    /// missing, if anybody knows.
    pub(super) missed: Option<Option<u64>>,
}

/// How the file is, as who writes it knows.
#[derive(Debug, Default)]
struct DiskState {
    kept: u64,
    last_error: Option<String>,
    remove_error: Option<String>,
    /// The file is not where it should be.
    is_gone: bool,
}

/// The past on disk, for who looks at it and who publishes.
pub(super) struct History {
    run: Uuid,
    flush: Duration,
    pending: Arc<Pending>,
    disk: Arc<Mutex<DiskState>>,
    reader: EventReader,
}

impl History {
    /// Opens the file for this run of the program; what is published is written once somebody runs the writer.
    ///
    /// # Errors
    /// [`StoreError`], when it cannot be written or is not what it should be.
    pub(super) async fn open(
        settings: HistorySettings,
        run: Uuid,
        clock: SharedClock,
    ) -> Result<(Self, HistoryWriter), StoreError> {
        let (file, kept, reader) = EventFile::open(&settings.path, run, writer::utc_us(&*clock)).await?;
        let pending = Arc::new(Pending::new(PendingBounds::default()));
        let disk = Arc::new(Mutex::new(DiskState { kept, ..DiskState::default() }));
        let flush = settings.flush;
        let writer = HistoryWriter::new(file, (Arc::clone(&pending), Arc::clone(&disk)), settings, clock);
        Ok((Self { run, flush, pending, disk, reader }, writer))
    }

    /// Where what is published waits for the disk.
    pub(super) fn pending(&self) -> &Arc<Pending> {
        &self.pending
    }

    /// Room for so many events of a client.
    pub(super) fn room_for(&self, count: usize) -> Result<Room, Busy> {
        self.pending.claim(count)
    }

    /// The part of the past that the query means, and how far the disk is.
    pub(super) async fn page(&self, query: &EventQuery) -> Result<EventPage, HistoryError> {
        let waiting = self.pending.snapshot();
        let events: Vec<_> = waiting.events.into_iter().map(|event| (self.reader.place(event.seq), event)).collect();
        // What is written in between would come twice.
        let newest = self.reader.place(waiting.on_disk_seq);
        Ok(walk::walk(query, &events, Some((&self.reader, newest))).await?)
    }

    /// Where the event of this number of this run stands.
    pub(super) fn place(&self, seq: u64) -> Place {
        let number = self.reader.run().number;
        Place { run: self.run, number, seq, place: self.reader.place(seq) }
    }

    /// Where the event of this number of an earlier run stands, or the last of that run before it; none when there was no
    /// such run, or nobody knows of it any more.
    pub(super) async fn place_in(&self, run: Uuid, seq: u64) -> Result<Option<Place>, HistoryError> {
        Ok(self.reader.place_in(run, seq).await?)
    }

    /// The first `count` events after this place, up to the end of its run at most.
    pub(super) async fn after(&self, after: Place, count: usize) -> Result<Stored, HistoryError> {
        let waiting = self.pending.snapshot();
        let found = self.reader.after(after, self.reader.place(waiting.on_disk_seq), count).await?;
        if !found.events.is_empty() || after.number != self.reader.run().number {
            return Ok(found);
        }
        let later = waiting.events.into_iter().filter(|event| event.seq > after.seq);
        let events: Vec<_> = later.take(count).map(|event| (self.place(event.seq), event)).collect();
        let missed = events.first().map_or(0, |(place, _)| place.seq - after.seq - 1);
        Ok(Stored { events, missed: (missed > 0).then_some(Some(missed)) })
    }

    /// The newest event up to which all are on disk, `<run>:<number>`; none while the file is gone.
    pub(super) fn durable_until(&self) -> Option<String> {
        let seq = self.pending.counts().on_disk_seq;
        (seq > 0 && !self.disk().is_gone).then(|| format!("{}:{seq}", self.run))
    }

    /// Longest time that an event waits before it is written.
    pub(super) fn flush(&self) -> Duration {
        self.flush
    }

    pub(super) fn metrics(&self) -> HistoryMetrics {
        let (counts, durable_until) = (self.pending.counts(), self.durable_until());
        let disk = self.disk();
        HistoryMetrics {
            kept: disk.kept,
            pending: counts.waiting as u64,
            lost: counts.lost,
            last_error: disk.last_error.clone(),
            remove_error: disk.remove_error.clone(),
            durable_until,
            flush_ms: self.flush.as_millis() as u64,
        }
    }

    fn disk(&self) -> MutexGuard<'_, DiskState> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits is written now, and then the writer ends.
    pub(super) fn end(&self) {
        self.pending.end();
    }
}

/// The part of the past that the query means, of events in memory that have these places.
pub(super) async fn page_of(
    query: &EventQuery,
    events: &[(i64, Arc<PublishedEvent>)],
) -> Result<EventPage, HistoryError> {
    Ok(walk::walk(query, events, None).await?)
}

/// The file of events in a data directory.
pub fn events_file(data_dir: &Path) -> PathBuf {
    data_dir.join("events.sqlite")
}

#[cfg(test)]
#[path = "store_tests.rs"]
pub(super) mod tests;
