//! The newest frame of a stream: what has to be known of it to go on after it and to time windows that end with it.

use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch};

/// Place and time of a frame whose samples were taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Newest {
    pub(super) epoch: Epoch,
    pub(super) sample_rate: SampleRate,
    pub(super) mono: bool,
    pub(super) frame_number: u64,
    pub(super) first_sample: u64,
    pub(super) end_sample: u64,
    pub(super) captured_us: u64,
    pub(super) monotonic_us: u64,
}

impl Newest {
    /// Whether a frame's first sample is the one after this frame's last, of the same epoch and format.
    pub(super) fn is_continued_by(&self, frame: &AudioFrame) -> bool {
        self.epoch == frame.epoch
            && self.end_sample == frame.first_sample
            && self.sample_rate == frame.sample_rate
            && self.mono == frame.is_mono()
    }

    /// UTC of a sample at or before this frame's end, from the frame's own time and the nominal rate.
    pub(super) fn captured_us_of(&self, sample: u64) -> u64 {
        self.sample_rate.shift_us(self.captured_us, self.first_sample, sample)
    }

    /// Monotonic time of a sample at or before this frame's end, likewise.
    pub(super) fn monotonic_us_of(&self, sample: u64) -> u64 {
        self.sample_rate.shift_us(self.monotonic_us, self.first_sample, sample)
    }
}

impl From<&AudioFrame> for Newest {
    fn from(frame: &AudioFrame) -> Self {
        Self {
            epoch: frame.epoch,
            sample_rate: frame.sample_rate,
            mono: frame.is_mono(),
            frame_number: frame.frame_number,
            first_sample: frame.first_sample,
            end_sample: frame.end_sample(),
            captured_us: frame.captured_us,
            monotonic_us: frame.monotonic_us,
        }
    }
}
