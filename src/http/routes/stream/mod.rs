//! `/api/audio/stream`: counters, the newest frame, what runs; the live streams have a file each.

pub(crate) mod audio;
pub(crate) mod envelope;
pub(crate) mod levels;
pub(crate) mod lockin;
pub(crate) mod spectral;
pub(crate) mod viewers;
pub(crate) mod ws;

use photophone_signal::wire::FrameJson;
use rocket::http::Status;
use rocket::response::content::RawJson;
use rocket::serde::json::Json;
use rocket::{State, get};
use utoipa::IntoResponses;

use crate::auth::Claims;
use crate::feed::{FeedSpec, FeedStatus, Form};
use crate::http::error::ErrorBody;
use crate::http::guard::{Allowed, NoQuery, StreamRead};
use crate::http::live::{LiveHead, LiveResponse, StreamResponse};
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::viewing::{Asked, Viewing};
use crate::http::{Api, ApiError};
use crate::stream::StreamStats;
use crate::text::cut;

/// Answers of a stream that does not open.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what `Viewing::read` and `LiveResponse::open` answer")]
enum StreamRefusals {
    /// There is no such stream.
    #[response(status = 404)]
    NoSuchStream(ErrorBody),
    /// As many streams or feeds are open as allowed.
    #[response(status = 503)]
    Full(ErrorBody),
}

/// The feed that the stream of this name, the last part of its path, gives for these parameters in binary messages.
///
/// # Errors
/// 404 for a stream that is not there, 400 for a bad parameter, and what the stream's own parameters have.
pub(in crate::http) fn spec_of(name: &str, query: &mut Query, api: &Api) -> Result<FeedSpec, ApiError> {
    spec_in(Form::Message, name, query, api)
}

/// The same in any form: what fits a bandwidth depends on it.
fn spec_in(form: Form, name: &str, query: &mut Query, api: &Api) -> Result<FeedSpec, ApiError> {
    match name {
        "audio" => audio::spec(query, api, form),
        "envelope" => envelope::spec(query, api),
        "levels" => levels::spec(query),
        "lockin" => lockin::spec(query, api),
        "spectral" => spectral::spec(query, api),
        _ => {
            let message = format!("no stream {:?}; there are audio, envelope, levels, lockin, spectral", cut(name));
            Err(ApiError::new(Status::NotFound, "stream_not_found", message))
        }
    }
}

/// The stream of this name, for the owner of `claims`.
async fn live(
    api: &Api,
    claims: &Claims,
    name: &str,
    mut query: Query,
    asked: Asked,
) -> Result<StreamResponse, ApiError> {
    let viewing = Viewing::read(&mut query, asked)?;
    let spec = spec_in(viewing.form, name, &mut query, api)?;
    query.end()?;
    if asked.is_head() {
        return Ok(StreamResponse::Head(LiveHead::new(name, &spec, viewing.form)));
    }
    let live = LiveResponse::open(api, name, &spec, viewing, claims).await?;
    Ok(StreamResponse::Live(Box::new(live)))
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

/// The feeds that run now.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream",
    responses((status = 200, body = Vec<FeedStatus>, description = "The feeds, oldest first"), Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/feeds")]
pub(crate) fn feeds(_caller: Allowed<StreamRead>, _query: NoQuery, api: &State<Api>) -> Json<Vec<FeedStatus>> {
    Json(api.feeds.list())
}
