//! How long events get: a feed has the same ones in every form, so none is longer than a binary message can be.

use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::MAX_MESSAGE_BYTES;
use photophone_signal::{AudioFrame, FrameRate};
use thiserror::Error;

use super::parameters::Channels;
use super::samples::{EnvelopeSpec, FramesSpec};

/// What a message has beside its samples, at most: header, six sections with their padding, `meta`, and the column that
/// is begun before an event and ends in it.
const BESIDE_BYTES: usize = 1024;

/// Minimum, maximum and RMS, of f32 each.
const COLUMN_BYTES: f64 = 12.0;

/// Events of the source would be longer than a message can be.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error(
    "fps is {}; expected at least {least_fps} with these parameters and this source, as a message has at most \
    {MAX_MESSAGE_BYTES} bytes",
    fps.map_or_else(|| "not given".to_owned(), |fps| fps.to_string())
)]
pub struct TooLong {
    fps: Option<FrameRate>,
    /// With this many events per second they would do.
    least_fps: f64,
}

/// The frames that a source delivers, as far as lengths go.
#[derive(Clone, Copy, Debug)]
pub struct FrameShape {
    /// Samples per second and channel.
    pub sample_rate: SampleRate,
    /// Channels, 1 or 2.
    pub channels: u8,
    /// Samples per channel in a published frame.
    pub samples: f64,
}

impl From<&AudioFrame> for FrameShape {
    fn from(frame: &AudioFrame) -> Self {
        let channels = if frame.is_mono() { 1 } else { 2 };
        Self { sample_rate: frame.sample_rate, channels, samples: frame.samples() as f64 }
    }
}

impl FramesSpec {
    /// Whether the events of such a source fit into messages.
    ///
    /// # Errors
    /// When they do not.
    pub fn check_length(&self, frames: &FrameShape) -> Result<(), TooLong> {
        let sample_bytes = self.format.samples().sample_bytes() as f64 / self.decimate.get() as f64;
        frames.check(self.fps, sample_bytes * frames.sent(self.channels))
    }
}

impl EnvelopeSpec {
    /// Whether the events of such a source fit into messages.
    ///
    /// # Errors
    /// When they do not.
    pub fn check_length(&self, frames: &FrameShape) -> Result<(), TooLong> {
        let sample_bytes = COLUMN_BYTES / self.column_samples.get().get() as f64;
        frames.check(self.fps, sample_bytes * frames.sent(self.channels))
    }
}

impl FrameShape {
    /// Channels that are sent.
    fn sent(&self, channels: Channels) -> f64 {
        match channels {
            Channels::Both => f64::from(self.channels),
            Channels::A | Channels::B => 1.0,
        }
    }

    /// `index_bytes` are those that an event has for each index that it covers.
    fn check(&self, fps: Option<FrameRate>, index_bytes: f64) -> Result<(), TooLong> {
        let room = (MAX_MESSAGE_BYTES - BESIDE_BYTES) as f64;
        let rate_hz = f64::from(self.sample_rate.hz());
        let samples = fps.map_or(self.samples, |fps| rate_hz / fps.fps());
        if samples * index_bytes <= room {
            return Ok(());
        }
        Err(TooLong { fps, least_fps: (rate_hz * index_bytes / room * 1e3).ceil() / 1e3 })
    }
}

#[cfg(test)]
mod tests;
