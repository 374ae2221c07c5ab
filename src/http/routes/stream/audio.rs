//! `/api/audio/stream/audio`: frames, live.

use photophone_signal::wire::FrameJson;
use rocket::http::Status;
use rocket::{State, get};

use super::{StreamRefusals, live};
use crate::feed::{Channels, FeedSpec, Flow, Form, FrameShape, FramesQuery, FramesSpec, MaxKbps, TooLong};
use crate::http::guard::{Allowed, StreamRead};
use crate::http::live::StreamResponse;
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::viewing::{Asked, ResumeParams, ViewingParams};
use crate::http::{Api, ApiError};

/// Parameters of frames.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the OpenAPI document; `frames_query` reads it")]
struct FramesParams {
    /// How samples are written: `json`, or base64 of little-endian `f32` or `i16`, where 32768 is full scale.
    #[param(default = "json")]
    format: Option<String>,
    /// Which channels: `a`, `b` or `ab`.
    #[param(default = "ab")]
    channels: Option<String>,
    /// Every how many samples of the source one is sent, behind an anti-alias filter.
    #[param(minimum = 1, maximum = 16, default = 1)]
    decimate: Option<u32>,
    /// Events per second, fewer and larger ones or more and smaller ones; no sample is lost. Without it, the published
    /// frames.
    #[param(minimum = 0.01, maximum = 1000.0)]
    fps: Option<f64>,
    /// The viewer's bandwidth in kilobits per second: of `format`, `decimate` and `fps`, what is not given becomes the first
    /// that fits of f32, i16, i16 decimated by 2 to 16, and the same at half the events per second, and so on down to 1.
    /// `Content-Location` says which.
    #[param(minimum = 1)]
    max_kbps: Option<u32>,
}

/// Every frame as it is published, or as the query wants it, live.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream", params(ViewingParams, FramesParams, ResumeParams),
    responses((status = 200, content_type = "text/event-stream", body = FrameJson,
        description = "Unnamed events with id `<epoch>:<first_sample>`, with parameters of the schema FrameViewJson; \
            named events gap, state, end, shutdown, reauth"),
        StreamRefusals, Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/audio")]
pub(crate) async fn audio(
    caller: Allowed<StreamRead>,
    query: Query,
    asked: Asked,
    api: &State<Api>,
) -> Result<StreamResponse, ApiError> {
    live(api, &caller.claims, "audio", query, asked).await
}

/// The frames that a query asks for.
///
/// # Errors
/// 400 for a bad value, for events that would be too long and for a bandwidth that is too small, 503 when nobody knows yet what would fit.
pub(super) fn spec(query: &mut Query, api: &Api, form: Form) -> Result<FeedSpec, ApiError> {
    let wanted = frames_query(query)?;
    let max_kbps = query.take("max_kbps")?;
    check_channels(api, wanted.channels)?;
    let spec = max_kbps.map_or(Ok(wanted.spec()), |max_kbps| fitting(api, &wanted, max_kbps, form))?;
    check_length(api, |frames| spec.check_length(frames))?;
    Ok(FeedSpec::Frames(spec))
}

fn frames_query(query: &mut Query) -> Result<FramesQuery, ApiError> {
    Ok(FramesQuery {
        format: query.take("format")?,
        channels: query.take("channels")?,
        decimate: query.take("decimate")?,
        fps: query.take("fps")?,
    })
}

/// Refuses channel B alone of a source that has none, as far as is known.
///
/// # Errors
/// 400 when there would never be a sample.
pub(super) fn check_channels(api: &Api, channels: Option<Channels>) -> Result<(), ApiError> {
    if channels != Some(Channels::B) || source_channels(api) != Some(1) {
        return Ok(());
    }
    Err(ApiError::new(Status::BadRequest, "query_invalid", Channels::NO_B))
}

/// Refuses events that no message could hold, as far as the source is known.
///
/// # Errors
/// 400 when each would be too long.
pub(super) fn check_length(api: &Api, check: impl FnOnce(&FrameShape) -> Result<(), TooLong>) -> Result<(), ApiError> {
    let Some(Flow { sample_rate, channels, fps, .. }) = flow(api, Form::Message) else { return Ok(()) };
    let frames = FrameShape { sample_rate, channels, samples: f64::from(sample_rate.hz()) / fps };
    check(&frames).map_err(|wrong| ApiError::new(Status::BadRequest, "query_invalid", wrong.to_string()))
}

fn source_channels(api: &Api) -> Option<u8> {
    let of_newest = || api.stream.latest().map(|frame| if frame.is_mono() { 1 } else { 2 });
    api.stream.state().channels.or_else(of_newest)
}

/// The best frames within the bandwidth.
fn fitting(api: &Api, wanted: &FramesQuery, max_kbps: MaxKbps, form: Form) -> Result<FramesSpec, ApiError> {
    let Some(flow) = flow(api, form) else {
        let message = format!(
            "max_kbps: what fits is not known before the source is open, and it is {}",
            api.stream.state().state
        );
        return Err(ApiError::new(Status::ServiceUnavailable, "source_rate_unknown", message).retry_after_secs(1));
    };
    wanted.within(max_kbps, &flow).map_err(|least| {
        let message = format!("max_kbps={max_kbps}: this takes at least {least}");
        ApiError::new(Status::BadRequest, "bandwidth_too_small", message)
    })
}

/// What the source delivers, once it was open.
fn flow(api: &Api, form: Form) -> Option<Flow> {
    let newest = api.stream.latest();
    let state = api.stream.state();
    let sample_rate = state.sample_rate.and_then(photophone_signal::units::SampleRate::new);
    Some(Flow {
        sample_rate: sample_rate.or(newest.map(|frame| frame.sample_rate))?,
        channels: source_channels(api)?,
        fps: api.settings().target_fps,
        form,
    })
}
