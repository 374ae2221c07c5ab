//! The photoacoustic cell: an acoustic resonance driven by the heat of a modulated laser, heard by two microphones.
//!
//! One mode of a resonant cell answers heat modulated at f with the pressure of a driven damped oscillator,
//! p ∝ iω / (ω_r² − ω² + iωω_r/Q); see the review by A. Miklós, P. Hess and Z. Bozóki, Rev. Sci. Instrum. 72, 1937
//! (2001). Divided by its value at resonance that is
//!
//! ```text
//! H(f) = 1 / (1 + i u),   u = Q (f/f_r − f_r/f)
//! ```
//!
//! so |H| = 1 and the phase is 0 at resonance, and |H| = 1/√2 at two frequencies that are exactly f_r/Q apart.
//! The resonance drifts slowly against its ring time Q/(π f_r), so the steady state of each instant is taken.

use std::f64::consts::TAU;

use super::noise::standard_normal;
use super::phase::Oscillator;
use crate::config::CellConfig;

/// The lowest resonance, in Hz, at which a falling drift ends.
const LOWEST_RESONANCE_HZ: f64 = 1.0;

/// A cell whose microphones can be asked for any sample.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    laser: Oscillator,
    modulation_hz: f64,
    resonance_hz: f64,
    quality_factor: f64,
    drift_hz_per_sample: f64,
    /// Amplitude in A at resonance, as a fraction of full scale.
    amplitude: f64,
    /// Gain and phase of B against A, as real and imaginary part.
    b: (f64, f64),
    /// Standard deviation of the noise, as a fraction of full scale.
    noise: f64,
}

impl Cell {
    pub(super) fn new(config: &CellConfig, rate_hz: u32) -> Self {
        let gain_b = ratio(config.gain_b_db);
        let (sine, cosine) = config.phase_b_deg.to_radians().sin_cos();
        Self {
            laser: Oscillator::new(config.modulation_hz, rate_hz),
            modulation_hz: config.modulation_hz,
            resonance_hz: config.resonance_hz,
            quality_factor: config.quality_factor,
            drift_hz_per_sample: config.drift_hz_per_min / 60.0 / f64::from(rate_hz),
            amplitude: ratio(config.level_dbfs),
            b: (gain_b * cosine, gain_b * sine),
            // RMS in dBFS is referred to a full-scale sine (`units::rms_dbfs`), whose RMS is 1/√2.
            noise: ratio(config.noise_dbfs) / 2.0_f64.sqrt(),
        }
    }

    /// What the microphones hear at sample `n`; `random` is that sample's pair of random words.
    ///
    /// A = Re z, B = Re(b z) with z = amplitude · H · e^{iθ}, and noise of its own for each.
    pub(super) fn sample(&self, n: u64, random: (u64, u64)) -> (f64, f64) {
        let (sine, cosine) = (TAU * self.laser.turns(n)).sin_cos();
        let u = self.detuning(n);
        let scale = self.amplitude / (1.0 + u * u);
        let (re, im) = (scale * (cosine + u * sine), scale * (sine - u * cosine));
        let (noise_a, noise_b) = standard_normal(random);
        (re + self.noise * noise_a, self.b.0 * re - self.b.1 * im + self.noise * noise_b)
    }

    /// u of the response: 0 at resonance, ±1 where half of the power is left.
    fn detuning(&self, n: u64) -> f64 {
        let resonance_hz = (self.resonance_hz + self.drift_hz_per_sample * n as f64).max(LOWEST_RESONANCE_HZ);
        let relative = self.modulation_hz / resonance_hz;
        self.quality_factor * (relative - 1.0 / relative)
    }
}

/// An amplitude ratio from decibels.
pub(super) fn ratio(db: f64) -> f64 {
    10.0_f64.powf(db / 20.0)
}
