//! The head of an event that is computed from frames: which samples it begins with, and when they were taken.

use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::Place;
use photophone_signal::{AudioFrame, Epoch, FrameFlags, SampleIndex};

/// Position, time and flags of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    /// The epoch in which `first_sample` counts.
    pub epoch: Epoch,
    /// Samples of the source per second and channel: the unit of indices.
    pub sample_rate: SampleRate,
    /// Number of the frame that holds the last sample that was read for the event.
    pub frame_number: u64,
    /// Index of the event's first sample.
    pub first_sample: u64,
    /// Monotonic time of the first sample in microseconds.
    pub monotonic_us: u64,
    /// UTC of the first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Of all frames that the event was computed from; `after_gap`: samples are missing before the first one.
    pub flags: FrameFlags,
}

impl Head {
    /// The head of what begins with sample `first_sample`, whose times are counted from those of `frame` at the nominal
    /// rate.
    pub(super) fn at(frame: &AudioFrame, first_sample: u64) -> Self {
        let time_us = |start_us| frame.sample_rate.shift_us(start_us, frame.first_sample, first_sample);
        Self {
            epoch: frame.epoch,
            sample_rate: frame.sample_rate,
            frame_number: frame.frame_number,
            first_sample,
            monotonic_us: time_us(frame.monotonic_us),
            captured_us: time_us(frame.captured_us),
            flags: flags_from(frame, first_sample),
        }
    }

    /// The event's first sample.
    pub(super) fn index(&self) -> SampleIndex {
        SampleIndex { epoch: self.epoch, sample: self.first_sample }
    }

    /// The place of a message about `samples` samples of a source with or without channel B.
    pub(super) fn place(&self, samples: u64, mono: bool) -> Place {
        Place {
            epoch: self.epoch,
            frame_number: self.frame_number,
            first_sample: self.first_sample,
            // What does not fit is far beyond the length of a message.
            samples: u32::try_from(samples).unwrap_or(u32::MAX),
            captured_us: self.captured_us,
            monotonic_us: self.monotonic_us,
            sample_rate: self.sample_rate,
            channels: if mono { 1 } else { 2 },
            flags: self.flags,
        }
    }

    /// The same head for what begins with another sample, whose times are counted from this one's at the nominal rate.
    pub(super) fn moved_to(self, first_sample: u64) -> Self {
        let time_us = |start_us| self.sample_rate.shift_us(start_us, self.first_sample, first_sample);
        Self { first_sample, monotonic_us: time_us(self.monotonic_us), captured_us: time_us(self.captured_us), ..self }
    }

    /// Takes in what `frame` says of its samples from `from` on.
    pub(super) fn extend(&mut self, frame: &AudioFrame, from: u64) {
        self.frame_number = frame.frame_number;
        self.flags |= flags_from(frame, from);
    }

    /// Duration of `samples` samples in milliseconds at the nominal rate.
    pub(super) fn duration_ms(&self, samples: u64) -> f64 {
        samples as f64 * 1e3 / f64::from(self.sample_rate.hz())
    }
}

/// The flags of the samples of `frame` from `from` on: a gap before the frame is before its first sample only.
pub(super) fn flags_from(frame: &AudioFrame, from: u64) -> FrameFlags {
    FrameFlags { after_gap: frame.flags.after_gap && from == frame.first_sample, ..frame.flags }
}
