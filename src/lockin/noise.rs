//! The noise meter: how much the demodulated values scatter, as a density over frequency.

use num_complex::Complex;

/// Values that are kept. The standard error of the density is 1/(2√(n − 1)): 6 % with all of them.
const KEPT: usize = 64;

/// Values that suffice: 13 %.
const ENOUGH: usize = 16;

/// Keeps the last 64 values of both channels, 1/(2 · bandwidth) apart: so far apart, they are as good as independent.
#[derive(Debug)]
pub(super) struct NoiseMeter {
    spacing_samples: u64,
    values: [[Complex<f64>; 2]; KEPT],
    next: usize,
    filled: usize,
}

impl NoiseMeter {
    /// A meter behind a low-pass of this equivalent noise bandwidth.
    pub(super) fn new(bandwidth_hz: f64, rate_hz: f64) -> Self {
        let spacing_samples = (rate_hz / (2.0 * bandwidth_hz)).round().max(1.0) as u64;
        Self { spacing_samples, values: [[Complex::ZERO; 2]; KEPT], next: 0, filled: 0 }
    }

    /// Forgets all values.
    pub(super) fn reset(&mut self) {
        (self.next, self.filled) = (0, 0);
    }

    /// The first index after `index` at which a value is due.
    pub(super) fn due_after(&self, index: u64) -> u64 {
        (index / self.spacing_samples + 1) * self.spacing_samples
    }

    /// Takes a value that is due.
    pub(super) fn push(&mut self, value: [Complex<f64>; 2]) {
        self.values[self.next] = value;
        self.next = (self.next + 1) % KEPT;
        self.filled = (self.filled + 1).min(KEPT);
    }

    /// Samples over which the kept values reach; none while they are too few.
    pub(super) fn extent_samples(&self) -> Option<u64> {
        (self.filled >= ENOUGH).then(|| (self.filled - 1) as u64 * self.spacing_samples)
    }

    /// The variance of a channel, the mean of those of X and Y; none while the values are too few.
    pub(super) fn variance(&self, channel: usize) -> Option<f64> {
        if self.filled < ENOUGH {
            return None;
        }
        let values = || self.values[..self.filled].iter().map(|value| value[channel]);
        let mean = values().sum::<Complex<f64>>() / self.filled as f64;
        let squares: f64 = values().map(|value| (value - mean).norm_sqr()).sum();
        Some(squares / 2.0 / (self.filled - 1) as f64)
    }
}
