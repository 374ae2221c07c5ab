//! `/api/audio/stream/ws`: several live streams on one WebSocket.

use rocket::{State, get};

use super::StreamRefusals;
use crate::http::guard::{Allowed, NoQuery, StreamRead};
use crate::http::openapi::Refusals;
use crate::http::talk::Talk;
use crate::http::websocket::{Upgrade, WebSocket};
use crate::http::{Api, ApiError};

/// Several streams on one connection, as binary messages. What is said over it stands in `docs/wire.md`.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream",
    responses((status = 101, description = "A WebSocket: subscribe, unsubscribe and ping as JSON, events as binary messages"),
        (status = 426, body = crate::http::error::ErrorBody, description = "This is not how a WebSocket is opened"),
        StreamRefusals, Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/ws")]
pub(crate) fn ws(
    caller: Allowed<StreamRead>,
    _query: NoQuery,
    upgrade: Upgrade,
    api: &State<Api>,
) -> Result<WebSocket, ApiError> {
    let claims = &caller.claims;
    WebSocket::open(api, upgrade, claims, |activity, address| Ok(Talk::new(api, claims, address, activity)))
}
