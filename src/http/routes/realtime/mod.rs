//! `/api/realtime`: what happens in the lab and on its pages.

pub(crate) mod capture;
pub(crate) mod sse;
pub(crate) mod ws;

use rocket::serde::json::Json;
use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::events::{LiveDashboardData, LiveUser, PageCount, RealtimeEvent, RealtimeMetrics};
use crate::http::guard::{Allowed, EventsRead, NoQuery};
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::{Api, ApiError};

/// Events that are listed when nobody says how many, and at most.
const EVENTS_LISTED: usize = 100;
const EVENTS_LISTED_MAX: usize = 1000;

/// The newest events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventList {
    /// The newest first.
    #[schema(value_type = Vec<Object>)]
    events: Vec<RealtimeEvent>,
}

/// Who is live.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserList {
    /// How many.
    live_users: u64,
    /// Each of them, the last active first.
    #[schema(value_type = Vec<Object>)]
    users: Vec<LiveUser>,
    /// How many are on which page, the fullest first.
    #[schema(value_type = Vec<Object>)]
    pages: Vec<PageCount>,
}

/// The newest events in memory.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    params(("limit" = Option<usize>, Query, minimum = 1, maximum = 1000, description = "How many; 100 unless said")),
    responses((status = 200, body = EventList, description = "The newest first"), Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/events")]
pub(crate) async fn events(
    _caller: Allowed<EventsRead>,
    mut query: Query,
    api: &State<Api>,
) -> Result<Json<EventList>, ApiError> {
    let limit: Limit = query.take("limit")?.unwrap_or(Limit(EVENTS_LISTED));
    query.end()?;
    Ok(Json(EventList { events: api.events.hub().get_recent_events(limit.0).await }))
}

/// Who is live.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    responses((status = 200, body = UserList, description = "Each user once"), Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/users")]
pub(crate) fn users(_caller: Allowed<EventsRead>, _query: NoQuery, api: &State<Api>) -> Json<UserList> {
    let (users, pages) = api.events.users().users_and_pages();
    Json(UserList { live_users: users.len() as u64, users, pages })
}

/// What a live dashboard shows.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    responses((status = 200, body = Object, description = "`live_users`, `events_per_minute` by name, the newest \
        events, the most viewed pages of five minutes, and when it was so"), Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/dashboard")]
pub(crate) async fn dashboard(
    _caller: Allowed<EventsRead>,
    _query: NoQuery,
    api: &State<Api>,
) -> Json<LiveDashboardData> {
    Json(api.events.dashboard().await)
}

/// What the hub has done and does.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    responses((status = 200, body = Object, description = "Connections and events since the start; events per second \
        over the last ten; events that connections did not get as they were slow; the longest queue"), Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/metrics")]
pub(crate) fn metrics(_caller: Allowed<EventsRead>, _query: NoQuery, api: &State<Api>) -> Json<RealtimeMetrics> {
    Json(api.events.hub().metrics())
}

/// How many events are listed.
struct Limit(usize);

impl std::str::FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let limit = text.parse().ok().filter(|limit| (1..=EVENTS_LISTED_MAX).contains(limit));
        limit.map(Self).ok_or_else(|| format!("expected a whole number from 1 to {EVENTS_LISTED_MAX}"))
    }
}
