//! Reads the file of events: part after part of the past, each bounded, and what came after a certain event.

use std::ops::ControlFlow;
use std::sync::Arc;

use futures_util::StreamExt;
use sqlx::sqlite::SqlitePool;
use sqlx::{QueryBuilder, Row, Sqlite, query_as, query_scalar};
use tokio::task::yield_now;
use uuid::Uuid;

use super::file::RunRow;
use super::query::{Cursor, EventQuery};
use super::{Place, Stored};
use crate::events::event::RealtimeEvent;
use crate::events::published::PublishedEvent;
use crate::events::subscription::NamePattern;

/// Rows that are decoded without letting others run.
const ROWS_AT_ONCE: usize = 200;

/// Looks into the past; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct EventReader {
    pool: SqlitePool,
    run: RunRow,
}

/// A part of the past: rows from `lower` on, as many as were to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The last of them; older ones may follow. None when there are fewer than were to be looked at.
    pub(super) lower: Option<Cursor>,
    pub(super) rows: u64,
}

impl EventReader {
    pub(super) fn new(pool: SqlitePool, run: RunRow) -> Self {
        Self { pool, run }
    }

    /// The place of an event of this run.
    pub(super) fn place(&self, seq: u64) -> i64 {
        self.run.base.saturating_add_unsigned(seq)
    }

    pub(super) fn run(&self) -> RunRow {
        self.run
    }

    /// Where the event of this number of an earlier run stands; the last of that run on disk, when it is beyond it.
    pub(super) async fn place_in(&self, run: Uuid, seq: u64) -> Result<Option<Place>, sqlx::Error> {
        let row = query_as("SELECT number, base, last_seq FROM run WHERE id = ?").bind(run.to_string());
        let row: Option<(i64, i64, i64)> = row.fetch_optional(&self.pool).await?;
        Ok(row.map(|(number, base, last_seq)| {
            let seq = seq.min(last_seq as u64);
            Place { run, number, seq, place: base.saturating_add_unsigned(seq) }
        }))
    }

    /// The first `count` events after this one up to the place `newest`.
    pub(super) async fn after(&self, after: Place, newest: i64, count: usize) -> Result<Stored, sqlx::Error> {
        const AFTER: &str = "SELECT event.place, event.seq, run.number, run.id, event.json FROM event \
            JOIN run ON run.number = event.run WHERE event.place > ? AND event.place <= ? ORDER BY event.place LIMIT ?";
        let rows = query_as(AFTER).bind(after.place).bind(newest).bind(count as i64);
        let rows: Vec<(i64, i64, i64, String, String)> = rows.fetch_all(&self.pool).await?;
        let events = rows.into_iter().map(|(place, seq, number, run, json)| {
            let run = run.parse().map_err(|error: uuid::Error| sqlx::Error::Decode(error.into()))?;
            let place = Place { run, number, seq: seq as u64, place };
            let published = PublishedEvent::new(place.seq, event_of(&json)?, json.into());
            Ok((place, Arc::new(published)))
        });
        // What follows on a run that did not end in order may not be what came next.
        let mut events = events.collect::<Result<Vec<_>, sqlx::Error>>()?;
        let next =
            events.first().map_or((self.run.number, self.run.base + 1), |(first, _)| (first.number, first.place));
        events.truncate(events.iter().take_while(|(place, _)| place.number == next.0).count());
        let missed = match self.ended_in_order(after.number, next.0).await? {
            true => u64::try_from(next.1 - after.place - 1).ok().filter(|missed| *missed > 0).map(Some),
            false => Some(None),
        };
        Ok(Stored { events, missed })
    }

    /// Whether everything that was published in the runs from `first` to before `until` is known.
    async fn ended_in_order(&self, first: i64, until: i64) -> Result<bool, sqlx::Error> {
        const ENDED: &str = "SELECT count(*) FROM run WHERE number >= ? AND number < ? AND ended_us IS NOT NULL";
        let ended: i64 = query_scalar(ENDED).bind(first).bind(until).fetch_one(&self.pool).await?;
        Ok(ended == until - first)
    }

