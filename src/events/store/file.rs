//! The file of events: opened, written and kept within its bounds. SQLite in WAL mode.
//!
//! Each transaction is on the disk when it is committed (`synchronous = FULL`), so that a loss of power takes no more
//! than the end of the process by force does: what was not committed. One per `flush_ms` is cheap enough for that.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, QueryBuilder, SqlSafeStr, Sqlite, query, query_as, query_scalar};
use thiserror::Error;
use uuid::Uuid;

use super::read::EventReader;
use crate::events::published::PublishedEvent;

/// How long somebody else may hold the file before that is an error.
const BUSY: Duration = Duration::from_secs(1);

/// How many look into the past at a time; others wait for them.
const READERS: u32 = 2;

/// How long they wait.
const READER_WITHIN: Duration = Duration::from_secs(10);

/// Rows of one statement.
const ROWS_PER_STATEMENT: usize = 100;

/// What a row takes beside its JSON, in the table and its indexes.
const ROW_BYTES: i64 = 250;

/// Why the past cannot be kept.
#[derive(Debug, Error)]
#[error(
    "events cannot be kept in {}: {problem}; mend the file or move it away (with its -wal and -shm), or keep events in \
     memory only (events.retention_days: 0)",
    path.display()
)]
pub struct StoreError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: StoreProblem,
}

/// What is wrong with the file.
#[derive(Debug, Error)]
pub enum StoreProblem {
    /// The system says so.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The library says so.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    /// It is no file of this program, or of a newer one.
    #[error("it is not as this version of the program keeps it: {0}")]
    Migrate(#[from] MigrateError),
}

/// The one that writes the file.
pub(super) struct EventFile {
    path: PathBuf,
    identity: (u64, u64),
    options: SqliteConnectOptions,
    writer: SqliteConnection,
    run: RunRow,
}

/// The row of a run of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunRow {
    pub(super) number: i64,
    /// The place of an event is this and its number in the run.
    pub(super) base: i64,
}

impl EventFile {
    /// Opens or makes the file, and notes that a run begins. Who writes it, how many events it has, and who reads it.
    ///
    /// # Errors
    /// [`StoreError`], when it cannot be written or is not what it should be.
    pub(super) async fn open(path: &Path, run: Uuid, now_us: i64) -> Result<(Self, u64, EventReader), StoreError> {
        let opened = open(path, run, now_us).await;
        opened.map_err(|problem| StoreError { path: path.to_owned(), problem })
    }

    /// An error when the path does not lead to the file any more: what is written to it then, nobody will find.
    pub(super) fn check_there(&self) -> Result<(), sqlx::Error> {
        const GONE: &str = "the file is gone, or another is in its place; put it back, or start the server anew";
        match self.path.metadata() {
            Ok(metadata) if identity(&metadata) == self.identity => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            Ok(_) | Err(_) => Err(io::Error::other(GONE).into()),
        }
    }

    /// Writes the events, all or none; those that are there already stay as they are.
    /// Says how many were added.
    pub(super) async fn append(&mut self, events: &[Arc<PublishedEvent>]) -> Result<u64, sqlx::Error> {
        let Some(newest) = events.last() else { return Ok(0) };
        let run = self.run;
        let mut transaction = self.writer.begin().await?;
        let mut added = 0;
        for events in events.chunks(ROWS_PER_STATEMENT) {
            added += insert(run, events).build().execute(&mut *transaction).await?.rows_affected();
        }
        query("UPDATE total SET kept = kept + ?").bind(added as i64).execute(&mut *transaction).await?;
        let newest = query("UPDATE run SET last_seq = ? WHERE number = ?").bind(newest.seq as i64).bind(run.number);
        newest.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(added)
    }

    /// Removes the oldest before `before_us`, at most `count`; says how many these were.
    pub(super) async fn remove_oldest(&mut self, before_us: i64, count: usize) -> Result<usize, sqlx::Error> {
        const OLDEST: &str = "DELETE FROM event WHERE place IN \
            (SELECT place FROM event WHERE timestamp_us < ? ORDER BY timestamp_us, place LIMIT ?)";
        self.remove(query(OLDEST).bind(before_us).bind(count as i64)).await
    }

    /// Removes the oldest that together take `bytes`, by an estimate, at most `count` and at least one if there is any; says
    /// how many these were.
    pub(super) async fn remove_bytes(&mut self, bytes: u64, count: usize) -> Result<usize, sqlx::Error> {
        // `older` is what those before it take; what is longer than a page takes whole ones.
        const LARGE: &str = "DELETE FROM event WHERE place IN (SELECT place FROM \
            (SELECT place, coalesce(sum(bytes) OVER (ORDER BY timestamp_us, place \
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS older \
            FROM (SELECT place, timestamp_us, \
            ? + iif(octet_length(json) < 4096, octet_length(json), (octet_length(json) / 4096 + 1) * 4096) AS bytes \
            FROM event ORDER BY timestamp_us, place LIMIT ?)) WHERE older < ?)";
        let remove = query(LARGE).bind(ROW_BYTES).bind(count as i64).bind(bytes as i64);
        self.remove(remove).await
    }

