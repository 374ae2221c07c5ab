//! Parameters that are one of a few words, some with a number behind a colon: `hann`, `kaiser:8.6`, `linear:10`.

use std::fmt;
use std::str::FromStr;

use super::{BandCount, KaiserBeta, SettingsError, SpectraCount, TimeConstant};
use crate::spectrum::{WindowFunction, window};

/// How successive spectra become one. All of them average power (RMS averaging), whatever the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Averaging {
    /// The latest alone.
    None,
    /// Mean with weights that fall by 1/e per time constant.
    Exponential(TimeConstant),
    /// Mean of this many, then anew. Blocks are counted from sample 0 of the epoch.
    Linear(SpectraCount),
    /// The largest value of each bin.
    Peak,
    /// The smallest value of each bin.
    Min,
}

/// What the value of a bin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scale {
    /// A sine of amplitude A at bin centre reads A.
    Amplitude,
    /// Mean square (RMS²), as `scipy.signal` with scaling `spectrum`.
    Power,
    /// Mean square per hertz, as `scipy.signal` with scaling `density`.
    Psd,
}

/// What values are expressed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Fraction of full scale.
    Fs,
    /// Level in dB where a full-scale sine reads 0 (AES17).
    Dbfs,
    /// Volts at the microphone.
    V,
    /// Pascals.
    Pa,
    /// Sound pressure level in dB.
    DbSpl,
}

/// How the bins of a spectrum are reduced for a screen; of the bins in a band the largest is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinReduction {
    /// At most this many bands of equal ratio of frequencies, without DC.
    Log(BandCount),
    /// At most this many bands of equal width.
    Linear(BandCount),
}

/// A parameter that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Switch(pub bool);

impl Scale {
    const ALL: [Self; 3] = [Self::Amplitude, Self::Power, Self::Psd];

    /// Its word in queries and in the JSON of a spectrum.
    pub fn name(self) -> &'static str {
        match self {
            Self::Amplitude => "amplitude",
            Self::Power => "power",
            Self::Psd => "psd",
        }
    }
}

impl Unit {
    pub(in crate::spectrum) const ALL: [Self; 5] = [Self::Fs, Self::Dbfs, Self::V, Self::Pa, Self::DbSpl];

    /// Its word in queries and in the JSON of a spectrum.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fs => "fs",
            Self::Dbfs => "dbfs",
            Self::V => "v",
            Self::Pa => "pa",
            Self::DbSpl => "db_spl",
        }
    }

    /// Whether it takes more than samples.
    pub fn needs_calibration(self) -> bool {
        !matches!(self, Self::Fs | Self::Dbfs)
    }

    /// Whether values are levels in dB.
    pub fn is_level(self) -> bool {
        matches!(self, Self::Dbfs | Self::DbSpl)
    }
}

/// A word and what stands behind its colon, with hyphens as underscores.
fn split(text: &str) -> (String, Option<&str>) {
    let (word, number) = text.split_once(':').map_or((text, None), |(word, number)| (word, Some(number)));
    (word.replace('-', "_"), number)
}

impl FromStr for Scale {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let known = Self::ALL.into_iter().find(|scale| scale.name() == text);
        known.ok_or_else(|| SettingsError::value("scale", text, "amplitude, power or psd"))
    }
}

impl FromStr for Unit {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let (word, number) = split(text);
        let known = Self::ALL.into_iter().find(|unit| unit.name() == word && number.is_none());
        known.ok_or_else(|| SettingsError::value("unit", text, "fs, dbfs, v, pa or db_spl"))
    }
}

impl FromStr for WindowFunction {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let known = match split(text) {
            (word, None) => window::ALL.into_iter().find(|kind| window::name(*kind) == word).map(Self::Cosines),
            (word, Some(beta)) if word == "kaiser" => beta.parse().ok().map(Self::Kaiser),
            _ => None,
        };
        let words = window::ALL.map(window::name).join(", ");
        known.ok_or_else(|| {
            SettingsError::value("window", text, format!("{words} or kaiser:β, β {}", KaiserBeta::EXPECTED))
        })
    }
}

impl FromStr for Averaging {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let (word, number) = split(text);
        let known = match (word.as_str(), number) {
            ("none", None) => Some(Self::None),
            ("peak", None) => Some(Self::Peak),
            ("min", None) => Some(Self::Min),
            ("exp", Some(tau)) => tau.parse().ok().map(Self::Exponential),
            ("linear", Some(spectra)) => spectra.parse().ok().map(Self::Linear),
            _ => None,
        };
        let (tau, spectra) = (TimeConstant::EXPECTED, SpectraCount::EXPECTED);
        known.ok_or_else(|| {
            let expected = format!("none, peak, min, exp:τ, τ in seconds {tau}, or linear:n, n {spectra}");
            SettingsError::value("averaging", text, expected)
        })
    }
}

impl FromStr for BinReduction {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let known = match text.split_once(':') {
            Some(("log", bands)) => bands.parse().ok().map(Self::Log),
            Some(("linear", bands)) => bands.parse().ok().map(Self::Linear),
            _ => None,
        };
        let expected = || format!("log:n or linear:n, n {}", BandCount::EXPECTED);
        known.ok_or_else(|| SettingsError::value("bins", text, expected()))
    }
}

impl Switch {
    /// Reads the value of the parameter `key`.
    ///
    /// # Errors
    /// When it is not `true` or `false`.
    pub fn parse(key: &'static str, text: &str) -> Result<Self, SettingsError> {
        let known = text.parse().ok().map(Self);
        known.ok_or_else(|| SettingsError::value(key, text, "true or false"))
    }
}

impl fmt::Display for Averaging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Exponential(tau) => write!(f, "exp:{tau}"),
            Self::Linear(spectra) => write!(f, "linear:{spectra}"),
            Self::Peak => f.write_str("peak"),
            Self::Min => f.write_str("min"),
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for BinReduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(bands) => write!(f, "log:{bands}"),
            Self::Linear(bands) => write!(f, "linear:{bands}"),
        }
    }
}