    /// The newest rows before `upper` that an index of the query leads to.
    pub(super) async fn window(&self, query: &EventQuery, upper: Cursor, rows: usize) -> Result<Window, sqlx::Error> {
        let mut sql =
            QueryBuilder::new("SELECT timestamp_us, place, count(*) OVER () FROM (SELECT timestamp_us, place");
        push_range(&mut sql, query, upper);
        sql.push(" ORDER BY timestamp_us DESC, place DESC LIMIT ").push_bind(rows as i64);
        sql.push(") ORDER BY timestamp_us, place LIMIT 1");
        let found: Option<(i64, i64, i64)> = sql.build_query_as().fetch_optional(&self.pool).await?;
        let Some((timestamp_us, place, count)) = found else { return Ok(Window { lower: None, rows: 0 }) };
        let is_full = count as usize >= rows;
        Ok(Window { lower: is_full.then_some(Cursor { timestamp_us, place }), rows: count as u64 })
    }

    /// Gives the rows before `upper` down to `lower`, of those up to the place `newest`, to `visit`, the newest first. What
    /// the filters say of them is not asked.
    pub(super) async fn each(
        &self,
        query: &EventQuery,
        (upper, lower, newest): (Cursor, Option<Cursor>, i64),
        mut visit: impl FnMut(Cursor, &str) -> ControlFlow<()>,
    ) -> Result<(), sqlx::Error> {
        let mut sql = QueryBuilder::new("SELECT timestamp_us, place, json");
        push_range(&mut sql, query, upper);
        if let Some(lower) = lower {
            sql.push(" AND (timestamp_us, place) >= (").push_bind(lower.timestamp_us);
            sql.push(", ").push_bind(lower.place).push(")");
        }
        sql.push(" AND place <= ").push_bind(newest);
        push_words(&mut sql, query);
        sql.push(" ORDER BY timestamp_us DESC, place DESC");
        let mut rows = sql.build().fetch(&self.pool).enumerate();
        while let Some((number, row)) = rows.next().await {
            let row = row?;
            if number % ROWS_AT_ONCE == ROWS_AT_ONCE - 1 {
                yield_now().await;
            }
            let at = Cursor { timestamp_us: row.try_get(0)?, place: row.try_get(1)? };
            if visit(at, row.try_get(2)?).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The event of a row; an error of decoding for one that is none.
pub(super) fn event_of(json: &str) -> Result<RealtimeEvent, sqlx::Error> {
    serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The one name that is asked for, if there is one: it has an index of its own.
fn only_name(query: &EventQuery) -> Option<&str> {
    let mut names = query.subscription.names();
    match (names.next(), names.next()) {
        (Some(NamePattern::Exact(name)), None) => Some(name),
        _ => None,
    }
}

/// What an index finds by itself.
fn push_range(sql: &mut QueryBuilder<Sqlite>, query: &EventQuery, upper: Cursor) {
    match only_name(query) {
        Some(name) => sql.push(" FROM event INDEXED BY event_name WHERE event = ").push_bind(name),
        None => sql.push(" FROM event INDEXED BY event_time WHERE true"),
    };
    sql.push(" AND timestamp_us >= ").push_bind(query.since_us());
    sql.push(" AND (timestamp_us, place) < (")
        .push_bind(upper.timestamp_us)
        .push(", ")
        .push_bind(upper.place)
        .push(")");
}

/// What has to be looked at row by row.
fn push_words(sql: &mut QueryBuilder<Sqlite>, query: &EventQuery) {
    if let Some(environment) = &query.subscription.environment {
        sql.push(" AND environment = ").push_bind(environment.as_str());
    }
    if let Some(id) = &query.distinct_id {
        sql.push(" AND distinct_id = ").push_bind(id.as_str());
    }
    sql.push(" AND (false");
    for name in query.subscription.names() {
        match name {
            NamePattern::All => sql.push(" OR true"),
            NamePattern::Exact(name) => sql.push(" OR event = ").push_bind(name),
            // All that begins with `word.`: the slash comes right after the dot.
            NamePattern::Below(word) => {
                sql.push(" OR (event >= ").push_bind(format!("{word}."));
                sql.push(" AND event < ").push_bind(format!("{word}/")).push(")")
            }
        };
    }
    sql.push(")");
}
