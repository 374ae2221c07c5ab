//! `/api/realtime/sse`: events as server-sent events.

use rocket::{State, get};

use super::subscribed::subscription;
use crate::events::Subscription;
use crate::http::event_stream::{EventStream, LastSeen};
use crate::http::guard::{Allowed, EventsRead};
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::{Api, ApiError};

/// Events as they happen.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    params(
        ("events" = Option<String>, Query, description = "Names with commas between, such as `$pageview,daemon.*`; all unless said"),
        ("environment" = Option<String>, Query, description = "Of this installation only"),
        ("filter" = Option<Vec<String>>, Query, description = "`{\"property\", \"operator\", \"value\"}` as JSON; each of them must hold"),
        ("include_person" = Option<bool>, Query, description = "Each event tells of its `person`"),
        ("Last-Event-ID" = Option<String>, Header, description = "Go on after this event"),
    ),
    responses((status = 200, content_type = "text/event-stream", description = "Unnamed events, each with the \
        `subscription_ids` that mean it; `lagged` for those that were missed, `shutdown` and `reauth` as the last"), Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/sse")]
pub(crate) fn sse(
    caller: Allowed<EventsRead>,
    mut query: Query,
    last: LastSeen,
    api: &State<Api>,
) -> Result<EventStream, ApiError> {
    let include_person = query.take("include_person")?.unwrap_or(false);
    let subscription = Subscription { include_person, ..subscription(&mut query, "events")? };
    query.end()?;
    EventStream::open(api, subscription, last, &caller.claims)
}
