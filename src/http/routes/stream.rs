//! `/api/audio/stream`: counters, the newest frame, and the live streams.

use photophone_signal::wire::{FrameJson, SpectrumJson};
use rocket::http::Status;
use rocket::response::content::RawJson;
use rocket::serde::json::Json;
use rocket::{State, get};
use utoipa::IntoResponses;

use crate::feed::{FeedSpec, FeedStatus};
use crate::http::error::ErrorBody;
use crate::http::guard::{Allowed, NoQuery, StreamRead};
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::sse::EventResponse;
use crate::http::viewing::{LastEventId, ResumeParams, Viewing, ViewingParams};
use crate::http::{Api, ApiError};
use crate::stream::StreamStats;

/// Answers of a stream that does not open.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what `Viewing::read` and `EventResponse::open` answer")]
enum StreamRefusals {
    /// There is no such stream.
    #[response(status = 404)]
    NoSuchStream(ErrorBody),
    /// As many streams or feeds are open as allowed.
    #[response(status = 503)]
    Full(ErrorBody),
}

/// Counters of the stream.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream",
    responses((status = 200, body = StreamStats, description = "The counters now"), Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/stats")]
pub(crate) fn stats(_caller: Allowed<StreamRead>, _query: NoQuery, api: &State<Api>) -> Json<StreamStats> {
    Json(api.stream.stats())
}

/// The newest frame.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream",
    responses((status = 200, body = FrameJson, description = "The frame"),
        (status = 500, body = ErrorBody, description = "The frame cannot be encoded"),
        (status = 503, body = ErrorBody, description = "There is no frame yet"), Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/latest")]
pub(crate) fn latest(
    _caller: Allowed<StreamRead>,
    _query: NoQuery,
    api: &State<Api>,
) -> Result<RawJson<Vec<u8>>, ApiError> {
    let Some(frame) = api.stream.latest() else {
        let state = api.stream.state().state;
        let message = format!("there is no frame yet: the source is {state}");
        return Err(ApiError::new(Status::ServiceUnavailable, "no_frame_yet", message).retry_after_secs(1));
    };
    serde_json::to_vec(&FrameJson::from(&*frame)).map(RawJson).map_err(|error| {
        log::error!(error:% = error; "Frame could not be encoded");
        ApiError::new(Status::InternalServerError, "internal", "the frame could not be encoded")
    })
}

/// Every frame as it is published, as server-sent events.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream", params(ViewingParams, ResumeParams),
    responses((status = 200, content_type = "text/event-stream", body = FrameJson,
        description = "Unnamed events with id `<epoch>:<first_sample>`; named events gap, state, end, shutdown, reauth"),
        StreamRefusals, Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/audio")]
pub(crate) async fn audio(
    caller: Allowed<StreamRead>,
    mut query: Query,
    last: LastEventId,
    api: &State<Api>,
) -> Result<EventResponse, ApiError> {
    let viewing = Viewing::read(&mut query, last)?;
    query.end()?;
    EventResponse::open(api, &FeedSpec::Frames, viewing, &caller.claims).await
}

/// One spectrum per frame over the last window of samples, as server-sent events.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream", params(ViewingParams, ResumeParams),
    responses((status = 200, content_type = "text/event-stream", body = SpectrumJson,
        description = "Unnamed events with id `<epoch>:<first_sample>`; named events gap, state, end, shutdown, reauth"),
        StreamRefusals, Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/spectral")]
pub(crate) async fn spectral(
    caller: Allowed<StreamRead>,
    mut query: Query,
    last: LastEventId,
    api: &State<Api>,
) -> Result<EventResponse, ApiError> {
    let viewing = Viewing::read(&mut query, last)?;
    query.end()?;
    EventResponse::open(api, &api.spectrum, viewing, &caller.claims).await
}

/// The feeds that run now.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream",
    responses((status = 200, body = Vec<FeedStatus>, description = "The feeds, oldest first"), Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/feeds")]
pub(crate) fn feeds(_caller: Allowed<StreamRead>, _query: NoQuery, api: &State<Api>) -> Json<Vec<FeedStatus>> {
    Json(api.feeds.list())
}
