//! A spectrum as its readers see it: a head that says which samples it covers, and borrowed values.

use std::borrow::Cow;

use photophone_signal::units::SampleRate;
use photophone_signal::wire::SpectrumJson;
use photophone_signal::wire::binary::Place;
use photophone_signal::{Epoch, FrameFlags};

use super::{ChannelSpectrum, WindowFunction};

/// The spectrum of the samples `first_sample..first_sample + size` of one epoch. Its values live in the
/// [`SlidingSpectrum`](super::SlidingSpectrum) that computed it, until the next one.
#[derive(Clone, Copy, Debug)]
pub struct Spectrum<'a> {
    /// The epoch in which `first_sample` counts.
    pub epoch: Epoch,
    /// Samples per second and channel.
    pub sample_rate: SampleRate,
    /// Number of the frame that holds the window's last sample.
    pub frame_number: u64,
    /// Index of the window's first sample.
    pub first_sample: u64,
    /// UTC of the window's first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Monotonic time of the window's first sample in microseconds.
    pub monotonic_us: u64,
    /// Samples in the window.
    pub size: usize,
    /// The window function.
    pub window: WindowFunction,
    /// Equivalent noise bandwidth of the window in Hz.
    pub enbw_hz: f64,
    /// Frequency of each bin in Hz.
    pub frequencies: &'a [f32],
    /// Channel A.
    pub channel_a: &'a ChannelSpectrum,
    /// Channel B; none for a mono source.
    pub channel_b: Option<&'a ChannelSpectrum>,
}

impl From<&Spectrum<'_>> for Place {
    fn from(spectrum: &Spectrum<'_>) -> Self {
        Self {
            epoch: spectrum.epoch,
            frame_number: spectrum.frame_number,
            first_sample: spectrum.first_sample,
            // A window is far shorter than that.
            samples: u32::try_from(spectrum.size).unwrap_or(u32::MAX),
            captured_us: spectrum.captured_us,
            monotonic_us: spectrum.monotonic_us,
            sample_rate: spectrum.sample_rate,
            channels: if spectrum.channel_b.is_some() { 2 } else { 1 },
            flags: FrameFlags::default(),
        }
    }
}

impl<'a> From<Spectrum<'a>> for SpectrumJson<'a> {
    fn from(spectrum: Spectrum<'a>) -> Self {
        let b = spectrum.channel_b;
        Self {
            sample_rate: spectrum.sample_rate.hz(),
            timestamp: spectrum.captured_us / 1000,
            frame_number: spectrum.frame_number,
            duration_ms: spectrum.size as f64 * 1e3 / f64::from(spectrum.sample_rate.hz()),
            epoch: spectrum.epoch,
            first_sample: spectrum.first_sample,
            captured_us: spectrum.captured_us,
            size: spectrum.size,
            window: spectrum.window.name(),
            unit: Cow::Borrowed("fs"),
            enbw_hz: spectrum.enbw_hz,
            frequencies: Cow::Borrowed(spectrum.frequencies),
            magnitude_a: Cow::Borrowed(&spectrum.channel_a.magnitude),
            magnitude_b: Cow::Borrowed(b.map_or(&[][..], |b| &b.magnitude)),
            phase_a: Some(Cow::Borrowed(&spectrum.channel_a.phase)),
            phase_b: b.map(|b| Cow::Borrowed(&b.phase[..])),
        }
    }
}
