//! Tells silence from sound: a source is silent once all samples have stayed below a level for a while.

use photophone_signal::units::SampleRate;

use crate::source::SampleBlock;
use crate::stream::StateReason;

/// Counts quiet samples.
#[derive(Debug)]
pub(super) struct SilenceDetector {
    level_dbfs: f64,
    level: f32,
    span_secs: f64,
    span_samples: u64,
    quiet_samples: u64,
}

impl SilenceDetector {
    /// Silence is every sample below `level_dbfs` for `span_secs`.
    pub(super) fn new(level_dbfs: f64, span_secs: f64) -> Self {
        let level = 10_f64.powf(level_dbfs / 20.0) as f32;
        Self { level_dbfs, level, span_secs, span_samples: u64::MAX, quiet_samples: 0 }
    }

    /// Starts anew with a source at `rate`.
    pub(super) fn restart(&mut self, rate: SampleRate) {
        self.span_samples = (self.span_secs * f64::from(rate.hz())) as u64;
        self.quiet_samples = 0;
    }

    /// Hears a block; says whether the source is silent.
    pub(super) fn listen(&mut self, block: &SampleBlock) -> bool {
        // NaN is not quiet.
        let loud = |sample: &f32| sample.abs() >= self.level || sample.is_nan();
        if block.channel_a.iter().chain(&block.channel_b).any(loud) {
            self.quiet_samples = 0;
        } else {
            self.quiet_samples += block.channel_a.len() as u64;
        }
        self.quiet_samples >= self.span_samples
    }

    pub(super) fn reason(&self) -> StateReason {
        let message = format!("every sample is below {} dBFS", self.level_dbfs);
        StateReason { code: "below_silence_level", message }
    }
}
