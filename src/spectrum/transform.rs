//! The transform: windowed FFT of a run of samples, in f64. The only door to realfft.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::{Window, WindowFunction};

/// X\[k\] of one bin.
pub(crate) type Bin = Complex<f64>;

/// FFT plans that are in use, shared by all transforms of one size. Whoever creates estimators holds one.
#[derive(Default)]
pub struct FftPlans {
    by_size: BTreeMap<usize, Weak<dyn RealToComplex<f64>>>,
}

impl FftPlans {
    /// No plans yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The plan for `size` samples. One that nobody uses any more is forgotten: sizes come from outside.
    fn plan(&mut self, size: usize) -> Arc<dyn RealToComplex<f64>> {
        if let Some(plan) = self.by_size.get(&size).and_then(Weak::upgrade) {
            return plan;
        }
        self.by_size.retain(|_, plan| plan.strong_count() > 0);
        let plan = RealFftPlanner::new().plan_fft_forward(size);
        self.by_size.insert(size, Arc::downgrade(&plan));
        plan
    }
}

/// Turns `size` samples into `size / 2 + 1` bins. A call allocates nothing.
pub(crate) struct Transform {
    window: Window,
    fft: Arc<dyn RealToComplex<f64>>,
    weighted: Vec<f64>,
    scratch: Vec<Bin>,
}

impl Transform {
    pub(crate) fn new(size: usize, function: WindowFunction, plans: &mut FftPlans) -> Self {
        let fft = plans.plan(size);
        let (weighted, scratch) = (fft.make_input_vec(), fft.make_scratch_vec());
        Self { window: Window::new(function, size), fft, weighted, scratch }
    }

    /// Samples that one transform takes.
    pub(crate) fn size(&self) -> usize {
        self.weighted.len()
    }

    /// The window that weights the samples.
    pub(crate) fn window(&self) -> &Window {
        &self.window
    }

    /// Room for the bins of one transform.
    pub(crate) fn make_bins(&self) -> Vec<Bin> {
        self.fft.make_output_vec()
    }

    /// Writes X\[k\] of the first `size` samples; fewer count as followed by zeros.
    #[expect(clippy::expect_used, reason = "realfft refuses buffers of a wrong length only; its own plan made these")]
    pub(crate) fn run<'a>(&mut self, samples: impl Iterator<Item = &'a f32>, into: &mut [Bin]) {
        let weights = self.window.coefficients();
        let weighted = samples.zip(weights).map(|(sample, weight)| f64::from(*sample) * weight);
        let padded = weighted.chain(std::iter::repeat(0.0));
        self.weighted.iter_mut().zip(padded).for_each(|(into, value)| *into = value);
        self.fft.process_with_scratch(&mut self.weighted, into, &mut self.scratch).expect("buffers of the plan");
    }
}

/// |W\[m\]|² of a window at steps of half a bin, from 0 to the Nyquist frequency.
pub(crate) fn power_at_half_bins(window: &Window) -> Vec<f64> {
    let fft = RealFftPlanner::new().plan_fft_forward(2 * window.coefficients().len());
    let (mut padded, mut bins) = (fft.make_input_vec(), fft.make_output_vec());
    padded[..window.coefficients().len()].copy_from_slice(window.coefficients());
    // Only buffers of a wrong length are refused, and the plan made these.
    fft.process(&mut padded, &mut bins).map_or_else(|_| Vec::new(), |()| bins.iter().map(Bin::norm_sqr).collect())
}

/// arg x in radians. The added zeros turn −0 into +0: a negative DC reads π and never −π, silence reads 0.
pub(crate) fn argument(x: &Bin) -> f64 {
    (x.im + 0.0).atan2(x.re + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_shared_while_they_are_used() {
        let mut plans = FftPlans::new();
        let (one, other) = (plans.plan(300), plans.plan(300));
        assert!(Arc::ptr_eq(&one, &other));
        drop((one, other));
        let _another = plans.plan(301);
        assert_eq!(plans.by_size.keys().collect::<Vec<_>>(), [&301]);
    }
}
