//! The settings of a lock-in: checked alone when made, and against a source before they are used.

use std::f64::consts::PI;
use std::fmt;

use photophone_signal::FrameRate;
use photophone_signal::units::SampleRate;
use thiserror::Error;

use super::Reference;

/// What each number of the settings can be, in words.
pub mod expected {
    /// Of the harmonic.
    pub const HARMONIC: &str = "a whole number from 1 to 9";
    /// Of the time constant in seconds.
    pub const TAU_S: &str = "a number from 0.0001 to 1000";
    /// Of the slope.
    pub const SLOPE: &str = "6, 12, 18 or 24 (dB per octave)";
}

/// What a lock-in measures and how; equal settings give equal readings, so they can be the key of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LockinSettings {
    reference: Reference,
    harmonic: u8,
    tau_us: u64,
    slope: Slope,
    frame_rate: FrameRate,
}

/// How steeply the low-pass falls: 6 dB per octave for each of its identical one-pole stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slope {
    /// 6 dB per octave, one pole.
    Db6,
    /// 12 dB per octave, two poles.
    Db12,
    /// 18 dB per octave, three poles.
    Db18,
    /// 24 dB per octave, four poles.
    Db24,
}

/// A setting that cannot be used, and what could.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LockinError {
    /// Not a reference.
    #[error("reference is {0:?}; expected a frequency in Hz above 0 such as 1234.5, or channel_b, or tracked")]
    Reference(String),
    /// Not a harmonic.
    #[error("harmonic is {0}; expected {right}", right = expected::HARMONIC)]
    Harmonic(u32),
    /// Not a time constant.
    #[error("tau_s is {0}; expected {right}", right = expected::TAU_S)]
    Tau(f64),
    /// Not a slope.
    #[error("slope is {0}; expected {right}", right = expected::SLOPE)]
    Slope(u32),
    /// What is to be demodulated cannot be in the signal.
    #[error("harmonic {harmonic} of {reference} Hz is not below {nyquist_hz} Hz, half the sample rate of this source")]
    BeyondNyquist {
        /// The reference in Hz.
        reference: f64,
        /// The multiple of it.
        harmonic: u8,
        /// Half the sample rate.
        nyquist_hz: f64,
    },
    /// The low-pass would not hold back the mirror image of the tone, or be a low-pass at all.
    #[error("tau_s is {tau_s}; at this frequency and the sample rate of this source expected at least {least_s:.6}")]
    TauTooShort {
        /// The time constant in seconds.
        tau_s: f64,
        /// The shortest in seconds.
        least_s: f64,
    },
    /// A mono source has no channel B.
    #[error("reference is channel_b, and this source is mono; expected a frequency in Hz, or tracked")]
    NoChannelB,
}

impl LockinSettings {
    /// The shortest time constant in samples: from here on the bandwidth is within 0.13 % of its formula.
    const MIN_TAU_SAMPLES: f64 = 8.0;

    /// Settings with `harmonic` 1 to 9, a time constant of 100 µs to 1000 s (rounded to microseconds), a slope of 6, 12,
    /// 18 or 24 dB per octave, and as many readings per second as frames in `frame_rate`.
    ///
    /// # Errors
    /// The first of these that is not so.
    pub fn new(
        reference: Reference,
        harmonic: u32,
        tau_s: f64,
        slope_db: u32,
        frame_rate: FrameRate,
    ) -> Result<Self, LockinError> {
        let harmonic_checked = u8::try_from(harmonic).ok().filter(|harmonic| (1..=9).contains(harmonic));
        if !(0.0001..=1000.0).contains(&tau_s) {
            return Err(LockinError::Tau(tau_s));
        }
        Ok(Self {
            reference,
            harmonic: harmonic_checked.ok_or(LockinError::Harmonic(harmonic))?,
            tau_us: (tau_s * 1e6).round() as u64,
            slope: Slope::from_db(slope_db).ok_or(LockinError::Slope(slope_db))?,
            frame_rate,
        })
    }

