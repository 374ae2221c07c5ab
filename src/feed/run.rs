//! The run: how far consecutive samples reach, so that nothing is computed across a gap.

use photophone_signal::units::SampleRate;
use photophone_signal::{AudioFrame, Epoch, SampleIndex};

/// Where consecutive samples of one epoch end, and what the next ones have to share with them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    epoch: Epoch,
    sample_rate: SampleRate,
    mono: bool,
    end_sample: u64,
}

impl Run {
    /// The run that ends with `frame`.
    pub(super) fn to_end_of(frame: &AudioFrame) -> Self {
        Self {
            epoch: frame.epoch,
            sample_rate: frame.sample_rate,
            mono: frame.is_mono(),
            end_sample: frame.end_sample(),
        }
    }

    /// The index behind its last sample.
    pub(super) fn end(&self) -> SampleIndex {
        SampleIndex { epoch: self.epoch, sample: self.end_sample }
    }

    /// Whether `frame` begins where the run ends, in the same epoch and format.
    pub(super) fn is_continued_by(&self, frame: &AudioFrame) -> bool {
        self.end_sample == frame.first_sample
            && self.epoch == frame.epoch
            && self.sample_rate == frame.sample_rate
            && self.mono == frame.is_mono()
    }
}
