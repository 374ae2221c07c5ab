//! The audio frame: a header and the samples of both channels, the unit that travels.

use crate::units::SampleRate;
use crate::{Epoch, SampleIndex};

/// A run of consecutive samples of one epoch. Samples are linear fractions of full scale: ±1.0 is full scale.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioFrame {
    /// The epoch in which `first_sample` counts.
    pub epoch: Epoch,
    /// +1 for each frame published in the epoch, starting at 0.
    pub frame_number: u64,
    /// Index of the first sample since the epoch began; lost samples advance it.
    pub first_sample: u64,
    /// Samples per second and channel.
    pub sample_rate: SampleRate,
    /// Monotonic time of the first sample in microseconds; its origin is the start of the program.
    pub monotonic_us: u64,
    /// UTC of the first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// What happened to the samples of this frame.
    pub flags: FrameFlags,
    /// Samples of channel A.
    pub channel_a: Vec<f32>,
    /// Samples of channel B: as many as in A, or none when the source is mono.
    pub channel_b: Vec<f32>,
}

/// Facts about the samples of one frame that a reader cannot see in the numbers themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameFlags {
    /// At least one sample stands at the positive or negative limit of the source's format.
    pub clipped: bool,
    /// At least one sample was NaN or infinite and has been replaced by 0.
    pub nonfinite: bool,
    /// The sample before `first_sample` was lost: a gap precedes this frame.
    pub after_gap: bool,
}

impl AudioFrame {
    /// Samples per channel.
    pub fn samples(&self) -> usize {
        self.channel_a.len()
    }

    /// The first sample.
    pub fn index(&self) -> SampleIndex {
        SampleIndex { epoch: self.epoch, sample: self.first_sample }
    }

    /// The first sample after this frame.
    pub fn end(&self) -> SampleIndex {
        SampleIndex { epoch: self.epoch, sample: self.end_sample() }
    }

    /// Index of the first sample after this frame.
    pub fn end_sample(&self) -> u64 {
        self.first_sample + self.channel_a.len() as u64
    }

    /// Whether the source delivers channel A only.
    pub fn is_mono(&self) -> bool {
        self.channel_b.is_empty()
    }

    /// Duration of the samples at the nominal rate, in microseconds, rounded down.
    pub fn duration_us(&self) -> u64 {
        self.sample_rate.micros_of(self.samples() as u64)
    }

    /// Memory that this frame holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + (self.channel_a.len() + self.channel_b.len()) * size_of::<f32>()
    }

    /// Duration of the samples at the nominal rate, in milliseconds.
    pub fn duration_ms(&self) -> f64 {
        self.samples() as f64 * 1e3 / f64::from(self.sample_rate.hz())
    }
}

impl std::ops::BitOrAssign for FrameFlags {
    fn bitor_assign(&mut self, other: Self) {
        self.clipped |= other.clipped;
        self.nonfinite |= other.nonfinite;
        self.after_gap |= other.after_gap;
    }
}
