//! The analyser: one windowed FFT of one channel, calibrated to amplitudes of full scale. The only door to realfft.

use std::sync::Arc;

use photophone_signal::units::SampleRate;
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use thiserror::Error;

use super::Window;
use crate::config::WindowKind;

/// The smallest window that an analyser has.
pub const MIN_SIZE: usize = 16;

/// Turns `size` samples into a one-sided amplitude spectrum. Planned once; a call allocates nothing once its output
/// has grown to [`bins`](Self::bins).
///
/// Window and FFT are computed in f64 and rounded to f32 once, at the end.
pub struct SpectrumAnalyser {
    window: Window,
    fft: Arc<dyn RealToComplex<f64>>,
    weighted: Vec<f64>,
    transform: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
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
    pub fn new(size: usize, kind: WindowKind) -> Self {
        let size = size.max(MIN_SIZE);
        let fft = RealFftPlanner::new().plan_fft_forward(size);
        Self {
            window: Window::new(kind, size),
            weighted: fft.make_input_vec(),
            transform: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
        }
    }

    /// Samples that one spectrum takes.
    pub fn size(&self) -> usize {
        self.weighted.len()
    }

    /// Values in a spectrum: `size / 2 + 1`.
    pub fn bins(&self) -> usize {
        self.transform.len()
    }

    /// The window that weights the samples.
    pub fn window(&self) -> &Window {
        &self.window
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
        let samples = older.iter().chain(newer).skip(surplus);
        for ((weighted, sample), weight) in self.weighted.iter_mut().zip(samples).zip(self.window.coefficients()) {
            *weighted = f64::from(*sample) * weight;
        }
        self.transform();
        self.calibrate(into);
        Ok(())
    }

    #[expect(clippy::expect_used, reason = "realfft refuses buffers of a wrong length only; its own plan made these")]
    fn transform(&mut self) {
        self.fft
            .process_with_scratch(&mut self.weighted, &mut self.transform, &mut self.scratch)
            .expect("buffers of the plan");
    }

    /// |X\[k\]| · 2/Σw, as half of a real sine's energy stands at −f; DC and Nyquist, which have no mirror image, · 1/Σw.
    fn calibrate(&self, into: &mut ChannelSpectrum) {
        let one_sided = 2.0 / self.window.sum();
        let magnitude = |x: &Complex<f64>| ((x.re * x.re + x.im * x.im).sqrt() * one_sided) as f32;
        into.magnitude.clear();
        into.magnitude.extend(self.transform.iter().map(magnitude));
        into.magnitude[0] /= 2.0;
        if self.size().is_multiple_of(2) {
            into.magnitude[self.size() / 2] /= 2.0;
        }
        into.phase.clear();
        into.phase.extend(self.transform.iter().map(phase));
    }
}

/// arg x. The added zeros turn −0 into +0: a negative DC reads π and never −π, silence reads 0.
fn phase(x: &Complex<f64>) -> f32 {
    (x.im + 0.0).atan2(x.re + 0.0) as f32
}

#[cfg(test)]
mod tests;
