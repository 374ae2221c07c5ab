//! What a lock-in refers to: a frequency, or a signal that it follows.

use std::fmt;
use std::str::FromStr;

use super::LockinError;
use crate::text::cut;

/// Where the frequency and phase of the reference come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// An oscillator of the program: a cosine that starts with sample 0 of the epoch.
    Internal(Frequency),
    /// The strongest tone on channel B, as of a chopper or a modulator: a bench lock-in's external reference.
    ChannelB,
    /// The strongest tone of channel A itself.
    Tracked,
}

/// A positive frequency as a whole number of microhertz, so that it can be a key and phases follow from it in integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frequency {
    micro_hz: u64,
}

impl Frequency {
    /// Above every Nyquist frequency; nine times as many microhertz stay below 2^64.
    const MAX_HZ: f64 = 1e9;

    /// The nearest number of microhertz; none for what is not a number from 0.000001 to 10^9.
    pub fn from_hz(hz: f64) -> Option<Self> {
        let micro_hz = (hz * 1e6).round();
        (micro_hz >= 1.0 && hz <= Self::MAX_HZ).then_some(Self { micro_hz: micro_hz as u64 })
    }

    /// In hertz.
    pub fn hz(self) -> f64 {
        self.micro_hz as f64 / 1e6
    }

    /// In millionths of a hertz, exactly.
    pub fn micro_hz(self) -> u64 {
        self.micro_hz
    }
}

impl FromStr for Reference {
    type Err = LockinError;

    /// Reads `channel_b`, `tracked` or a frequency in hertz, which is rounded to microhertz.
    fn from_str(text: &str) -> Result<Self, LockinError> {
        match text {
            "channel_b" => Ok(Self::ChannelB),
            "tracked" => Ok(Self::Tracked),
            _ => {
                let frequency = text.parse().ok().and_then(Frequency::from_hz);
                frequency.map(Self::Internal).ok_or_else(|| LockinError::Reference(cut(text).into_owned()))
            }
        }
    }
}

impl fmt::Display for Reference {
    /// Writes what [`from_str`](Self::from_str) reads, the same for equal references.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal(frequency) => write!(formatter, "{}", frequency.hz()),
            Self::ChannelB => formatter.write_str("channel_b"),
            Self::Tracked => formatter.write_str("tracked"),
        }
    }
}
