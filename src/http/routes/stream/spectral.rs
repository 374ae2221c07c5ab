//! `/api/audio/stream/spectral`: spectra, live.

use std::str::FromStr;
use std::sync::Arc;

use photophone_signal::FrameRate;
use photophone_signal::units::SampleRate;
use photophone_signal::wire::{EstimateJson, SpectrumJson};
use rocket::http::Status;
use rocket::{State, get};
use serde::Serialize;

use super::{StreamRefusals, live};
use crate::feed::{EstimateSpec, FeedSpec};
use crate::http::guard::{Allowed, StreamRead};
use crate::http::live::StreamResponse;
use crate::http::openapi::Refusals;
use crate::http::query::Query;
use crate::http::viewing::{Asked, ResumeParams, ViewingParams};
use crate::http::{Api, ApiError};
use crate::spectrum::settings::{Averaging, BinReduction, MaxHz, Overlap, PeakCount, Scale, Switch, Unit, WindowSize};
use crate::spectrum::{SettingsError, SpectrumSettings, WindowFunction};

/// Which spectra.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the OpenAPI document; `Wanted` reads it")]
pub(crate) struct SpectralParams {
    /// Samples in a window, 256 to 65536; else `stream.spectral_window_size`.
    size: Option<usize>,
    /// `rectangular`, `hann`, `hamming`, `blackman`, `blackman_harris`, `flattop` or `kaiser:β` with β from 0 to 100; else
    /// `stream.spectral_window`.
    window: Option<String>,
    /// Part of a window that the next one has in common with it, 0 to 0.9. This parameter and those below ask for
    /// estimates (`EstimateJson`), whose windows begin at multiples of the hop; without any of them there is one
    /// spectrum per frame (`SpectrumJson`).
    #[param(default = 0.5)]
    overlap: Option<f64>,
    /// How successive spectra become one: `none`, `exp:τ` (τ from 0.001 to 3600 s), `linear:n` (n to 100000), `peak`,
    /// `min`.
    #[param(default = "none")]
    averaging: Option<String>,
    /// `amplitude` (a sine of amplitude A reads A), `power` (mean square) or `psd` (mean square per Hz).
    #[param(default = "amplitude")]
    scale: Option<String>,
    /// `fs` (fraction of full scale), `dbfs`, and of calibrated channels `v`, `pa`, `db_spl`.
    #[param(default = "fs")]
    unit: Option<String>,
    /// Whether phases are told: `true` or `false`. Else without averaging they are; with averaging there are none.
    phase: Option<bool>,
    /// Whether cross-spectrum and coherence are told; takes an average of at least two.
    #[param(default = false)]
    cross: Option<bool>,
    /// Most peaks to list per channel, 0 to 64.
    #[param(default = 0)]
    peaks: Option<usize>,
    /// Frequency in Hz above which nothing is told.
    max_hz: Option<f64>,
    /// Reduction for a screen that keeps maxima: at most n bands, `log:n` or `linear:n`, n from 2 to 32768.
    bins: Option<String>,
    /// Most events per second, 0.01 to 1000; else `stream.target_fps`, as it is when the stream is opened.
    fps: Option<f64>,
}

