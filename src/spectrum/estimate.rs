//! An estimate as its readers see it: a head that says what was computed of which samples, and borrowed values.

use std::borrow::Cow;

use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::Place;
use photophone_signal::wire::{CrossJson, EstimateJson, PeakJson};
use photophone_signal::{Epoch, FrameFlags};

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
    /// Channels that the source has, 1 or 2.
    pub channels: u16,
    /// Number of the frame that holds the last window's last sample.
    pub frame_number: u64,
    /// Index of the last window's first sample.
    pub first_sample: u64,
    /// Index of the first sample after the last window.
    pub end_sample: u64,
    /// UTC of the last window's first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Monotonic time of the last window's first sample in microseconds.
    pub monotonic_us: u64,
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

impl From<&Estimate<'_>> for Place {
    fn from(estimate: &Estimate<'_>) -> Self {
        Self {
            epoch: estimate.epoch,
            frame_number: estimate.frame_number,
            first_sample: estimate.first_sample,
            // A window is far shorter than that.
            samples: u32::try_from(estimate.settings.size.get()).unwrap_or(u32::MAX),
            captured_us: estimate.captured_us,
            monotonic_us: estimate.monotonic_us,
            sample_rate: estimate.sample_rate,
            channels: estimate.channels,
            flags: FrameFlags::default(),
        }
    }
}

/// With copies of the values, which the estimator overwrites.
impl From<&Estimate<'_>> for EstimateJson<'static> {
    fn from(estimate: &Estimate<'_>) -> Self {
        let (settings, a, b) = (estimate.settings, &estimate.channel_a, estimate.channel_b.as_ref());
        let peaks = |channel: &ChannelEstimate<'_>| channel.peaks.iter().map(PeakJson::from).collect::<Vec<_>>();
        let has_peaks = settings.peaks.get() > 0;
        Self {
            sample_rate: estimate.sample_rate.hz(),
            timestamp: estimate.captured_us / 1000,
            frame_number: estimate.frame_number,
            duration_ms: settings.size.get() as f64 * 1e3 / f64::from(estimate.sample_rate.hz()),
            epoch: estimate.epoch,
            first_sample: estimate.first_sample,
            captured_us: estimate.captured_us,
            size: settings.size.get(),
            window: settings.window.name(),
            unit: settings.unit.name().into(),
            enbw_hz: estimate.enbw_hz,
            scale: settings.scale.name().into(),
            overlap: settings.overlap.map(|overlap| overlap.get()),
            averaging: settings.averaging.to_string().into(),
            averages: estimate.averages,
            calibrated: estimate.calibrated,
            frequencies: owned(estimate.frequencies),
            magnitude_a: owned(a.values),
            magnitude_b: owned(b.map_or(&[], |b| b.values)),
            phase_a: a.phase.map(owned),
            phase_b: b.and_then(|b| b.phase).map(owned),
            peaks_a: has_peaks.then(|| peaks(a)),
            peaks_b: b.filter(|_| has_peaks).map(peaks),
            cross: estimate.cross.as_ref().map(CrossJson::from),
        }
    }
}

impl From<&CrossEstimate<'_>> for CrossJson<'static> {
    fn from(cross: &CrossEstimate<'_>) -> Self {
        Self { magnitude: owned(cross.magnitude), phase: owned(cross.phase), coherence: owned(cross.coherence) }
    }
}

impl From<&Peak> for PeakJson {
    fn from(peak: &Peak) -> Self {
        Self { frequency_hz: peak.frequency_hz, value: peak.amplitude, snr_db: peak.snr_db }
    }
}

fn owned(values: &[f32]) -> Cow<'static, [f32]> {
    Cow::Owned(values.to_vec())
}
