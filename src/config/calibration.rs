//! Section `calibration`: what the samples of each channel are in volts and pascals.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the samples of each channel are in volts and pascals; without it, levels are fractions of full scale.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CalibrationConfig {
    /// The microphone of channel A and what lies between it and the samples.
    pub a: ChannelCalibrationConfig,
    /// The microphone of channel B and what lies between it and the samples.
    pub b: ChannelCalibrationConfig,
}

/// The way of one channel from sound pressure to samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelCalibrationConfig {
    /// Voltage at the converter's input at which a sample reads full scale (1.0), in volts. Unit `v` needs it.
    #[schemars(range(min = 0.000_001, max = 10_000.0))]
    pub full_scale_v: Option<f64>,
    /// Voltage gain between microphone and converter, as a factor; 1 is none.
    #[schemars(range(min = 0.001, max = 1_000_000.0))]
    pub gain: f64,
    /// Sensitivity of the microphone in millivolts per pascal. Units `pa` and `db_spl` need it and `full_scale_v`.
    #[schemars(range(min = 0.001, max = 100_000.0))]
    pub sensitivity_mv_pa: Option<f64>,
    /// Sound pressure that reads 0 dB SPL, in pascals RMS.
    #[schemars(range(min = 0.000_000_001, max = 1000.0))]
    pub reference_pa: f64,
    /// File with the frequency response of the microphone relative to its sensitivity: lines of frequency in Hz, level
    /// in dB and, if known, phase in degrees. Units `pa` and `db_spl` are corrected by it.
    #[schemars(extend("format" = "file"))]
    pub response_file: Option<PathBuf>,
}

impl Default for ChannelCalibrationConfig {
    fn default() -> Self {
        Self { full_scale_v: None, gain: 1.0, sensitivity_mv_pa: None, reference_pa: 20e-6, response_file: None }
    }
}
