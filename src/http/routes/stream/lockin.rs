//! `/api/audio/stream/lockin`: readings of a lock-in, live.

use std::fmt::Display;
use std::str::FromStr;

use photophone_signal::FrameRate;
use photophone_signal::units::SampleRate;
use photophone_signal::wire::LockinJson;
use rocket::http::Status;
use rocket::{State, get};

use super::{StreamRefusals, live};
use crate::feed::FeedSpec;
use crate::http::guard::{Allowed, StreamRead};
use crate::http::live::StreamResponse;
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::viewing::{Asked, ResumeParams, ViewingParams};
use crate::http::{Api, ApiError};
use crate::lockin::{LockinSettings, Reference, expected};
use crate::text::cut;

/// What a lock-in measures.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the OpenAPI document; `settings` reads it")]
pub(crate) struct LockinParams {
    /// What is referred to: a frequency in Hz, whose oscillator is a cosine from sample 0 of the epoch; `channel_b`, the
    /// strongest tone there; or `tracked`, the strongest tone of channel A itself.
    #[param(default = "tracked")]
    reference: Option<String>,
    /// Multiple of the reference's frequency that is demodulated, 1 to 9.
    #[param(default = 1)]
    harmonic: Option<u32>,
    /// Time constant of each stage of the low-pass in seconds, 0.0001 to 1000.
    #[param(default = 0.1)]
    tau_s: Option<f64>,
    /// Slope of the low-pass in dB per octave: 6, 12, 18 or 24.
    #[param(default = 24)]
    slope: Option<u32>,
    /// Readings per second, 0.01 to 1000.
    #[param(default = 10)]
    fps: Option<f64>,
}

/// Readings of a dual-phase lock-in, live.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream", params(LockinParams, ViewingParams, ResumeParams),
    responses((status = 200, content_type = "text/event-stream", body = LockinJson,
        description = "Unnamed events with id `<epoch>:<first_sample>`; named events gap, state, end, shutdown, reauth"),
        StreamRefusals, Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/lockin")]
pub(crate) async fn lockin(
    caller: Allowed<StreamRead>,
    query: Query,
    asked: Asked,
    api: &State<Api>,
) -> Result<StreamResponse, ApiError> {
    live(api, &caller.claims, "lockin", query, asked).await
}

/// The lock-in that a query asks for.
///
/// # Errors
/// 400 for a bad value, and for what cannot be of this source, as far as that is known.
pub(super) fn spec(query: &mut Query, api: &Api) -> Result<FeedSpec, ApiError> {
    let settings = settings(query)?;
    let state = api.stream.state();
    if let (Some(rate), Some(channels)) = (state.sample_rate.and_then(SampleRate::new), state.channels) {
        settings.validate(rate, channels).map_err(refused)?;
    }
    Ok(FeedSpec::Lockin(settings))
}

fn settings(query: &mut Query) -> Result<LockinSettings, ApiError> {
    let reference = query.take::<String>("reference")?.map(|text| text.parse::<Reference>().map_err(refused));
    let harmonic = number(query, "harmonic", expected::HARMONIC)?.unwrap_or(1);
    let tau_s = number(query, "tau_s", expected::TAU_S)?.unwrap_or(0.1);
    let slope = number(query, "slope", expected::SLOPE)?.unwrap_or(24);
    let frame_rate = query.take("fps")?.unwrap_or_else(|| FrameRate::from_fps(10.0));
    let reference = reference.transpose()?.unwrap_or(Reference::Tracked);
    LockinSettings::new(reference, harmonic, tau_s, slope, frame_rate).map_err(refused)
}

fn number<T: FromStr>(query: &mut Query, key: &'static str, expected: &str) -> Result<Option<T>, ApiError> {
    let Some(text) = query.take::<String>(key)? else { return Ok(None) };
    let wrong = || refused(format!("{key} is {:?}; expected {expected}", cut(&text)));
    text.parse().map(Some).map_err(|_not_a_number| wrong())
}

fn refused(wrong: impl Display) -> ApiError {
    ApiError::new(Status::BadRequest, "query_invalid", wrong.to_string())
}