    async fn remove(&mut self, delete: Query<'_, Sqlite, SqliteArguments>) -> Result<usize, sqlx::Error> {
        let mut transaction = self.writer.begin().await?;
        let removed = delete.execute(&mut *transaction).await?.rows_affected();
        query("UPDATE total SET kept = kept - ?").bind(removed as i64).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(removed as usize)
    }

    /// Forgets runs that began before `before_us` and of which nothing is kept.
    pub(super) async fn remove_empty_runs(&mut self, before_us: i64) -> Result<(), sqlx::Error> {
        const EMPTY: &str = "DELETE FROM run WHERE started_us < ? AND number < ? AND NOT EXISTS \
            (SELECT 1 FROM event WHERE place > run.base AND place <= run.base + run.last_seq)";
        query(EMPTY).bind(before_us).bind(self.run.number).execute(&mut self.writer).await.map(drop)
    }

    /// What the rows and indexes take, in bytes; the file may be longer.
    pub(super) async fn used_bytes(&mut self) -> Result<u64, sqlx::Error> {
        const USED: &str = "SELECT (page_count - freelist_count) * page_size \
            FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
        let used: i64 = query_scalar(USED).fetch_one(&mut self.writer).await?;
        Ok(used as u64)
    }

    /// Begins anew with a file that gave an error: what was left half done there is gone.
    pub(super) async fn reopen(&mut self) -> Result<(), sqlx::Error> {
        self.writer = self.options.clone().create_if_missing(false).connect().await?;
        Ok(())
    }

    /// Notes that the run ended in order, after so many events, with all of them on disk that were not lost; and puts it
    /// into the one file.
    pub(super) async fn end(mut self, newest_seq: u64, now_us: i64) -> Result<(), sqlx::Error> {
        let ended = query("UPDATE run SET ended_us = ?, last_seq = ? WHERE number = ?");
        ended.bind(now_us).bind(newest_seq as i64).bind(self.run.number).execute(&mut self.writer).await?;
        self.writer.close().await
    }
}

async fn open(path: &Path, run: Uuid, now_us: i64) -> Result<(EventFile, u64, EventReader), StoreProblem> {
    // A named pipe would wait for its reader.
    if path.exists() && !path.is_file() {
        return Err(io::Error::other("it is no regular file").into());
    }
    // Who did what is for nobody else to read; the files beside it get the mode of this one.
    let file = File::options().create(true).append(true).mode(0o600).open(path)?;
    let identity = identity(&file.metadata()?);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .disable_statement_logging();
    let mut writer = options.clone().connect().await?;
    migrations().run(&mut writer).await?;
    let run = begin(&mut writer, run, now_us).await?;
    let kept: i64 = query_scalar("SELECT kept FROM total").fetch_one(&mut writer).await?;
    let readers = SqlitePoolOptions::new().max_connections(READERS).acquire_timeout(READER_WITHIN);
    let readers: SqlitePool = readers.connect_lazy_with(options.clone().read_only(true));
    let path = path.to_owned();
    Ok((EventFile { path, identity, options, writer, run }, kept as u64, EventReader::new(readers, run)))
}

/// Device and number of a file.
fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn migrations() -> Migrator {
    let init = include_str!("../../../migrations/events/0001_init.sql").into_sql_str();
    Migrator::with_migrations(vec![Migration::new(1, "init".into(), MigrationType::Simple, init, false)])
}

/// Places go on behind those of all runs before.
async fn begin(writer: &mut SqliteConnection, id: Uuid, started_us: i64) -> Result<RunRow, sqlx::Error> {
    const NEXT: &str = "SELECT coalesce(max(number), 0) + 1, coalesce(max(base + last_seq), 0) FROM run";
    let (number, base): (i64, i64) = query_as(NEXT).fetch_one(&mut *writer).await?;
    let row = query("INSERT INTO run (number, id, base, last_seq, started_us) VALUES (?, ?, ?, 0, ?)");
    row.bind(number).bind(id.to_string()).bind(base).bind(started_us).execute(writer).await?;
    Ok(RunRow { number, base })
}

fn insert(run: RunRow, events: &[Arc<PublishedEvent>]) -> QueryBuilder<Sqlite> {
    const COLUMNS: &str = "INSERT INTO event \
        (place, run, seq, id, event, distinct_id, timestamp_us, environment, session_id, json) ";
    let mut rows = QueryBuilder::new(COLUMNS);
    rows.push_values(events, |mut row, published| {
        let (seq, event) = (published.seq as i64, &published.event);
        row.push_bind(run.base + seq).push_bind(run.number).push_bind(seq);
        row.push_bind(event.id.as_str()).push_bind(event.event.as_str()).push_bind(event.distinct_id.as_str());
        row.push_bind(event.timestamp.timestamp_micros()).push_bind(event.environment.as_str());
        row.push_bind(event.session_id.as_deref());
        // What was encoded as JSON is UTF-8.
        row.push_bind(std::str::from_utf8(&published.json).unwrap_or_default());
    });
    rows.push(" ON CONFLICT (place) DO NOTHING");
    rows
}
