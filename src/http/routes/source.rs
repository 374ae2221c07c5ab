//! `/api/source`: what is being listened to.

use std::path::Path;
use std::sync::Arc;

use rocket::serde::json::Json;
use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::ChannelCalibrationConfig;
use crate::http::Api;
use crate::http::guard::{Allowed, NoQuery, StreamRead};
use crate::source::SourceInfo;
use crate::spectrum::ChannelCalibration;
use crate::spectrum::settings::Unit;
use crate::stream::{DaemonState, StateReason};

/// The source and what it is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceStatus {
    /// What the acquisition daemon is doing.
    state: DaemonState,
    /// Why; null when there is nothing to explain.
    reason: Option<StateReason>,
    /// The source that was opened last; null before one was open.
    source: Option<SourceInfo>,
    /// What the samples of each channel are in volts and pascals.
    calibration: CalibrationStatus,
}

/// The calibration of both channels.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalibrationStatus {
    /// Channel A.
    a: ChannelCalibrationStatus,
    /// Channel B, whether the source has one or not.
    b: ChannelCalibrationStatus,
}

/// Whether a channel is calibrated, and by which values of the configuration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelCalibrationStatus {
    /// Whether levels can be told in other units than those of full scale.
    calibrated: bool,
    /// Units that spectra of this channel can have.
    units: Vec<&'static str>,
    /// Voltage at the converter's input at which a sample reads full scale, in volts; null when not set.
    full_scale_v: Option<f64>,
    /// Voltage gain between microphone and converter, as a factor.
    gain: f64,
    /// Sensitivity of the microphone in millivolts per pascal; null when not set.
    sensitivity_mv_pa: Option<f64>,
    /// Sound pressure that reads 0 dB SPL, in pascals RMS.
    reference_pa: f64,
    /// Name of the file with the frequency response of the microphone; null for a flat one.
    response_file: Option<String>,
}

impl ChannelCalibrationStatus {
    fn new(config: &ChannelCalibrationConfig, calibration: &ChannelCalibration) -> Self {
        let units: Vec<_> = calibration.units().collect();
        Self {
            calibrated: units.iter().any(|unit| unit.needs_calibration()),
            units: units.into_iter().map(Unit::name).collect(),
            full_scale_v: config.full_scale_v,
            gain: config.gain,
            sensitivity_mv_pa: config.sensitivity_mv_pa,
            reference_pa: config.reference_pa,
            response_file: config
                .response_file
                .as_deref()
                .and_then(Path::file_name)
                .map(|name| name.display().to_string()),
        }
    }
}

/// What is being listened to.
#[utoipa::path(context_path = "/api", tag = "source",
    responses((status = 200, body = SourceStatus, description = "The source and its state"),
        crate::http::openapi::Refusals),
    security(("bearer" = ["stream:read"]), ("session" = [])))]
#[get("/source")]
pub(crate) fn source(_caller: Allowed<StreamRead>, _query: NoQuery, api: &State<Api>) -> Json<SourceStatus> {
    let now = api.stream.state();
    let (config, calibration) = (&api.calibration, api.estimates.calibration());
    Json(SourceStatus {
        state: now.state,
        reason: now.reason.clone(),
        source: api.stream.source().map(Arc::unwrap_or_clone),
        calibration: CalibrationStatus {
            a: ChannelCalibrationStatus::new(&config.a, &calibration.a),
            b: ChannelCalibrationStatus::new(&config.b, &calibration.b),
        },
    })
}
