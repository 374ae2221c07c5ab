//! JSON of levels: peak, RMS and crest of the samples of an event.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Epoch;

/// The levels of consecutive samples as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LevelsJson<'a> {
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// Unix time of the first sample in milliseconds.
    pub timestamp: u64,
    /// Number of the frame that holds the last sample.
    pub frame_number: u64,
    /// Duration of the samples at the nominal rate in milliseconds.
    pub duration_ms: f64,
    /// Epoch in which the indices count.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub epoch: Epoch,
    /// Index of the first sample.
    pub first_sample: u64,
    /// UTC of the first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Samples that were measured.
    pub samples: u64,
    /// Channel A.
    pub channel_a: ChannelLevelsJson,
    /// Channel B; null for a mono source.
    pub channel_b: Option<ChannelLevelsJson>,
    /// What happened to the samples: `clipped`, `nonfinite`, `after_gap`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub flags: Vec<Cow<'a, str>>,
}

/// The levels of one channel. Those in decibels are null for silence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelLevelsJson {
    /// Largest absolute value as a fraction of full scale.
    pub peak: f32,
    /// The same in dB re full scale.
    pub peak_dbfs: Option<f64>,
    /// Root of the mean square as a fraction of full scale; DC counts.
    pub rms: f64,
    /// The same in dB re a full-scale sine (AES17): such a sine reads 0.
    pub rms_dbfs: Option<f64>,
    /// Crest factor, peak over RMS, in dB: a sine reads 3.01, a square wave 0.
    pub crest_db: Option<f64>,
    /// Samples at the limit of the source's format or beyond; null when there are some and nobody counted them.
    pub clipped: Option<u64>,
}
