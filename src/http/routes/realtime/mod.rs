//! `/api/realtime`: what happens in the lab and on its pages.

pub(crate) mod capture;
pub(crate) mod events;
pub(crate) mod sse;
mod subscribed;
pub(crate) mod ws;

use rocket::serde::json::Json;
use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::events::{HistoryMetrics, LiveDashboardData, LiveUser, PageCount, RealtimeMetrics};
use crate::http::dashboard::DashboardStream;
use crate::http::guard::{Allowed, EventsRead, NoQuery};
use crate::http::openapi::Refusals;
use crate::http::{Api, ApiError};

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

/// How the hub is, and the disk.
#[derive(Debug, Serialize)]
pub(crate) struct Metrics {
    #[serde(flatten)]
    hub: RealtimeMetrics,
    history: Option<HistoryMetrics>,
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

/// What a live dashboard shows, at once and whenever it has changed, at most once a second.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    responses((status = 200, content_type = "text/event-stream", description = "Unnamed events, each as `/dashboard` has it; \
        `shutdown` and `reauth` as the last"), Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/dashboard/sse")]
pub(crate) fn dashboard_sse(
    caller: Allowed<EventsRead>,
    _query: NoQuery,
    api: &State<Api>,
) -> Result<DashboardStream, ApiError> {
    DashboardStream::open(api, &caller.claims)
}

/// What the hub has done and does.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    responses((status = 200, body = Object, description = "Connections and events since the start; events per second \
        over the last ten; events that connections did not get as they were slow; the longest queue; `history`: how the \
        disk does, null when events are kept in memory only"), Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/metrics")]
pub(crate) fn metrics(_caller: Allowed<EventsRead>, _query: NoQuery, api: &State<Api>) -> Json<Metrics> {
    Json(Metrics { hub: api.events.hub().metrics(), history: api.events.history_metrics() })
}