/// An event with data.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the events for the OpenAPI document; the feeds write them")]
pub(crate) enum SpectralEvent {
    /// One per frame.
    Spectrum(SpectrumJson<'static>),
    /// With any parameter of estimates.
    Estimate(EstimateJson<'static>),
}

/// Spectra over the last window of samples, or estimated from overlapping windows, live.
#[utoipa::path(context_path = "/api/audio/stream", tag = "stream", params(SpectralParams, ViewingParams, ResumeParams),
    responses((status = 200, content_type = "text/event-stream", body = SpectralEvent,
        description = "Unnamed events with id `<epoch>:<first_sample>`; named events gap, state, end, shutdown, reauth"),
        StreamRefusals, Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/spectral")]
pub(crate) async fn spectral(
    caller: Allowed<StreamRead>,
    query: Query,
    asked: Asked,
    api: &State<Api>,
) -> Result<StreamResponse, ApiError> {
    live(api, &caller.claims, "spectral", query, asked).await
}

/// The spectra that a query asks for.
///
/// # Errors
/// 400 for a bad value, and for what cannot be of this source.
pub(super) fn spec(query: &mut Query, api: &Api) -> Result<FeedSpec, ApiError> {
    Wanted::read(query)?.feed(api)
}

/// What a query says about the spectra.
struct Wanted {
    size: Option<WindowSize>,
    window: Option<WindowFunction>,
    overlap: Option<Overlap>,
    averaging: Option<Averaging>,
    scale: Option<Scale>,
    unit: Option<Unit>,
    phase: Option<Switch>,
    cross: Option<Switch>,
    peaks: Option<PeakCount>,
    max_hz: Option<MaxHz>,
    bins: Option<BinReduction>,
    fps: Option<FrameRate>,
}

impl Wanted {
    fn read(query: &mut Query) -> Result<Self, ApiError> {
        Ok(Self {
            size: take(query, "size")?,
            window: take(query, "window")?,
            overlap: take(query, "overlap")?,
            averaging: take(query, "averaging")?,
            scale: take(query, "scale")?,
            unit: take(query, "unit")?,
            phase: take_switch(query, "phase")?,
            cross: take_switch(query, "cross")?,
            peaks: take(query, "peaks")?,
            max_hz: take(query, "max_hz")?,
            bins: take(query, "bins")?,
            fps: query.take("fps")?,
        })
    }

    /// Whether more is asked for than one spectrum per frame.
    fn is_estimate(&self) -> bool {
        self.overlap.is_some()
            || self.averaging.is_some()
            || self.scale.is_some()
            || self.unit.is_some()
            || self.phase.is_some()
            || self.cross.is_some()
            || self.peaks.is_some()
            || self.max_hz.is_some()
            || self.bins.is_some()
            || self.fps.is_some()
    }

    /// The feed that is asked for; 400 when it cannot be.
    fn feed(&self, api: &Api) -> Result<FeedSpec, ApiError> {
        let (size, window) = api.spectral_window;
        let (size, window) = (self.size.unwrap_or(WindowSize::of_config(size)), self.window.unwrap_or(window.into()));
        if !self.is_estimate() {
            return Ok(FeedSpec::Spectrum { size: size.get(), window });
        }
        let settings = self.settings(size, window, api);
        validate(&settings, api).map_err(refused)?;
        Ok(FeedSpec::Estimate(EstimateSpec::new(settings, Arc::clone(&api.estimates))))
    }

    fn settings(&self, size: WindowSize, window: WindowFunction, api: &Api) -> SpectrumSettings {
        let averaging = self.averaging.unwrap_or(Averaging::None);
        let target_fps = || FrameRate::from_fps(api.settings().target_fps);
        SpectrumSettings {
            size,
            overlap: self.overlap.or(Overlap::new(0.5)),
            window,
            averaging,
            scale: self.scale.unwrap_or(Scale::Amplitude),
            unit: self.unit.unwrap_or(Unit::Fs),
            phase: self.phase.map_or(averaging == Averaging::None, |Switch(phase)| phase),
            cross: self.cross.is_some_and(|Switch(cross)| cross),
            peaks: self.peaks.unwrap_or(PeakCount::NONE),
            max_hz: self.max_hz,
            bins: self.bins,
            fps: Some(self.fps.unwrap_or_else(target_fps)),
        }
    }
}

/// Holds the settings against the source, as far as it is known. A feed ends when it turns out that they do not fit.
fn validate(settings: &SpectrumSettings, api: &Api) -> Result<(), SettingsError> {
    let (state, calibration) = (api.stream.state(), api.estimates.calibration());
    match (state.sample_rate.and_then(SampleRate::new), state.channels) {
        (Some(rate), Some(channels)) => settings.validate(rate, channels.into(), calibration),
        _ => settings.validate_for_any_source(calibration),
    }
}

fn take<T: FromStr<Err = SettingsError>>(query: &mut Query, key: &'static str) -> Result<Option<T>, ApiError> {
    query.take::<String>(key)?.map(|text| text.parse().map_err(refused)).transpose()
}

fn take_switch(query: &mut Query, key: &'static str) -> Result<Option<Switch>, ApiError> {
    query.take::<String>(key)?.map(|text| Switch::parse(key, &text).map_err(refused)).transpose()
}

fn refused(wrong: SettingsError) -> ApiError {
    ApiError::new(Status::BadRequest, "query_invalid", wrong.to_string())
}
