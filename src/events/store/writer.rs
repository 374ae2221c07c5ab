//! The one that writes: what waits goes to disk in batches, what is too old or too much goes from it.
//!
//! A disk that is full or a file that somebody holds is tried again, less and less often; what waits is kept as long as
//! there is room for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::file::EventFile;
use super::pending::Pending;
use super::{HistorySettings, Trouble};
use crate::clock::{Clock, SharedClock};

/// Between two tries with a file that gives errors, at first and at most.
const RETRY_FIRST: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(10);

/// Events that are removed in one transaction: nobody who writes waits long for it.
const REMOVED_AT_ONCE: usize = 1000;

/// Such transactions in a row.
const REMOVALS_IN_A_ROW: usize = 20;

/// Between two looks for what is to be removed, in microseconds.
const REMOVE_EVERY_US: u64 = 10_000_000;

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// Writes the events that are published until their end. Whoever holds it runs it.
pub struct HistoryWriter {
    file: EventFile,
    pending: Arc<Pending>,
    trouble: Arc<Mutex<Option<Trouble>>>,
    settings: HistorySettings,
    clock: SharedClock,
    remove_at_us: u64,
    tries_in_vain: u32,
}

impl HistoryWriter {
    pub(super) fn new(
        file: EventFile,
        (pending, trouble): (Arc<Pending>, Arc<Mutex<Option<Trouble>>>),
        settings: HistorySettings,
        clock: SharedClock,
    ) -> Self {
        Self { file, pending, trouble, settings, clock, remove_at_us: 0, tries_in_vain: 0 }
    }

    /// Writes until [`super::History::end`] was called and everything is on disk, or cannot be.
    pub async fn run(mut self) {
        loop {
            self.pending.due(self.settings.flush).await;
            let ends = self.pending.ends();
            let result = self.write().await;
            self.note(result.err());
            if ends {
                return self.end().await;
            }
            if self.tries_in_vain > 0 {
                self.pending.pause(retry_after(self.tries_in_vain)).await;
            }
        }
    }

    /// Brings to disk what waits, and removes what is to be removed.
    pub(super) async fn write(&mut self) -> Result<(), sqlx::Error> {
        if self.tries_in_vain > 0 {
            self.file.reopen().await?;
        }
        loop {
            let events = self.pending.batch();
            if events.is_empty() {
                break;
            }
            self.file.append(&events).await?;
            self.pending.written(events.len());
        }
        if self.clock.now_us() < self.remove_at_us || self.pending.ends() {
            return Ok(());
        }
        let is_all = self.remove().await?;
        self.remove_at_us = if is_all { self.clock.now_us() + REMOVE_EVERY_US } else { 0 };
        Ok(())
    }

    /// Removes events beyond the bounds; false when there are more of them.
    async fn remove(&mut self) -> Result<bool, sqlx::Error> {
        let before_us = utc_us(&*self.clock) - i64::from(self.settings.retention_days) * DAY_US;
        let mut is_all = false;
        for _ in 0..REMOVALS_IN_A_ROW {
            let is_too_much = self.file.used_bytes().await? > self.settings.bytes_max;
            let before_us = if is_too_much { i64::MAX } else { before_us };
            let removed = self.file.remove_oldest(before_us, REMOVED_AT_ONCE).await?;
            is_all = removed == 0 || (removed < REMOVED_AT_ONCE && !is_too_much);
            if is_all {
                break;
            }
        }
        self.file.remove_empty_runs(before_us).await?;
        Ok(is_all)
    }

    fn note(&mut self, error: Option<sqlx::Error>) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match error {
            Some(error) => {
                if self.tries_in_vain == 0 {
                    log::warn!(error:% = error; "Events cannot be written to disk; they wait in memory");
                }
                self.tries_in_vain += 1;
                *trouble = Some(Trouble(error.to_string()));
            }
            None if self.tries_in_vain > 0 => {
                let (tries, lost) = (self.tries_in_vain, self.pending.counts().lost);
                log::info!(tries, lost; "Events are written to disk again");
                self.tries_in_vain = 0;
                *trouble = None;
            }
            None => {}
        }
    }

    async fn end(self) {
        let waiting = self.pending.counts().waiting;
        if waiting > 0 {
            log::error!(events = waiting; "Events are lost: the disk did not take them before the end");
            return;
        }
        if let Err(error) = self.file.end(utc_us(&*self.clock)).await {
            log::warn!(error:% = error; "The end could not be noted in the file of events");
        }
    }
}

fn retry_after(tries_in_vain: u32) -> Duration {
    RETRY_FIRST.saturating_mul(1 << (tries_in_vain - 1).min(16)).min(RETRY_MAX)
}

pub(super) fn utc_us(clock: &dyn Clock) -> i64 {
    i64::try_from(clock.utc_us()).unwrap_or(i64::MAX)
}
