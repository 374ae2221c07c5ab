//! `/api/time`: the clocks that frames are stamped by, so that a client can tell how late they are.

use rocket::serde::json::Json;
use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::Api;
use crate::http::guard::{Allowed, NoQuery, StreamRead};
use crate::http::openapi::Refusals;

/// Now, by the clocks of frames. Halfway between the request and the answer is the best guess of when that was (RFC 5905).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServerTime {
    /// UTC in microseconds since the Unix epoch, as `captured_us`.
    utc_us: u64,
    /// Monotonic time in microseconds, as `monotonic_us` of binary messages.
    monotonic_us: u64,
}

impl From<&Api> for ServerTime {
    fn from(api: &Api) -> Self {
        Self { utc_us: api.clock.utc_us(), monotonic_us: api.clock.now_us() }
    }
}

/// The server's time.
#[utoipa::path(context_path = "/api", tag = "service",
    responses((status = 200, body = ServerTime, description = "Both clocks now"), Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/time")]
pub(crate) fn time(_caller: Allowed<StreamRead>, _query: NoQuery, api: &State<Api>) -> Json<ServerTime> {
    Json(ServerTime::from(&**api))
}
