//! The parameters of what is made of samples, each as its word or number in a query.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use photophone_signal::AudioFrame;
use photophone_signal::wire::binary::SampleFormat;
use thiserror::Error;

use crate::feed::decimate::MAX_FACTOR;

/// Not a value of the parameter: what would be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be {0}")]
pub struct NotAValue(&'static str);

/// How an event holds its samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Numbers in JSON.
    #[default]
    Json,
    /// Base64 of little-endian f32.
    F32,
    /// Base64 of little-endian 16-bit integers, 32768 being full scale.
    I16,
}

/// Which channels an event holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Channels {
    /// A alone.
    A,
    /// B alone.
    B,
    /// All that the source has.
    #[default]
    Both,
}

/// Distance of two samples that are sent in samples of the source, 1 to [`MAX_FACTOR`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Factor(u64);

/// Samples in a column of an envelope, 1 to 65536.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColumnSamples(NonZeroU64);

/// The bandwidth of a viewer in kilobits (1000 bits) per second, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxKbps(u32);

impl Format {
    const ALL: [Self; 3] = [Self::Json, Self::F32, Self::I16];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::F32 => "f32",
            Self::I16 => "i16",
        }
    }

    /// How bytes hold the samples: those of base64, and those of a binary message.
    pub fn samples(self) -> SampleFormat {
        match self {
            Self::Json | Self::F32 => SampleFormat::F32,
            Self::I16 => SampleFormat::I16,
        }
    }
}

impl Channels {
    const ALL: [Self; 3] = [Self::A, Self::B, Self::Both];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::Both => "ab",
        }
    }

    /// Why a source of one channel has nothing of B alone.
    pub const NO_B: &'static str = "channels=b: the source has one channel, which is a";

    /// Whether `frame` has samples, but none of these.
    pub fn are_missing_in(self, frame: &AudioFrame) -> bool {
        self == Self::B && frame.is_mono() && frame.samples() > 0
    }

    /// Whether channel A is among them.
    pub fn has_a(self) -> bool {
        self != Self::B
    }

    /// Whether channel B is among them.
    pub fn has_b(self) -> bool {
        self != Self::A
    }
}

impl Factor {
    /// Every sample.
    pub const ONE: Self = Self(1);

    /// All factors that leave samples out, smallest first.
    pub fn above_one() -> impl Iterator<Item = Self> {
        (2..=MAX_FACTOR).map(Self)
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl Default for Factor {
    fn default() -> Self {
        Self::ONE
    }
}

impl ColumnSamples {
    /// When nobody says how many.
    pub const DEFAULT: Self = Self(NonZeroU64::MIN.saturating_add(63));

    /// The number.
    pub fn get(self) -> NonZeroU64 {
        self.0
    }
}

impl MaxKbps {
    /// The bandwidth in bits per second.
    pub fn bits_per_sec(self) -> f64 {
        f64::from(self.0) * 1e3
    }
}

impl FromStr for Format {
    type Err = NotAValue;

    fn from_str(text: &str) -> Result<Self, NotAValue> {
        Self::ALL.into_iter().find(|format| format.name() == text).ok_or(NotAValue("json, f32 or i16"))
    }
}

impl FromStr for Channels {
    type Err = NotAValue;

    fn from_str(text: &str) -> Result<Self, NotAValue> {
        Self::ALL.into_iter().find(|channels| channels.name() == text).ok_or(NotAValue("a, b or ab"))
    }
}

impl FromStr for Factor {
    type Err = NotAValue;

    fn from_str(text: &str) -> Result<Self, NotAValue> {
        let factor = whole(text).filter(|factor| (1..=MAX_FACTOR).contains(factor));
        factor.map(Self).ok_or(NotAValue("a whole number from 1 to 16"))
    }
}

impl FromStr for ColumnSamples {
    type Err = NotAValue;

    fn from_str(text: &str) -> Result<Self, NotAValue> {
        let samples = whole(text).filter(|samples| *samples <= 65_536).and_then(NonZeroU64::new);
        samples.map(Self).ok_or(NotAValue("a whole number from 1 to 65536"))
    }
}

impl FromStr for MaxKbps {
    type Err = NotAValue;

    fn from_str(text: &str) -> Result<Self, NotAValue> {
        let kbps = whole(text).and_then(|kbps| u32::try_from(kbps).ok()).filter(|kbps| *kbps > 0);
        kbps.map(Self).ok_or(NotAValue("a whole number of kilobits per second, at least 1"))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ColumnSamples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for MaxKbps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Digits and nothing else: `u64` would take a sign.
fn whole(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}
