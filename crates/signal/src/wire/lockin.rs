//! JSON of a reading of the lock-in.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Epoch;

/// What the lock-in shows after the last of the samples, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LockinJson<'a> {
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
    /// Index of the first sample since the reading before this one.
    pub first_sample: u64,
    /// UTC of the first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Samples since the reading before this one; the reading is that of the instant after the last.
    pub samples: u64,
    /// What is referred to: a frequency in Hz, `channel_b` or `tracked`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reference: Cow<'a, str>,
    /// Multiple of the reference's frequency that is demodulated.
    pub harmonic: u8,
    /// Time constant of each stage of the low-pass in seconds.
    pub tau_s: f64,
    /// Slope of the low-pass in dB per octave.
    pub slope: u32,
    /// Samples that have passed the low-pass since it started, after a gap or at the lock.
    pub n: u64,
    /// Whether the reference is known.
    pub locked: bool,
    /// The reference's frequency in Hz, as set or as measured; null while not locked.
    pub reference_hz: Option<f64>,
    /// Equivalent noise bandwidth of the settled low-pass in Hz.
    pub bandwidth_hz: f64,
    /// Time since the low-pass started, in time constants.
    pub age_tau: f64,
    /// Whether the low-pass has settled to 1 %.
    pub settled: bool,
    /// Time over which the noise was observed, in seconds; null while it is too short.
    pub noise_s: Option<f64>,
    /// Channel A; null while not locked and before the low-pass is one time constant old.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DemodulatedJson>))]
    pub channel_a: Option<DemodulatedJson>,
    /// Channel B, likewise; always null for a mono source and where channel B is the reference.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DemodulatedJson>))]
    pub channel_b: Option<DemodulatedJson>,
}

/// What a channel holds at the harmonic of the reference: A cos(hθ + φ), where θ is the reference's phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemodulatedJson {
    /// A, peak amplitude as a fraction of full scale.
    pub amplitude: f64,
    /// φ in radians, −π to π.
    pub phase: f64,
    /// A cos φ.
    pub x: f64,
    /// A sin φ.
    pub y: f64,
    /// Density of the noise around the harmonic, RMS in fractions of full scale per √Hz; null while it is not known.
    pub noise_density: Option<f64>,
}
