//! JSON of a frame as a viewer asked for it: fewer samples, one channel, samples as base64.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::json::finite;
use crate::Epoch;

/// A frame as JSON, as the parameters of the query want it. What is as in a [`FrameJson`](super::FrameJson) is not said:
/// without parameters this is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrameViewJson<'a> {
    /// Samples per second and channel of the source, in which all indices count.
    pub sample_rate: u32,
    /// Unix time of the first sample in milliseconds.
    pub timestamp: u64,
    /// Number of the frame that holds the last sample which was read.
    pub frame_number: u64,
    /// Duration of what is covered at the nominal rate in milliseconds.
    pub duration_ms: f64,
    /// Epoch in which the indices count.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub epoch: Epoch,
    /// Index of the first sample.
    pub first_sample: u64,
    /// UTC of the first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// How base64 holds the samples: `f32` or `i16`, little-endian; absent when they are numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub format: Option<Cow<'a, str>>,
    /// The channel that was asked for, `a` or `b`; absent when both were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub channels: Option<Cow<'a, str>>,
    /// Distance of two samples in samples of the source; absent when it is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimate: Option<u64>,
    /// Of decimated samples: how many samples of the source later each is known. They stand where they belong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_samples: Option<u64>,
    /// Samples of channel A, ±1.0 = full scale; empty when it was not asked for.
    pub channel_a: SamplesJson<'a>,
    /// Samples of channel B; empty for a mono source or when it was not asked for.
    pub channel_b: SamplesJson<'a>,
    /// What happened to the samples: `clipped`, `nonfinite`, `after_gap`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub flags: Vec<Cow<'a, str>>,
}

/// Samples in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum SamplesJson<'a> {
    /// Numbers, ±1.0 = full scale, each with the fewest digits that read back to the same f32.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<f32>))]
    Numbers(#[serde(deserialize_with = "finite")] Cow<'a, [f32]>),
    /// Base64 (RFC 4648 §4) of little-endian numbers.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    Base64(Cow<'a, str>),
}
