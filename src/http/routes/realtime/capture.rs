//! `/api/realtime/capture` and `/api/realtime/batch`: events from clients.

use std::num::NonZeroU32;

use rocket::http::Status;
use rocket::response::status::Accepted;
use rocket::serde::json::Json;
use rocket::{State, post};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoResponses, ToSchema};

use crate::auth::Scope;
use crate::events::{CapturedEvent, Room, Sender};
use crate::http::body::JsonBody;
use crate::http::capture_limiter::BATCH_MAX;
use crate::http::error::ErrorBody;
use crate::http::guard::{Allowed, Caller, EventsWrite, NoQuery};
use crate::http::openapi::{BodyRefusals, Refusals};
use crate::http::{Api, ApiError};

/// When to try again while the disk takes nothing.
const BUSY_RETRY_SECS: u64 = 5;

/// Several events.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    /// Each as `/capture` takes it.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 1000)]
    batch: Vec<Value>,
}

/// What became of each event.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CaptureAnswer {
    /// Ids of those that were taken, in the order in which they came; one that was sent before is among them.
    accepted: Vec<String>,
    /// Those that were not.
    rejected: Vec<Rejected>,
}

/// An event that was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rejected {
    /// Its place in the batch, from 0.
    index: usize,
    /// Its id, if it had one.
    id: Option<String>,
    /// A stable word for programs.
    code: &'static str,
    /// For people: what is wrong, and what would be right.
    message: String,
}

/// Answers of the routes that take events.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what the routes answer")]
enum CaptureAnswers {
    /// What became of each event.
    #[response(status = 202)]
    Taken(CaptureAnswer),
    /// The body is no object with these fields, or the one event was not taken.
    #[response(status = 422)]
    BodyInvalid(ErrorBody),
    /// More than `events.per_second` in the name of this subject.
    #[response(status = 429)]
    TooOften(ErrorBody),
    /// Too many events wait to be written to disk.
    #[response(status = 503)]
    Busy(ErrorBody),
}

/// Publishes one event.
#[utoipa::path(context_path = "/api/realtime", tag = "events",
    request_body(content = Object, description = "`event`, and if need be `id`, `distinct_id`, `timestamp`, `properties`, \
        `session_id`, `environment`"),
    responses(CaptureAnswers, BodyRefusals, Refusals), security(("bearer" = ["events:write"]), ("session" = [])))]
#[post("/capture", data = "<body>")]
pub(crate) fn capture(
    caller: Allowed<EventsWrite>,
    _query: NoQuery,
    api: &State<Api>,
    body: JsonBody<serde_json::Map<String, Value>>,
) -> Result<Accepted<Json<CaptureAnswer>>, ApiError> {
    let mut answer = take(api, &caller, vec![Value::Object(body.0)])?;
    match answer.rejected.pop() {
        Some(Rejected { code, message, .. }) => Err(ApiError::new(Status::UnprocessableEntity, code, message)),
        None => Ok(Accepted(Json(answer))),
    }
}

/// Publishes several events. One that is wrong keeps no other from being taken.
#[utoipa::path(context_path = "/api/realtime", tag = "events", request_body = Batch,
    responses(CaptureAnswers, BodyRefusals, Refusals), security(("bearer" = ["events:write"]), ("session" = [])))]
#[post("/batch", data = "<body>")]
pub(crate) fn batch(
    caller: Allowed<EventsWrite>,
    _query: NoQuery,
    api: &State<Api>,
    body: JsonBody<Batch>,
) -> Result<Accepted<Json<CaptureAnswer>>, ApiError> {
    take(api, &caller, body.0.batch).map(|answer| Accepted(Json(answer)))
}

fn take(api: &Api, caller: &Caller, events: Vec<Value>) -> Result<CaptureAnswer, ApiError> {
    let claims = &caller.claims;
    let count = u32::try_from(events.len()).ok().filter(|count| *count <= BATCH_MAX).ok_or_else(|| {
        let message = format!("batch: {} events, at most {BATCH_MAX} in a request", events.len());
        ApiError::new(Status::PayloadTooLarge, "batch_too_large", message)
    })?;
    let count = NonZeroU32::new(count).ok_or_else(|| {
        ApiError::new(Status::UnprocessableEntity, "body_invalid", "batch: it is empty; expected 1 to 1000 events")
    })?;
    let room = api.events.room_for(events.len()).map_err(|busy| {
        ApiError::new(Status::ServiceUnavailable, "events_busy", busy.to_string()).retry_after_secs(BUSY_RETRY_SECS)
    })?;
    api.captures.take(&claims.sub, count).map_err(|wait| {
        let secs = wait.as_secs() + 1;
        let message = format!(
            "{count} events more in the name of {:?} than events.per_second allows, {BATCH_MAX} at once after a pause; none was \
             taken: try again in {secs} s",
            claims.sub
        );
        ApiError::new(Status::TooManyRequests, "events_too_often", message).retry_after_secs(secs)
    })?;
    let sender = Sender { subject: &claims.sub, is_admin: claims.scope.allows(Scope::Admin) };
    let mut answer = CaptureAnswer::default();
    for (index, event) in events.into_iter().enumerate() {
        let id = event.get("id").and_then(Value::as_str).map(str::to_owned);
        match take_one(api, sender, event, &room) {
            Ok(id) => answer.accepted.push(id),
            Err((code, message)) => answer.rejected.push(Rejected { index, id, code, message }),
        }
    }
    Ok(answer)
}

/// Publishes it; its id, or why it is not taken.
fn take_one(api: &Api, sender: Sender<'_>, event: Value, room: &Room) -> Result<String, (&'static str, String)> {
    let event: CapturedEvent = serde_json::from_value(event).map_err(|error| ("event_invalid", error.to_string()))?;
    let accepted = event.accept(sender, api.events.environment(), api.events.now());
    let event = accepted.map_err(|error| (error.code(), error.to_string()))?;
    let id = event.id.clone();
    api.events.capture(sender.subject, event, room);
    Ok(id)
}
