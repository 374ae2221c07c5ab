//! The average: successive spectra of both channels, and their cross-spectrum, made into one.
//!
//! Everything is a mean square per bin, one-sided, in full scale² and f64; an average of amplitudes is the root of one.

use super::Window;
use super::settings::{Averaging, SpectrumSettings};
use super::transform::Bin;

/// Which spectrum of the stream one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Counted from the beginning of the epoch: in hops, or without overlap in frames.
    pub(super) index: u64,
    /// First sample after its window.
    pub(super) end_sample: u64,
    /// First sample after the window before it.
    pub(super) previous_end_sample: u64,
}

/// The average so far. Adding to it allocates nothing.
#[derive(Debug)]
pub(super) struct Average {
    method: Averaging,
    /// Turns |X\[k\]|² into the one-sided mean square.
    factors: Vec<f64>,
    /// What the average holds, in spectra.
    spectra: u64,
    /// Sum of the squared weights of those spectra, which add up to 1.
    square_weights: f64,
    /// The block that a linear average is at.
    block: u64,
    pub(super) power_a: Vec<f64>,
    pub(super) power_b: Vec<f64>,
    /// Real and imaginary part of the mean of conj(A) · B.
    pub(super) cross: Vec<[f64; 2]>,
}

/// How a value enters the average.
#[derive(Clone, Copy, Debug)]
enum Merge {
    Replace,
    Blend(f64),
    Max,
    Min,
}

impl Average {
    pub(super) fn new(settings: &SpectrumSettings, window: &Window) -> Self {
        let size = window.coefficients().len();
        let bins = size / 2 + 1;
        let both_sides = 2.0 / (window.sum() * window.sum());
        let has_image = |k: usize| k != 0 && 2 * k != size;
        Self {
            method: settings.averaging,
            factors: (0..bins).map(|k| if has_image(k) { both_sides } else { both_sides / 2.0 }).collect(),
            spectra: 0,
            square_weights: 0.0,
            block: 0,
            power_a: vec![0.0; bins],
            power_b: vec![0.0; bins],
            cross: vec![[0.0; 2]; if settings.cross { bins } else { 0 }],
        }
    }

    /// Forgets all spectra.
    pub(super) fn clear(&mut self) {
        self.spectra = 0;
    }

    /// Takes the spectra of both channels at one place; of a mono source there is no second.
    pub(super) fn add(&mut self, a: &[Bin], b: Option<&[Bin]>, place: Place, rate_hz: f64) {
        let merge = self.next_merge(place, rate_hz);
        let power = |(x, factor): (&Bin, &f64)| x.norm_sqr() * factor;
        merge.all(&mut self.power_a, a.iter().zip(&self.factors).map(power));
        let Some(b) = b else { return };
        merge.all(&mut self.power_b, b.iter().zip(&self.factors).map(power));
        for (mean, ((a, b), factor)) in self.cross.iter_mut().zip(a.iter().zip(b).zip(&self.factors)) {
            let product = a.conj() * b * factor;
            *mean = [merge.one(mean[0], product.re), merge.one(mean[1], product.im)];
        }
    }

    /// Mean of how many spectra this is: their number, or with exponential weights w the number of spectra whose plain
    /// mean would scatter as much, 1 / Σw² (Kish). That windows overlap is not considered. Of held extremes, how many
    /// spectra were held.
    pub(super) fn averages(&self) -> f64 {
        match self.method {
            Averaging::Exponential(_) if self.spectra > 0 => 1.0 / self.square_weights,
            _ => self.spectra as f64,
        }
    }

    /// Counts the spectrum at `place` and says how it enters.
    fn next_merge(&mut self, place: Place, rate_hz: f64) -> Merge {
        if let Averaging::Linear(spectra) = self.method {
            let block = place.index / spectra.get() as u64;
            if block != self.block {
                self.clear();
                self.block = block;
            }
        }
        if self.method == Averaging::None {
            self.clear();
        }
        self.spectra += 1;
        if self.spectra == 1 {
            self.square_weights = 1.0;
            return Merge::Replace;
        }
        match self.method {
            Averaging::Peak => Merge::Max,
            Averaging::Min => Merge::Min,
            _ => {
                let weight = self.weight(place, rate_hz);
                self.square_weights = (1.0 - weight) * (1.0 - weight) * self.square_weights + weight * weight;
                Merge::Blend(weight)
            }
        }
    }

    /// Weight of the newest spectrum. The plain mean's 1/n until an exponential average has settled at 1 − e^(−Δt/τ), so
    /// that the first spectra do not count for more than those after them.
    fn weight(&self, place: Place, rate_hz: f64) -> f64 {
        let plain = 1.0 / self.spectra as f64;
        let Averaging::Exponential(tau) = self.method else { return plain };
        let elapsed_s = (place.end_sample - place.previous_end_sample) as f64 / rate_hz;
        plain.max(-(-elapsed_s / tau.get()).exp_m1())
    }
}

impl Merge {
    fn all(self, held: &mut [f64], new: impl Iterator<Item = f64>) {
        let pairs = held.iter_mut().zip(new);
        match self {
            Self::Replace => pairs.for_each(|(held, new)| *held = new),
            Self::Blend(weight) => pairs.for_each(|(held, new)| *held += weight * (new - *held)),
            Self::Max => pairs.for_each(|(held, new)| *held = held.max(new)),
            Self::Min => pairs.for_each(|(held, new)| *held = held.min(new)),
        }
    }

    fn one(self, held: f64, new: f64) -> f64 {
        let mut held = [held];
        self.all(&mut held, std::iter::once(new));
        held[0]
    }
}
