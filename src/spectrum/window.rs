//! Window functions as cosine sums, DFT-even, and the two numbers that calibrate what is measured through them.

use std::f64::consts::TAU;

use photophone_signal::units::SampleRate;

use crate::config::WindowKind;

/// The coefficients of one window function at one size.
#[derive(Clone, Debug)]
pub struct Window {
    kind: WindowKind,
    coefficients: Vec<f64>,
    sum: f64,
    square_sum: f64,
}

impl Window {
    /// The window of `size` samples: `w[n] = Σ (−1)^k a_k cos(2πkn/size)`, which is periodic in `size` (DFT-even), as
    /// `scipy.signal.get_window(name, size, fftbins=True)` gives it.
    pub fn new(kind: WindowKind, size: usize) -> Self {
        let coefficients: Vec<f64> = (0..size).map(|n| cosine_sum(terms(kind), n, size)).collect();
        let sum = coefficients.iter().sum();
        let square_sum = coefficients.iter().map(|w| w * w).sum();
        Self { kind, coefficients, sum, square_sum }
    }

    /// Which function it is.
    pub fn kind(&self) -> WindowKind {
        self.kind
    }

    /// One weight per sample.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// Coherent gain Σw: what a constant of 1 sums up to. Amplitudes are divided by it.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// Equivalent noise bandwidth `rate · Σw² / (Σw)²`: the width of the rectangular filter that would pass as much
    /// white noise (Harris, Proc. IEEE 66, 51 (1978), eq. 11, times the bin width).
    pub fn enbw_hz(&self, rate: SampleRate) -> f64 {
        f64::from(rate.hz()) * self.square_sum / (self.sum * self.sum)
    }
}

/// The word for a window, as in config.yaml and in the JSON of a spectrum.
pub(crate) fn name(kind: WindowKind) -> &'static str {
    match kind {
        WindowKind::Rectangular => "rectangular",
        WindowKind::Hann => "hann",
        WindowKind::Hamming => "hamming",
        WindowKind::Blackman => "blackman",
        WindowKind::BlackmanHarris => "blackman_harris",
        WindowKind::Flattop => "flattop",
    }
}

/// The a_k. Blackman-Harris: Harris (1978), four terms, −92 dB; flat top: D'Antona & Ferrero, Digital Signal
/// Processing for Measurement Systems (2006), table 2.1. scipy.signal.windows has the same digits.
fn terms(kind: WindowKind) -> &'static [f64] {
    match kind {
        WindowKind::Rectangular => &[1.0],
        WindowKind::Hann => &[0.5, 0.5],
        WindowKind::Hamming => &[0.54, 0.46],
        WindowKind::Blackman => &[0.42, 0.50, 0.08],
        WindowKind::BlackmanHarris => &[0.35875, 0.48829, 0.14128, 0.01168],
        WindowKind::Flattop => &[0.215_578_95, 0.416_631_58, 0.277_263_158, 0.083_578_947, 0.006_947_368],
    }
}

fn cosine_sum(terms: &[f64], n: usize, size: usize) -> f64 {
    // Reduced by whole turns in integers first, so that the argument of the cosine never exceeds one turn.
    let term = |(k, a): (usize, &f64)| {
        let value = a * (TAU * ((k * n) % size) as f64 / size as f64).cos();
        if k % 2 == 0 { value } else { -value }
    };
    terms.iter().enumerate().map(term).sum()
}

#[cfg(test)]
pub(crate) const ALL: [WindowKind; 6] = [
    WindowKind::Rectangular,
    WindowKind::Hann,
    WindowKind::Hamming,
    WindowKind::Blackman,
    WindowKind::BlackmanHarris,
    WindowKind::Flattop,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.signal.get_window(name, 8)[1]` and `[4]`, scipy 1.10.1.
    const SCIPY: [(WindowKind, f64, f64); 6] = [
        (WindowKind::Rectangular, 1.0, 1.0),
        (WindowKind::Hann, 0.14644660940672627, 1.0),
        (WindowKind::Hamming, 0.21473088065418822, 1.0),
        (WindowKind::Blackman, 0.06644660940672624, 1.0),
        (WindowKind::BlackmanHarris, 0.021735837018679628, 1.0),
        (WindowKind::Flattop, -0.02687219328633453, 1.000000003),
    ];

    #[test]
    fn coefficients_are_those_of_scipy() {
        for (kind, second, middle) in SCIPY {
            let window = Window::new(kind, 8);
            assert!((window.coefficients()[1] - second).abs() < 1e-14, "{kind:?}");
            assert!((window.coefficients()[4] - middle).abs() < 1e-14, "{kind:?}");
        }
    }

    #[test]
    fn every_window_is_dft_even() {
        for kind in ALL {
            for size in [16, 17, 4096] {
                let window = Window::new(kind, size);
                let w = window.coefficients();
                assert!((1..size).all(|n| (w[n] - w[size - n]).abs() < 1e-14), "{kind:?} {size}");
            }
        }
    }

    #[test]
    fn noise_bandwidth_is_the_published_one() {
        let rate = SampleRate::new(48_000).unwrap();
        let bins = |kind| Window::new(kind, 4096).enbw_hz(rate) * 4096.0 / 48_000.0;
        // Harris (1978), table 1; the flat top from scipy.
        for (kind, expected) in [
            (WindowKind::Rectangular, 1.0),
            (WindowKind::Hann, 1.5),
            (WindowKind::Hamming, 1.36),
            (WindowKind::Blackman, 1.73),
            (WindowKind::BlackmanHarris, 2.0),
            (WindowKind::Flattop, 3.77),
        ] {
            assert!((bins(kind) - expected).abs() < 0.01, "{kind:?} {}", bins(kind));
        }
    }

    #[test]
    fn a_window_is_named_as_in_the_configuration() {
        for kind in ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), name(kind));
        }
    }
}
