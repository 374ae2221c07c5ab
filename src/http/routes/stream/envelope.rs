//! `/api/audio/stream/envelope`: extremes and RMS per column of samples, live.

use photophone_signal::wire::EnvelopeJson;
use rocket::{State, get};

use super::audio::{check_channels, check_length};
use super::{StreamRefusals, live};
use crate::feed::{ColumnSamples, EnvelopeSpec, FeedSpec};
use crate::http::guard::{Allowed, StreamRead};
use crate::http::live::StreamResponse;
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::viewing::{Asked, ResumeParams, ViewingParams};
use crate::http::{Api, ApiError};

/// Parameters of envelopes.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the OpenAPI document; the route reads it")]
struct EnvelopeParams {
    /// Samples in a column.
    #[param(minimum = 1, maximum = 65_536, default = 64)]
    column_samples: Option<u32>,
    /// Which channels: `a`, `b` or `ab`.
    #[param(default = "ab")]
    channels: Option<String>,
    /// Events per second at most. Without it, one for the columns that each published frame completes.
    #[param(minimum = 0.01, maximum = 1000.0)]
    fps: Option<f64>,
}

/// Minimum, maximum and RMS per column of samples, for drawing, live.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream", params(ViewingParams, EnvelopeParams, ResumeParams),
    responses((status = 200, content_type = "text/event-stream", body = EnvelopeJson,
        description = "Unnamed events with id `<epoch>:<first_sample>`; named events gap, state, end, shutdown, reauth"),
        StreamRefusals, Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/envelope")]
pub(crate) async fn envelope(
    caller: Allowed<StreamRead>,
    query: Query,
    asked: Asked,
    api: &State<Api>,
) -> Result<StreamResponse, ApiError> {
    live(api, &caller.claims, "envelope", query, asked).await
}

/// The envelope that a query asks for.
///
/// # Errors
/// 400 for a bad value, and for events that would be too long.
pub(super) fn spec(query: &mut Query, api: &Api) -> Result<FeedSpec, ApiError> {
    let channels = query.take("channels")?;
    check_channels(api, channels)?;
    let spec = EnvelopeSpec {
        column_samples: query.take("column_samples")?.unwrap_or(ColumnSamples::DEFAULT),
        channels: channels.unwrap_or_default(),
        fps: query.take("fps")?,
    };
    check_length(api, |frames| spec.check_length(frames))?;
    Ok(FeedSpec::Envelope(spec))
}
