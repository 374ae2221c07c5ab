//! `/api/audio/stream/spectral`: spectra, live.

use photophone_signal::wire::SpectrumJson;
use rocket::{State, get};

use super::{StreamRefusals, live};
use crate::http::guard::{Allowed, StreamRead};
use crate::http::live::LiveResponse;
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::viewing::{Asked, ResumeParams, ViewingParams};
use crate::http::{Api, ApiError};

/// One spectrum per frame over the last window of samples, as server-sent events.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream", params(ViewingParams, ResumeParams),
    responses((status = 200, content_type = "text/event-stream", body = SpectrumJson,
        description = "Unnamed events with id `<epoch>:<first_sample>`; named events gap, state, end, shutdown, reauth"),
        StreamRefusals, Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/spectral")]
pub(crate) async fn spectral(
    caller: Allowed<StreamRead>,
    query: Query,
    asked: Asked,
    api: &State<Api>,
) -> Result<LiveResponse, ApiError> {
    live(api, &caller.claims, "spectral", query, asked).await
}
