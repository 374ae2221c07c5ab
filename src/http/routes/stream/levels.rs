//! `/api/audio/stream/levels`: peak, RMS and crest, live.

use photophone_signal::wire::LevelsJson;
use rocket::{State, get};

use super::{StreamRefusals, live};
use crate::feed::{FeedSpec, LevelsSpec};
use crate::http::guard::{Allowed, StreamRead};
use crate::http::live::StreamResponse;
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::viewing::{Asked, ResumeParams, ViewingParams};
use crate::http::{Api, ApiError};

/// Parameters of levels.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the OpenAPI document; the route reads it")]
struct LevelsParams {
    /// Events per second. Each measures all samples since the one before it.
    #[param(minimum = 0.01, maximum = 1000.0, default = 10)]
    fps: Option<f64>,
}

/// Peak, RMS and crest of each channel, live.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream", params(ViewingParams, LevelsParams, ResumeParams),
    responses((status = 200, content_type = "text/event-stream", body = LevelsJson,
        description = "Unnamed events with id `<epoch>:<first_sample>`; named events gap, state, end, shutdown, reauth"),
        StreamRefusals, Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/levels")]
pub(crate) async fn levels(
    caller: Allowed<StreamRead>,
    query: Query,
    asked: Asked,
    api: &State<Api>,
) -> Result<StreamResponse, ApiError> {
    live(api, &caller.claims, "levels", query, asked).await
}

/// The levels that a query asks for.
///
/// # Errors
/// 400 for a bad value.
pub(super) fn spec(query: &mut Query) -> Result<FeedSpec, ApiError> {
    Ok(FeedSpec::Levels(query.take("fps")?.map_or_else(LevelsSpec::default, |fps| LevelsSpec { fps })))
}
