//! The one that writes: what waits goes to disk in batches, what is too old or too much goes from it.
//!
//! A disk that is full or a file that somebody holds is tried again, less and less often; what waits is kept as long as
//! there is room for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::file::EventFile;
use super::pending::Pending;
use super::{DiskState, HistorySettings};
use crate::clock::{Clock, SharedClock};

/// Between two tries with a file that gives errors, at first and at most.
const RETRY_FIRST: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(10);

/// Events that are removed in one transaction: nobody who writes waits long for it.
const REMOVED_AT_ONCE: usize = 1000;

/// Such transactions in a row.
const REMOVALS_IN_A_ROW: usize = 20;

/// Between two looks for what is to be removed.
const REMOVE_EVERY: Duration = Duration::from_secs(10);

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// Writes the events that are published until their end. Whoever holds it runs it.
pub struct HistoryWriter {
    file: EventFile,
    pending: Arc<Pending>,
    disk: Arc<Mutex<DiskState>>,
    settings: HistorySettings,
    clock: SharedClock,
    remove_at_us: u64,
    tries_in_vain: u32,
}

impl HistoryWriter {
    pub(super) fn new(
        file: EventFile,
        (pending, disk): (Arc<Pending>, Arc<Mutex<DiskState>>),
        settings: HistorySettings,
        clock: SharedClock,
    ) -> Self {
        Self { file, pending, disk, settings, clock, remove_at_us: 0, tries_in_vain: 0 }
    }

    /// Writes until [`crate::events::Events::end`] was called and everything is on disk, or cannot be.
    pub async fn run(mut self) {
        loop {
            self.pending.due(self.settings.flush, REMOVE_EVERY).await;
            let ends = self.pending.ends();
            let result = self.write().await;
            self.note(result.err());
            if self.tries_in_vain == 0 && !ends {
                self.remove_if_due().await;
            }
            if ends {
                return self.end().await;
            }
            if self.tries_in_vain > 0 {
                self.pending.pause(retry_after(self.tries_in_vain)).await;
            }
        }
    }

    /// Brings to disk what waits.
    pub(super) async fn write(&mut self) -> Result<(), sqlx::Error> {
        self.file.check_there()?;
        if self.tries_in_vain > 0 {
            self.file.reopen().await?;
        }
        loop {
            let events = self.pending.batch();
            if events.is_empty() {
                break;
            }
            let added = self.file.append(&events).await?;
            self.disk().kept += added;
            // Nothing is promised that the file at the path does not have.
            self.file.check_there()?;
            self.pending.written(events.len());
        }
        Ok(())
    }

    /// Removes what is to be removed. That this fails keeps nobody from writing.
    pub(super) async fn remove_if_due(&mut self) {
        if self.clock.now_us() < self.remove_at_us {
            return;
        }
        let result = self.remove().await;
        let is_all = *result.as_ref().unwrap_or(&true);
        self.remove_at_us = if is_all { self.clock.now_us() + REMOVE_EVERY.as_micros() as u64 } else { 0 };
        let error = result.err().map(|error| error.to_string());
        let before = std::mem::replace(&mut self.disk().remove_error, error.clone());
        match (before, error) {
            (None, Some(error)) => log::warn!(error; "Old events cannot be removed from disk; new ones are written"),
            (Some(_), None) => log::info!("Old events are removed from disk again"),
            _ => {}
        }
    }

    /// Removes events beyond the bounds; false when there are more of them.
    async fn remove(&mut self) -> Result<bool, sqlx::Error> {
        let before_us = utc_us(&*self.clock) - i64::from(self.settings.retention_days) * DAY_US;
        let mut is_all = false;
        for _ in 0..REMOVALS_IN_A_ROW {
            // Measured again after each: how much a row takes is an estimate.
            let too_much = self.file.used_bytes().await?.saturating_sub(self.settings.bytes_max);
            let removed = match too_much {
                0 => self.file.remove_oldest(before_us, REMOVED_AT_ONCE).await?,
                bytes => self.file.remove_bytes(bytes, REMOVED_AT_ONCE).await?,
            };
            self.count_removed(removed as u64);
            is_all = removed == 0 || (removed < REMOVED_AT_ONCE && too_much == 0);
            if is_all {
                break;
            }
        }
        self.file.remove_empty_runs(before_us).await?;
        Ok(is_all)
    }

    fn note(&mut self, error: Option<sqlx::Error>) {
        let is_gone = error.is_some() && self.file.check_there().is_err();
        {
            let mut disk = self.disk();
            (disk.last_error, disk.is_gone) = (error.as_ref().map(ToString::to_string), is_gone);
        }
        match error {
            Some(error) => {
                if self.tries_in_vain == 0 {
                    log::warn!(error:% = error; "Events cannot be written to disk; they wait in memory");
                }
                self.tries_in_vain += 1;
            }
            None if self.tries_in_vain > 0 => {
                let (tries, lost) = (self.tries_in_vain, self.pending.counts().lost);
                log::info!(tries, lost; "Events are written to disk again");
                self.tries_in_vain = 0;
            }
            None => {}
        }
    }

    fn count_removed(&self, removed: u64) {
        let mut disk = self.disk();
        disk.kept = disk.kept.saturating_sub(removed);
    }

    fn disk(&self) -> MutexGuard<'_, DiskState> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn end(self) {
        let counts = self.pending.counts();
        if counts.waiting > 0 {
            let (events, on_disk_until) = (counts.waiting, counts.on_disk_seq);
            log::error!(events, on_disk_until; "Events are lost: the disk did not take them before the end");
            return;
        }
        if let Err(error) = self.file.end(counts.newest_seq, utc_us(&*self.clock)).await {
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
