//! The analyser: one windowed FFT of one channel, calibrated to amplitudes of full scale.

use photophone_signal::units::SampleRate;
use thiserror::Error;

use super::transform::{Bin, Transform, argument};
use super::{FftPlans, Window, WindowFunction};

/// The smallest window that an analyser has.
pub const MIN_SIZE: usize = 16;

/// Turns `size` samples into a one-sided amplitude spectrum. Planned once; a call allocates nothing once its output
/// has grown to [`bins`](Self::bins).
///
/// Window and FFT are computed in f64 and rounded to f32 once, at the end.
pub struct SpectrumAnalyser {
    transform: Transform,
    spectrum: Vec<Bin>,
}

/// Amplitude and phase of one channel; both are as long as the analyser has bins, or both empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelSpectrum {
    /// Amplitude as a fraction of full scale: a sine of amplitude A at the centre of bin k reads A at k.
    pub magnitude: Vec<f32>,
    /// arg X\[k\] in radians, −π to π, referred to the window's first sample: a cosine that starts there reads 0.
    pub phase: Vec<f32>,
}

/// Fewer samples were given than the window takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{given} samples are fewer than the window of {needed}")]
pub struct TooFewSamples {
    /// Samples that the window takes.
    pub needed: usize,
    /// Samples that were there.
    pub given: usize,
}

impl SpectrumAnalyser {
    /// An analyser of `size` samples, odd or even; a size below [`MIN_SIZE`] is raised to it.
    pub fn new(size: usize, window: impl Into<WindowFunction>) -> Self {
        let transform = Transform::new(size.max(MIN_SIZE), window.into(), &mut FftPlans::new());
        Self { spectrum: transform.make_bins(), transform }
    }

    /// Samples that one spectrum takes.
    pub fn size(&self) -> usize {
        self.transform.size()
    }

    /// Values in a spectrum: `size / 2 + 1`.
    pub fn bins(&self) -> usize {
        self.spectrum.len()
    }

    /// The window that weights the samples.
    pub fn window(&self) -> &Window {
        self.transform.window()
    }

    /// Writes the frequency of each bin in Hz.
    pub fn frequencies(&self, rate: SampleRate, into: &mut Vec<f32>) {
        let (rate_hz, size) = (f64::from(rate.hz()), self.size() as f64);
        into.clear();
        into.extend((0..self.bins()).map(|k| (k as f64 * rate_hz / size) as f32));
    }

    /// Writes the spectrum of the last `size` samples of `older` followed by `newer`, the two parts of a ring; either
    /// may be empty.
    ///
    /// # Errors
    /// [`TooFewSamples`] when both together are shorter than `size`; `into` is left as it was.
    pub fn analyse(&mut self, [older, newer]: [&[f32]; 2], into: &mut ChannelSpectrum) -> Result<(), TooFewSamples> {
        let (needed, given) = (self.size(), older.len() + newer.len());
        let surplus = given.checked_sub(needed).ok_or(TooFewSamples { needed, given })?;
        self.transform.run(older.iter().chain(newer).skip(surplus), &mut self.spectrum);
        self.calibrate(into);
        Ok(())
    }

    /// |X\[k\]| · 2/Σw, as half of a real sine's energy stands at −f; DC and Nyquist, which have no mirror image, · 1/Σw.
    fn calibrate(&self, into: &mut ChannelSpectrum) {
        let one_sided = 2.0 / self.window().sum();
        let magnitude = |x: &Bin| ((x.re * x.re + x.im * x.im).sqrt() * one_sided) as f32;
        into.magnitude.clear();
        into.magnitude.extend(self.spectrum.iter().map(magnitude));
        into.magnitude[0] /= 2.0;
        if self.size().is_multiple_of(2) {
            into.magnitude[self.size() / 2] /= 2.0;
        }
        into.phase.clear();
        into.phase.extend(self.spectrum.iter().map(|x| argument(x) as f32));
    }
}

#[cfg(test)]
mod tests;
