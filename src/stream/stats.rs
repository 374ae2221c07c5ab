//! The counters of the stream, each defined where it is declared. Every number is measured; what is not known is null.

use photophone_signal::Epoch;
use serde::Serialize;
use utoipa::ToSchema;

use super::{DaemonState, StateReason};

/// Counters since the program started, unless a line says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StreamStats {
    /// Frames published.
    pub total_frames: u64,
    /// Frames that a subscriber did not get because it was slow, summed over subscribers; what a feed loses, each of
    /// its viewers loses.
    pub dropped_frames: u64,
    /// Viewers of feeds and consumers of the library now.
    pub active_subscribers: usize,
    /// Viewers that were closed because they took nothing for `server.stall_secs`.
    pub stalled_viewers: u64,
    /// Frames per second over the last 3 s, or over the time of 4 frames where that is longer.
    pub fps: f64,
    /// Unix time of the last frame's publication in milliseconds; null before the first.
    pub last_update: Option<u64>,
    /// Nominal samples per second and channel; null before the source was open.
    pub sample_rate: Option<u32>,
    /// 1 or 2; null before the source was open.
    pub channels: Option<u8>,
    /// Samples per channel published.
    pub samples_total: u64,
    /// Samples per channel lost on the way from the device to the stream, by cause.
    pub samples_lost: SamplesLost,
    /// Samples at or beyond the limit of the source's format.
    pub clipped_samples: PerChannel<u64>,
    /// NaN and infinite samples replaced by 0, both channels together.
    pub nonfinite_samples: u64,
    /// Highest absolute sample of the last second, or of the last frame where frames are longer, 0 dBFS = full scale;
    /// null when all are 0 or there are none.
    pub peak_dbfs: PerChannel<Option<f64>>,
    /// RMS of the last second, or of the last frame where frames are longer, 0 dBFS = full-scale sine (AES17); null
    /// when all samples are 0 or there are none.
    pub rms_dbfs: PerChannel<Option<f64>>,
    /// What the daemon is doing.
    pub state: DaemonState,
    /// Why, for people; null when there is nothing to explain.
    pub state_reason: Option<StateReason>,
    /// The epoch in which sample indices count now; null before the first began.
    #[schema(value_type = Option<String>)]
    pub epoch: Option<Epoch>,
    /// Seconds since the stream was made.
    pub uptime_secs: f64,
    /// The device's rate against this machine's monotonic clock, least squares over the last minute; null for files
    /// and simulations, which have no clock of their own, and before 10 s have passed.
    pub measured_rate_hz: Option<f64>,
    /// `measured_rate_hz` against `sample_rate`, in parts per million.
    pub rate_deviation_ppm: Option<f64>,
}

/// A number for each channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PerChannel<T> {
    /// Channel A.
    pub a: T,
    /// Channel B.
    pub b: T,
}

/// Samples per channel lost before the stream, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SamplesLost {
    /// Lost by the device or its driver (xruns); estimated unless the source knows better.
    pub device: u64,
    /// Dropped because the ring between callback and acquisition thread was full; exact.
    pub ring: u64,
    /// Passed while the device was away or being reopened; estimated from clocks.
    pub reopen: u64,
}

/// What was found in the samples of one frame while it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameTally {
    /// Samples at or beyond the limit of the source's format.
    pub clipped: PerChannel<u64>,
    /// NaN and infinite samples replaced by 0.
    pub nonfinite: u64,
}
