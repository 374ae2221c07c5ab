//! `/api/realtime/ws`: events over a WebSocket, by subscriptions that may change.

use rocket::{State, get};

use crate::http::event_talk::EventTalk;
use crate::http::guard::{Allowed, EventsRead, NoQuery};
use crate::http::openapi::Refusals;
use crate::http::websocket::{Upgrade, WebSocket};
use crate::http::{Api, ApiError};

/// Events as they happen, by several subscriptions on one connection. What is said over it stands in `docs/events.md`.
#[utoipa::path(context_path = "/api/realtime", tag = "events", operation_id = "events_ws",
    responses((status = 101, description = "A WebSocket: subscribe, unsubscribe and ping as JSON, and events between the answers"),
        (status = 426, body = crate::http::error::ErrorBody, description = "This is not how a WebSocket is opened"),
        (status = 503, body = crate::http::error::ErrorBody, description = "As many streams are open, or users connected, as may be"),
        Refusals),
    security(("bearer" = ["events:read"]), ("session" = [])))]
#[get("/ws")]
pub(crate) fn ws(
    caller: Allowed<EventsRead>,
    _query: NoQuery,
    upgrade: Upgrade,
    api: &State<Api>,
) -> Result<WebSocket, ApiError> {
    let claims = &caller.claims;
    WebSocket::open(api, upgrade, claims, |_activity, _address| EventTalk::new(api, claims))
}
