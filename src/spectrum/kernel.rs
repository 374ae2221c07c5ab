//! The kernel: a window's own transform, which is the shape that a sine has in a spectrum. From it follow a sine's exact
//! place between bins, its amplitude there, and how far its side lobes reach.

use std::f64::consts::{PI, TAU};

use super::Window;
use super::transform::power_at_half_bins;

/// Terms of the series of W: enough for 1e-14 at 1.6 bins from the centre, where (1.6 π)^34 / 34! is 1e-15.
const TERMS: usize = 18;

/// Farthest from its largest bin that a sine is looked for, in bins: half a bin, and some for noise.
const FARTHEST_BINS: f64 = 0.6;

/// Below this amplitude of a bin beside a centred sine's, relative to it, the two neighbours are too small to be
/// compared: the rectangular window has 0 there, Hann's 0.5.
const LEAST_NEIGHBOUR: f64 = 0.2;

/// The transform of one window.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    /// Σ w\[n\] t^(2j) / (2j)! with t = 2π (n − N/2) / N, for each j.
    moments: [f64; TERMS],
    /// w\[0\], the only coefficient without a mirror image about N/2.
    unpaired: f64,
    compares_neighbours: bool,
    /// The largest |W|² / W(0)² from m − ½ bins on, for each m.
    reach: Vec<f64>,
}

/// Where a sine stands beside the bin that it is largest in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interpolated {
    /// Distance from the bin's centre in bins, at most 0.6.
    pub(super) offset_bins: f64,
    /// By which the bin's power has to be multiplied to be the sine's.
    pub(super) power_factor: f64,
}

impl Kernel {
    pub(super) fn new(window: &Window) -> Self {
        let size = window.coefficients().len() as f64;
        let mut moments = [0.0; TERMS];
        for (n, weight) in window.coefficients().iter().enumerate() {
            let angle = TAU * (n as f64 - size / 2.0) / size;
            let mut term = *weight;
            for (j, moment) in moments.iter_mut().enumerate() {
                *moment += term;
                term *= angle * angle / ((2 * j + 1) * (2 * j + 2)) as f64;
            }
        }
        let unpaired = window.coefficients().first().copied().unwrap_or(0.0);
        let mut kernel = Self { moments, unpaired, compares_neighbours: false, reach: reach(window) };
        kernel.compares_neighbours = kernel.magnitude(1.0) >= LEAST_NEIGHBOUR * kernel.magnitude(0.0);
        kernel
    }

    /// |W| at a distance of at most 1.6 bins from the centre, by its Taylor series: the real part
    /// Σ w\[n\] cos(2π δ (n − N/2) / N), and the imaginary part of the unpaired coefficient.
    fn magnitude(&self, offset_bins: f64) -> f64 {
        let square = -offset_bins * offset_bins;
        let real = self.moments.iter().rev().fold(0.0, |sum, moment| sum * square + moment);
        real.hypot(self.unpaired * (PI * offset_bins).sin())
    }

    /// Finds a sine from the power in its largest bin and the two beside it: the distance δ at which the window's
    /// transform has the ratio that was measured, of both neighbours |W(δ − 1)| / |W(δ + 1)|, or for windows close to
    /// the rectangular one of the larger neighbour and the bin itself, |W(1 − δ)| / |W(δ)|. Exact for a lone sine; the
    /// generalisation of Grandke (IEEE Trans. IM 32, 350 (1983)) to any window.
    pub(super) fn interpolate(&self, [before, centre, after]: [f64; 3]) -> Interpolated {
        let least = centre * 1e-30 + f64::MIN_POSITIVE;
        let (before, centre, after) = (before.max(least), centre.max(least), after.max(least));
        let offset_bins = if self.compares_neighbours {
            let wanted = (after / before).sqrt();
            rising_root(-FARTHEST_BINS, |offset| self.magnitude(offset - 1.0) - wanted * self.magnitude(offset + 1.0))
        } else {
            let wanted = (after.max(before) / centre).sqrt();
            let offset = rising_root(0.0, |offset| self.magnitude(1.0 - offset) - wanted * self.magnitude(offset));
            if after > before { offset } else { -offset }
        };
        let loss = self.magnitude(offset_bins) / self.magnitude(0.0);
        Interpolated { offset_bins, power_factor: 1.0 / (loss * loss) }
    }

    /// The most power that a sine of power 1 can have at `bins` from its largest bin, beyond the main lobe in its side
    /// lobes.
    pub(super) fn reach(&self, bins: usize) -> f64 {
        self.reach.get(bins).or(self.reach.last()).copied().unwrap_or(0.0)
    }
}

/// Where `f` changes from negative to positive between `from` and [`FARTHEST_BINS`], or the end that is nearest to it.
fn rising_root(from: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (from, FARTHEST_BINS);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if f(middle) < 0.0 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

fn reach(window: &Window) -> Vec<f64> {
    let powers = power_at_half_bins(window);
    let mut reach: Vec<f64> = (0..=powers.len() / 2).map(|m| powers[(2 * m).max(1) - 1]).collect();
    let mut largest = 0.0_f64;
    for (m, reach) in reach.iter_mut().enumerate().rev() {
        let beyond = powers.get(2 * m).copied().unwrap_or(0.0);
        largest = largest.max(*reach).max(beyond);
        *reach = largest / powers[0];
    }
    reach
}
