//! The sample index with the epoch in which it counts: a place in the stream that outlives connections.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::{Epoch, MAX_SAMPLE_INDEX};

/// A sample of the stream. Its text `<epoch>:<sample>` is the id of an event that begins there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SampleIndex {
    /// The epoch in which `sample` counts.
    pub epoch: Epoch,
    /// Samples since the epoch began.
    pub sample: u64,
}

/// A text that is no place in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not of the form <epoch>:<first_sample>, a UUID and a decimal number up to {MAX_SAMPLE_INDEX}")]
pub struct NotASampleIndex;

impl fmt::Display for SampleIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.sample)
    }
}

impl FromStr for SampleIndex {
    type Err = NotASampleIndex;

    fn from_str(text: &str) -> Result<Self, NotASampleIndex> {
        let (epoch, sample) = text.split_once(':').ok_or(NotASampleIndex)?;
        let digits = !sample.is_empty() && sample.bytes().all(|byte| byte.is_ascii_digit());
        match (epoch.parse(), sample.parse()) {
            (Ok(epoch), Ok(sample)) if digits && sample <= MAX_SAMPLE_INDEX => Ok(Self { epoch, sample }),
            _ => Err(NotASampleIndex),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_reads_back_and_nothing_else_does() {
        let index = SampleIndex { epoch: Epoch::from_random_bytes([7; 16]), sample: MAX_SAMPLE_INDEX };
        let text = index.to_string();
        assert_eq!(text.parse(), Ok(index));
        let beyond = SampleIndex { sample: MAX_SAMPLE_INDEX + 1, ..index }.to_string();
        for wrong in
            ["", "7", ":7", &text.replace(':', ""), &format!("{text}0"), &text.replace(':', ":+"), "x:7", &beyond]
        {
            assert_eq!(wrong.parse::<SampleIndex>(), Err(NotASampleIndex), "{wrong}");
        }
    }
}
