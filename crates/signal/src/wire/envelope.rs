//! JSON of an envelope: minimum, maximum and RMS per column of samples.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::json::finite;
use crate::Epoch;

/// Columns of consecutive samples as JSON. They end at the multiples of `column_samples` of the epoch: the first one
/// begins at `first_sample`, the last one ends with the `samples` that are covered; either may be shorter beside a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnvelopeJson<'a> {
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// Unix time of the first sample in milliseconds.
    pub timestamp: u64,
    /// Number of the frame that holds the last sample.
    pub frame_number: u64,
    /// Duration of the covered samples at the nominal rate in milliseconds.
    pub duration_ms: f64,
    /// Epoch in which the indices count.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub epoch: Epoch,
    /// Index of the first sample.
    pub first_sample: u64,
    /// UTC of the first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Samples covered by all columns together.
    pub samples: u64,
    /// Samples in a whole column.
    pub column_samples: u64,
    /// Smallest sample of channel A per column, ±1.0 = full scale.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub min_a: Cow<'a, [f32]>,
    /// Largest sample of channel A per column.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub max_a: Cow<'a, [f32]>,
    /// Root of the mean square of channel A per column; DC counts.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub rms_a: Cow<'a, [f32]>,
    /// Smallest sample of channel B per column; empty for a mono source.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub min_b: Cow<'a, [f32]>,
    /// Largest sample of channel B per column; empty for a mono source.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub max_b: Cow<'a, [f32]>,
    /// Root of the mean square of channel B per column; empty for a mono source.
    #[serde(deserialize_with = "finite")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    pub rms_b: Cow<'a, [f32]>,
    /// What happened to the samples: `clipped`, `nonfinite`, `after_gap`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub flags: Vec<Cow<'a, str>>,
}
