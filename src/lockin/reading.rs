//! A reading: what the lock-in shows at one instant.

use num_complex::Complex;
use photophone_signal::wire::DemodulatedJson;

/// The state of the lock-in after the sample before `end_sample`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// First sample since the reading before this one, or since the computation started.
    pub first_sample: u64,
    /// Index after the last sample: a point of the grid of `rate / fps` samples from sample 0.
    pub end_sample: u64,
    /// Samples that have passed the low-pass since it started, after a gap or at the lock.
    pub n: u64,
    /// Whether the reference is known: always for an internal one.
    pub locked: bool,
    /// The reference's frequency in Hz, as set or as measured up to this instant; none while not locked.
    pub reference_hz: Option<f64>,
    /// Equivalent noise bandwidth of the settled low-pass in Hz.
    pub bandwidth_hz: f64,
    /// Time since the low-pass started, in time constants.
    pub age_tau: f64,
    /// Whether the low-pass has settled to 1 %: after 4.6, 6.6, 8.4 or 10.05 time constants for one to four poles.
    pub settled: bool,
    /// The time over which the noise was observed, in seconds: up to 63 steps of 1/(2 · bandwidth). None while it is too
    /// short.
    pub noise_s: Option<f64>,
    /// Channel A. None while not locked, before the low-pass is one time constant old, and where the harmonic
    /// of a reference that is followed is beyond the Nyquist frequency, or so near to it or to 0 Hz that this low-pass
    /// cannot tell the tone from its mirror image.
    pub channel_a: Option<Demodulated>,
    /// Channel B, likewise; always none for a mono source and where channel B is the reference.
    pub channel_b: Option<Demodulated>,
}

/// What a channel holds at the harmonic of the reference.
///
/// `A cos(hθ + φ)`, where θ is the phase of the reference and h the harmonic, reads amplitude A and phase φ; an internal
/// reference has θ = 0 at sample 0 of the epoch. A sine `A sin(hθ)` therefore reads phase −π/2. What the
/// low-pass has not yet taken in, and what it lets through of the tone's mirror image at twice the frequency, is known
/// and accounted for: a steady tone reads its amplitude early, through a bandwidth that is still wider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demodulated {
    /// Peak amplitude as a fraction of full scale, √(X² + Y²); the RMS value of the tone is this divided by √2.
    pub amplitude: f64,
    /// atan2(Y, X) in radians, −π to π.
    pub phase: f64,
    /// A cos φ.
    pub x: f64,
    /// A sin φ.
    pub y: f64,
    /// Density of the noise around the harmonic, RMS in fractions of full scale per √Hz, as the root of a one-sided
    /// power density: √(variance / (2 · bandwidth)) with the mean variance of X and Y. Changes of the tone itself count
    /// as noise. None before the low-pass has settled and 16 values, 1/(2 · bandwidth) apart, have been seen.
    pub noise_density: Option<f64>,
}

impl Demodulated {
    /// From X + iY; the added zeros turn −0 into +0, so that silence reads phase 0.
    pub(super) fn new(tone: Complex<f64>, noise_density: Option<f64>) -> Self {
        let (x, y) = (tone.re + 0.0, tone.im + 0.0);
        Self { amplitude: x.hypot(y), phase: y.atan2(x), x, y, noise_density }
    }
}

impl From<&Demodulated> for DemodulatedJson {
    fn from(of_channel: &Demodulated) -> Self {
        let Demodulated { amplitude, phase, x, y, noise_density } = *of_channel;
        Self { amplitude, phase, x, y, noise_density }
    }
}
