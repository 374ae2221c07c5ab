//! `/api/audio/stream/audio`: frames, live.

use photophone_signal::wire::FrameJson;
use rocket::{State, get};

use super::StreamRefusals;
use crate::feed::FeedSpec;
use crate::http::guard::{Allowed, StreamRead};
use crate::http::live::LiveResponse;
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::viewing::{Asked, ResumeParams, Viewing, ViewingParams};
use crate::http::{Api, ApiError};

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
    asked: Asked,
    api: &State<Api>,
) -> Result<LiveResponse, ApiError> {
    let viewing = Viewing::read(&mut query, asked)?;
    query.end()?;
    LiveResponse::open(api, &FeedSpec::FRAMES, viewing, &caller.claims).await
}
