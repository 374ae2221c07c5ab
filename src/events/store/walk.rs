//! One walk through the past, newest first: what waits for the disk and what is on it, in one order.

use std::iter::Peekable;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::vec::IntoIter;

use tokio::task::yield_now;

use super::query::{Cursor, EventPage, EventQuery};
use super::read::{EventReader, event_of};
use crate::events::event::RealtimeEvent;
use crate::events::published::PublishedEvent;

/// Rows of a part of the past, which is looked through in one statement; few in tests, so that there are several.
const WINDOW_ROWS: usize = if cfg!(test) { 7 } else { 5000 };

/// Rows that an answer may cost.
const LOOKS_MAX: u64 = if cfg!(test) { 20 } else { 50_000 };

/// JSON that is read for an answer, in bytes.
const READ_BYTES_MAX: usize = if cfg!(test) { 8000 } else { 32 << 20 };

/// JSON of an answer, in bytes.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// Events in memory that are matched without letting others run.
const MATCHES_AT_ONCE: usize = 200;

/// The answer as far as it has come.
struct Answer {
    limit: usize,
    events: Vec<RealtimeEvent>,
    bytes: usize,
    last: Option<Cursor>,
    looked_at: u64,
    read_bytes: usize,
}

/// Why a walk ends before the past does.
enum Full {
    Limit,
    Bytes,
    /// So far enough was read.
    Read(Cursor),
}

/// Matching events in memory, the newest first.
type InMemory<'a> = Peekable<IntoIter<(Cursor, &'a Arc<PublishedEvent>)>>;

/// The events of the query among those in memory, which have these places, and those on disk up to the place `newest`.
pub(super) async fn walk(
    query: &EventQuery,
    in_memory: &[(i64, Arc<PublishedEvent>)],
    on_disk: Option<(&EventReader, i64)>,
) -> Result<EventPage, sqlx::Error> {
    let mut answer = Answer::new(query.limit, in_memory.len() as u64);
    let mut in_memory = matching(query, in_memory).await;
    if let Some((reader, newest)) = on_disk {
        let mut upper = query.upper();
        loop {
            let window = reader.window(query, upper, WINDOW_ROWS).await?;
            answer.looked_at += window.rows;
            let (mut full, mut wrong) = (ControlFlow::Continue(()), None);
            let visit = |at, json: &str| {
                full = answer.all_before(at, &mut in_memory);
                if full.is_continue() {
                    match event_of(json) {
                        Ok(event) if query.means(at, &event) => full = answer.offer(at, json.len(), || event),
                        Ok(_) => {}
                        Err(error) => wrong = Some(error),
                    }
                }
                answer.read_bytes += json.len();
                if full.is_continue() && answer.read_bytes > READ_BYTES_MAX {
                    full = ControlFlow::Break(Full::Read(at));
                }
                if full.is_break() || wrong.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            if window.rows > 0 {
                reader.each(query, (upper, window.lower, newest), visit).await?;
            }
            if let Some(error) = wrong {
                return Err(error);
            }
            if let ControlFlow::Break(full) = full {
                return Ok(answer.cut(full));
            }
            let Some(lower) = window.lower else { break };
            if let ControlFlow::Break(full) = answer.all_before(lower, &mut in_memory) {
                return Ok(answer.cut(full));
            }
            if answer.looked_at >= LOOKS_MAX {
                return Ok(EventPage { cursor: Some(lower), complete: false, ..answer.whole() });
            }
            upper = lower;
        }
    }
    Ok(match answer.all_before(Cursor { timestamp_us: i64::MIN, place: i64::MIN }, &mut in_memory) {
        ControlFlow::Break(full) => answer.cut(full),
        ControlFlow::Continue(()) => answer.whole(),
    })
}

async fn matching<'a>(query: &EventQuery, events: &'a [(i64, Arc<PublishedEvent>)]) -> InMemory<'a> {
    let mut matching = Vec::new();
    for events in events.chunks(MATCHES_AT_ONCE) {
        let places = events.iter().map(|(place, published)| {
            let timestamp_us = published.event.timestamp.timestamp_micros();
            (Cursor { timestamp_us, place: *place }, published)
        });
        matching.extend(places.filter(|(at, published)| query.means(*at, &published.event)));
        yield_now().await;
    }
    matching.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    matching.into_iter().peekable()
}

impl Answer {
    fn new(limit: usize, looked_at: u64) -> Self {
        Self { limit, events: Vec::new(), bytes: 0, last: None, looked_at, read_bytes: 0 }
    }

    /// Takes those in memory that come before this place.
    fn all_before(&mut self, at: Cursor, in_memory: &mut InMemory<'_>) -> ControlFlow<Full> {
        while let Some((newer, published)) = in_memory.next_if(|(newer, _)| *newer > at) {
            self.offer(newer, published.json.len(), || published.event.clone())?;
        }
        ControlFlow::Continue(())
    }

    /// Takes the event, if there is room for one more.
    fn offer(&mut self, at: Cursor, json_bytes: usize, event: impl FnOnce() -> RealtimeEvent) -> ControlFlow<Full> {
        if self.events.len() >= self.limit {
            return ControlFlow::Break(Full::Limit);
        }
        if !self.events.is_empty() && self.bytes + json_bytes > ANSWER_BYTES_MAX {
            return ControlFlow::Break(Full::Bytes);
        }
        self.bytes += json_bytes;
        self.last = Some(at);
        self.events.push(event());
        ControlFlow::Continue(())
    }

    /// There is more.
    fn cut(self, full: Full) -> EventPage {
        let (cursor, complete) = match full {
            Full::Limit => (self.last, true),
            Full::Bytes => (self.last, false),
            Full::Read(at) => (Some(at), false),
        };
        EventPage { cursor, complete, ..self.whole() }
    }

    fn whole(self) -> EventPage {
        EventPage { events: self.events, cursor: None, looked_at: self.looked_at, complete: true }
    }
}