    /// Checks the settings against a source.
    ///
    /// # Errors
    /// [`BeyondNyquist`](LockinError::BeyondNyquist), [`TauTooShort`](LockinError::TauTooShort) and
    /// [`NoChannelB`](LockinError::NoChannelB). The frequency of a reference that is followed is not known here.
    pub fn validate(&self, rate: SampleRate, channels: u8) -> Result<(), LockinError> {
        if self.reference == Reference::ChannelB && channels < 2 {
            return Err(LockinError::NoChannelB);
        }
        let mut least_s = Self::MIN_TAU_SAMPLES / f64::from(rate.hz());
        if let Reference::Internal(frequency) = self.reference {
            let (reference, harmonic) = (frequency.hz(), self.harmonic);
            let twice_micro_hz = 2 * u64::from(harmonic) * frequency.micro_hz();
            if twice_micro_hz >= u64::from(rate.hz()) * 1_000_000 {
                return Err(LockinError::BeyondNyquist { reference, harmonic, nyquist_hz: f64::from(rate.hz()) / 2.0 });
            }
            least_s = least_s.max(self.least_tau_s(reference, rate));
        }
        if self.tau_s() < least_s {
            return Err(LockinError::TauTooShort { tau_s: self.tau_s(), least_s });
        }
        Ok(())
    }

    /// Whether the low-pass tells the harmonic of a reference of this frequency from its mirror image.
    pub(super) fn separates(&self, reference_hz: f64, rate: SampleRate) -> bool {
        let nyquist_hz = f64::from(rate.hz()) / 2.0;
        f64::from(self.harmonic) * reference_hz < nyquist_hz && self.tau_s() >= self.least_tau_s(reference_hz, rate)
    }

    /// Demodulating f moves the tone's mirror image −f to −2f, which lies `2 min(f, Nyquist − f)` from zero. At 1/πτ the
    /// low-pass holds it back to less than half of the tone, and what is left can be told from the tone.
    fn least_tau_s(&self, reference_hz: f64, rate: SampleRate) -> f64 {
        let f_hz = f64::from(self.harmonic) * reference_hz;
        let image_hz = 2.0 * f_hz.min(f64::from(rate.hz()) / 2.0 - f_hz);
        1.0 / (PI * image_hz)
    }

    /// What the lock-in refers to.
    pub fn reference(&self) -> Reference {
        self.reference
    }

    /// The multiple of the reference's frequency that is demodulated.
    pub fn harmonic(&self) -> u8 {
        self.harmonic
    }

    /// Time constant of each stage of the low-pass in seconds.
    pub fn tau_s(&self) -> f64 {
        self.tau_us as f64 / 1e6
    }

    /// The slope of the low-pass.
    pub fn slope(&self) -> Slope {
        self.slope
    }

    /// Readings per second.
    pub fn frame_rate(&self) -> FrameRate {
        self.frame_rate
    }

    /// Equivalent noise bandwidth of the low-pass in Hz, one-sided: 1/4τ, 1/8τ, 3/32τ, 5/64τ for one to four poles
    /// (∫ (1 + (2πfτ)²)^−n df; SR830 manual, table "ENBW").
    pub fn bandwidth_hz(&self) -> f64 {
        let of_tau = match self.slope {
            Slope::Db6 => 1.0 / 4.0,
            Slope::Db12 => 1.0 / 8.0,
            Slope::Db18 => 3.0 / 32.0,
            Slope::Db24 => 5.0 / 64.0,
        };
        of_tau / self.tau_s()
    }
}

/// As a query that asks for them.
impl fmt::Display for LockinSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (reference, harmonic, tau_s, slope) = (self.reference, self.harmonic, self.tau_s(), self.slope.db());
        write!(f, "reference={reference}&harmonic={harmonic}&tau_s={tau_s}&slope={slope}&fps={}", self.frame_rate.fps())
    }
}

impl Slope {
    /// The slope of this many dB per octave; none if it is not 6, 12, 18 or 24.
    pub fn from_db(db_per_octave: u32) -> Option<Self> {
        match db_per_octave {
            6 => Some(Self::Db6),
            12 => Some(Self::Db12),
            18 => Some(Self::Db18),
            24 => Some(Self::Db24),
            _ => None,
        }
    }

    /// In dB per octave.
    pub fn db(self) -> u32 {
        6 * self.poles() as u32
    }

    /// Stages of the low-pass.
    pub fn poles(self) -> usize {
        match self {
            Self::Db6 => 1,
            Self::Db12 => 2,
            Self::Db18 => 3,
            Self::Db24 => 4,
        }
    }
}
