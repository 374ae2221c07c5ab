//! The settings of a spectrum: one type per parameter, each with the text it is read from, and the rules over several
//! of them.

mod error;
mod number;
mod word;

use std::fmt;

use photophone_signal::FrameRate;
use photophone_signal::units::SampleRate;

use super::{Calibration, WindowFunction};

pub use error::SettingsError;
pub use number::{BandCount, KaiserBeta, MaxHz, Overlap, PeakCount, SpectraCount, TimeConstant, WindowSize};
pub use word::{Averaging, BinReduction, Scale, Switch, Unit};

const COHERENCE_OF_ONE: &str = "as the coherence of fewer than two spectra is identically 1";

/// What a spectrum is to be. Equal settings give equal spectra, so they can be part of the key of what is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpectrumSettings {
    /// Samples per spectrum.
    pub size: WindowSize,
    /// Overlap of successive windows, which then begin at multiples of the hop from sample 0 of the epoch; without,
    /// there is one window per frame, and it ends with the frame.
    pub overlap: Option<Overlap>,
    /// Window function.
    pub window: WindowFunction,
    /// How successive spectra become one.
    pub averaging: Averaging,
    /// What the value of a bin is.
    pub scale: Scale,
    /// What values are expressed in.
    pub unit: Unit,
    /// Whether phases are told; not with averaging.
    pub phase: bool,
    /// Whether the cross-spectrum and the coherence of both channels are told; only with an average of at least two.
    pub cross: bool,
    /// Most peaks to list per channel.
    pub peaks: PeakCount,
    /// Frequency above which nothing is told; beyond half the rate it is the same as none.
    pub max_hz: Option<MaxHz>,
    /// Reduction for a screen.
    pub bins: Option<BinReduction>,
    /// Most events per second; without, there is one per spectrum.
    pub fps: Option<FrameRate>,
}

impl SpectrumSettings {
    /// Amplitudes and phases of full scale of one window per frame.
    pub fn new(size: WindowSize, window: WindowFunction) -> Self {
        Self {
            size,
            overlap: None,
            window,
            averaging: Averaging::None,
            scale: Scale::Amplitude,
            unit: Unit::Fs,
            phase: true,
            cross: false,
            peaks: PeakCount::NONE,
            max_hz: None,
            bins: None,
            fps: None,
        }
    }

    /// Samples from one window to the next, `round(size · (1 − overlap))`; none when frames set the pace.
    pub fn hop_samples(&self) -> Option<u64> {
        let hop = |overlap: Overlap| (self.size.get() as f64 * (1.0 - overlap.get())).round() as u64;
        self.overlap.map(|overlap| hop(overlap).max(1))
    }

    /// Holds the settings against each other, the source and its calibration.
    ///
    /// # Errors
    /// What is wrong first, with what would be right.
    pub fn validate(&self, rate: SampleRate, channels: u16, calibration: &Calibration) -> Result<(), SettingsError> {
        self.validate_together()?;
        if self.cross {
            self.validate_cross(rate, channels)?;
        }
        // Behind `cross`: of a mono source nobody is to calibrate channel B.
        self.validate_unit(calibration)?;
        let bin_hz = f64::from(rate.hz()) / self.size.get() as f64;
        if let Some(max_hz) = self.max_hz.filter(|max_hz| max_hz.get() < bin_hz) {
            let expected = format!("at least {bin_hz}, the distance of bins at {} Hz and this size", rate.hz());
            return Err(SettingsError::value("max_hz", max_hz, expected));
        }
        Ok(())
    }

    /// Holds the settings against each other and the calibration of channel A, with `cross` also of B: what is wrong here
    /// is wrong for every source.
    ///
    /// # Errors
    /// What is wrong first, with what would be right.
    pub fn validate_for_any_source(&self, calibration: &Calibration) -> Result<(), SettingsError> {
        self.validate_together()?;
        self.validate_unit(calibration)
    }

    fn validate_together(&self) -> Result<(), SettingsError> {
        if self.phase && self.averaging != Averaging::None {
            let expected = format!("false, as an average ({}) has no phase", self.averaging);
            return Err(SettingsError::value("phase", true, expected));
        }
        let averages_two = match self.averaging {
            Averaging::Linear(spectra) => spectra.get() >= 2,
            Averaging::Exponential(_) => true,
            Averaging::None | Averaging::Peak | Averaging::Min => false,
        };
        if self.cross && !averages_two {
            let expected = format!("exp:τ or linear:n of at least 2, {COHERENCE_OF_ONE}");
            return Err(SettingsError::value("averaging", self.averaging, expected));
        }
        Ok(())
    }

    fn validate_cross(&self, rate: SampleRate, channels: u16) -> Result<(), SettingsError> {
        if channels < 2 {
            return Err(SettingsError::value("cross", true, "false, as the source is mono"));
        }
        match (self.averaging, self.shortest_tau_s(rate)) {
            (Averaging::Exponential(tau), Some(shortest)) if tau.get() < shortest => {
                let expected = format!("exp:τ with τ of at least {shortest:.3}, {COHERENCE_OF_ONE}");
                Err(SettingsError::value("averaging", self.averaging, expected))
            }
            _ => Ok(()),
        }
    }

    fn validate_unit(&self, calibration: &Calibration) -> Result<(), SettingsError> {
        match calibration.missing(self.unit, self.cross) {
            Some(missing) => Err(SettingsError::Uncalibrated { unit: self.unit.name(), missing }),
            None => Ok(()),
        }
    }

    /// Time constant at which an exponential average settles at two spectra: its weight α = 1 − e^(−hop/τ) gives
    /// (2 − α) / α of them. Not known when frames set the pace.
    fn shortest_tau_s(&self, rate: SampleRate) -> Option<f64> {
        Some(self.hop_samples()? as f64 / f64::from(rate.hz()) / 3_f64.ln())
    }
}

/// As a query that asks for them; what is none is left out.
impl fmt::Display for SpectrumSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "size={}&window={}", self.size, self.window)?;
        optional(f, "overlap", self.overlap)?;
        write!(f, "&averaging={}&scale={}&unit={}", self.averaging, self.scale, self.unit)?;
        write!(f, "&phase={}&cross={}&peaks={}", self.phase, self.cross, self.peaks)?;
        optional(f, "max_hz", self.max_hz)?;
        optional(f, "bins", self.bins)?;
        optional(f, "fps", self.fps)
    }
}

fn optional(f: &mut fmt::Formatter<'_>, key: &str, value: Option<impl fmt::Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| write!(f, "&{key}={value}"))
}

#[cfg(test)]
mod tests;
