//! JSON of an estimated spectrum: overlapping windows, averaged, in a scale and unit.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::json::{finite, finite_if_any};
use crate::Epoch;

/// A spectrum estimated from overlapping windows as JSON: the fields of a `SpectrumJson`, and what else was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EstimateJson<'a> {
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// Unix time of the last window's first sample in milliseconds.
    pub timestamp: u64,
    /// Number of the frame that holds the last window's last sample.
    pub frame_number: u64,
    /// Duration of a window at the nominal rate in milliseconds.
    pub duration_ms: f64,
    /// Epoch in which the indices count.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub epoch: Epoch,
    /// Index of the last window's first sample.
    pub first_sample: u64,
    /// UTC of the last window's first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Samples in a window.
    pub size: usize,
    /// Name of the window function, Kaiser's with its β, as in `kaiser:8.6`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub window: Cow<'a, str>,
    /// Unit of the magnitudes: `fs`, `dbfs`, `v`, `pa` or `db_spl`; squared with the scales `power` and `psd`, the latter
    /// per Hz.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub unit: Cow<'a, str>,
    /// Equivalent noise bandwidth of the window in Hz.
    pub enbw_hz: f64,
    /// What a magnitude is: `amplitude` of a sine, `power` (its mean square), or `psd` (mean square per Hz).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub scale: Cow<'a, str>,
    /// Part of a window that the next one has in common with it; null when there is one window per frame.
    pub overlap: Option<f64>,
    /// How successive spectra become one: `none`, `exp:τ` (seconds), `linear:n`, `peak` or `min`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub averaging: Cow<'a, str>,
    /// Spectra in the average so far; with `exp` the number whose plain mean would scatter as much.
    pub averages: f64,
    /// Whether magnitudes are volts, pascals or dB SPL by the calibration.
    pub calibrated: bool,
    /// Frequency of each value in Hz.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub frequencies: Cow<'a, [f32]>,
    /// Values of channel A in scale and unit.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub magnitude_a: Cow<'a, [f32]>,
    /// Values of channel B; empty for a mono source, and when it is not calibrated for the unit.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub magnitude_b: Cow<'a, [f32]>,
    /// Phase of channel A in radians, referred to the window's first sample; null when not asked for.
    #[serde(deserialize_with = "finite_if_any")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<f32>>))]
    pub phase_a: Option<Cow<'a, [f32]>>,
    /// Phase of channel B; null when not asked for and for a mono source.
    #[serde(deserialize_with = "finite_if_any")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<f32>>))]
    pub phase_b: Option<Cow<'a, [f32]>>,
    /// The largest peaks of channel A, the largest first; null when not asked for.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<PeakJson>>))]
    pub peaks_a: Option<Vec<PeakJson>>,
    /// The largest peaks of channel B; null when not asked for and for a mono source.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<PeakJson>>))]
    pub peaks_b: Option<Vec<PeakJson>>,
    /// Both channels together; null when not asked for, and before the average holds two spectra.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<CrossJson>))]
    pub cross: Option<CrossJson<'a>>,
}

/// A sine found in a spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeakJson {
    /// Its frequency between the bins, in Hz.
    pub frequency_hz: f64,
    /// Its amplitude in the unit, a level where that is one, whatever the scale.
    pub value: f32,
    /// Its power over the mean power of the noise in one bin about it, in dB, at most 200.
    pub snr_db: f32,
}

/// The averaged cross-spectrum conj(A) · B and the coherence, one value per frequency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrossJson<'a> {
    /// Magnitude in scale and unit.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub magnitude: Cow<'a, [f32]>,
    /// Phase of B against A in radians.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub phase: Cow<'a, [f32]>,
    /// Magnitude-squared coherence, 0 to 1; 0 where a channel is silent.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub coherence: Cow<'a, [f32]>,
}
