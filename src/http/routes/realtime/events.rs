//! `/api/realtime/events`: what has happened.

use rocket::http::Status;
use rocket::serde::json::Json;
use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::subscribed::subscription;
use crate::events::{EventQuery, HistoryError, RealtimeEvent};
use crate::http::guard::{Allowed, EventsRead};
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::{Api, ApiError};

/// Events that are listed when nobody says how many, and at most.
const LISTED: usize = 100;
const LISTED_MAX: usize = 1000;

/// When to try again what could not be read.
const RETRY_SECS: u64 = 5;

/// A part of the past.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventList {
    /// The newest first, by `timestamp`.
    #[schema(value_type = Vec<Object>)]
    events: Vec<RealtimeEvent>,
    /// Gives what comes behind the last of them; null when nothing does.
    cursor: Option<String>,
    /// False when there are fewer than `limit` though more may match: no more may be looked at for one request. `cursor`
    /// goes on.
    complete: bool,
    /// Events that were looked at.
    looked_at: u64,
    /// The newest event, `<run>:<number>`, up to which all of this run are on disk; null when none is.
    durable_until: Option<String>,
    /// Longest time in milliseconds that an event waits before it is written to disk; null when events are kept in memory
    /// only.
    flush_ms: Option<u64>,
}

/// What has happened, of this run and earlier ones.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    params(
        ("event" = Option<String>, Query, description = "Names with commas between, such as `$pageview,daemon.*`; all unless said"),
        ("since" = Option<String>, Query, description = "Not before this time, as in RFC 3339"),
        ("until" = Option<String>, Query, description = "Before this time"),
        ("environment" = Option<String>, Query, description = "Of this installation only"),
        ("distinct_id" = Option<String>, Query, description = "Of this user only"),
        ("filter" = Option<Vec<String>>, Query, description = "`{\"property\", \"operator\", \"value\"}` as JSON; each of them must hold"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 1000, description = "How many at most; 100 unless said"),
        ("cursor" = Option<String>, Query, description = "Go on behind an earlier answer, with the same other parameters"),
    ),
    responses((status = 200, body = EventList, description = "The newest first"), Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/events")]
pub(crate) async fn events(
    _caller: Allowed<EventsRead>,
    mut query: Query,
    api: &State<Api>,
) -> Result<Json<EventList>, ApiError> {
    let asked = EventQuery {
        subscription: subscription(&mut query, "event")?,
        distinct_id: query.take("distinct_id")?,
        since: query.take("since")?,
        until: query.take("until")?,
        limit: query.take("limit")?.unwrap_or(Limit(LISTED)).0,
        cursor: query.take("cursor")?,
    };
    query.end()?;
    let past = api.events.past(&asked).await.map_err(|error| {
        let code = match error {
            HistoryError::Busy => "history_busy",
            HistoryError::Unreadable(_) => "history_unreadable",
        };
        ApiError::new(Status::ServiceUnavailable, code, error.to_string()).retry_after_secs(RETRY_SECS)
    })?;
    Ok(Json(EventList {
        events: past.page.events,
        cursor: past.page.cursor.map(|cursor| cursor.to_string()),
        complete: past.page.complete,
        looked_at: past.page.looked_at,
        durable_until: past.durable_until,
        flush_ms: past.flush.map(|flush| flush.as_millis() as u64),
    }))
}

/// How many events are listed.
struct Limit(usize);

impl std::str::FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let limit = text.parse().ok().filter(|limit| (1..=LISTED_MAX).contains(limit));
        limit.map(Self).ok_or_else(|| format!("expected a whole number from 1 to {LISTED_MAX}"))
    }
}
