//! An estimate as its readers see it: a head that says what was computed of which samples, and borrowed values.

use photophone_signal::Epoch;
use photophone_signal::units::SampleRate;

use super::{Peak, SpectrumSettings};

/// A spectrum, averaged or not. Its values live in the [`SpectrumEstimator`](super::SpectrumEstimator) until the next.
#[derive(Clone, Copy, Debug)]
pub struct Estimate<'a> {
    /// What was asked for: size, overlap, window, averaging, scale and unit.
    pub settings: &'a SpectrumSettings,
    /// The epoch in which the indices count.
    pub epoch: Epoch,
    /// Samples per second and channel.
    pub sample_rate: SampleRate,
    /// Number of the frame that holds the last window's last sample.
    pub frame_number: u64,
    /// Index of the last window's first sample.
    pub first_sample: u64,
    /// Index of the first sample after the last window.
    pub end_sample: u64,
    /// UTC of the last window's first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Equivalent noise bandwidth of the window in Hz.
    pub enbw_hz: f64,
    /// Spectra in the average so far; with exponential weights the number whose plain mean would scatter as much.
    pub averages: f64,
    /// Whether values are volts, pascals or dB SPL by the calibration; false for full scale and dBFS.
    pub calibrated: bool,
    /// Frequency of each value in Hz.
    pub frequencies: &'a [f32],
    /// Channel A.
    pub channel_a: ChannelEstimate<'a>,
    /// Channel B; none for a mono source, or without a calibration for the unit.
    pub channel_b: Option<ChannelEstimate<'a>>,
    /// Cross-spectrum and coherence, where asked for and of two averages or more.
    pub cross: Option<CrossEstimate<'a>>,
}

/// What was estimated of one channel.
#[derive(Clone, Copy, Debug)]
pub struct ChannelEstimate<'a> {
    /// One value per frequency in the asked scale and unit; levels not below [`FLOOR_DB`](super::FLOOR_DB).
    pub values: &'a [f32],
    /// Where asked for, arg X\[k\] in radians referred to the window's first sample, less the microphone's phase; of a
    /// band, that of its largest bin.
    pub phase: Option<&'a [f32]>,
    /// The largest peaks up to `max_hz`, the largest first.
    pub peaks: &'a [Peak],
    /// Averaged one-sided mean square of every bin of the FFT in full scale², before calibration, scale, unit and bands.
    pub power: &'a [f64],
}

/// What was estimated of both channels together, one value per frequency; of a band, that of the bin with the largest
/// cross-spectrum.
#[derive(Clone, Copy, Debug)]
pub struct CrossEstimate<'a> {
    /// Magnitude of the mean of conj(A) · B in the asked scale and unit: for `amplitude` the root of twice the
    /// cross-power, which for equal channels is the amplitude of each.
    pub magnitude: &'a [f32],
    /// Phase of B against A in radians, less that of the microphones.
    pub phase: &'a [f32],
    /// Magnitude-squared coherence, 0 to 1; 0 where a channel is silent.
    pub coherence: &'a [f32],
    /// Real and imaginary part of the averaged one-sided cross-power of every bin of the FFT in full scale².
    pub power: &'a [[f64; 2]],
}
