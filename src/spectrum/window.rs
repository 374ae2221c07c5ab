//! Window functions, DFT-even: cosine sums and Kaiser's, and the two numbers that calibrate what is measured through
//! them.

use std::borrow::Cow;
use std::f64::consts::TAU;
use std::fmt;

use photophone_signal::units::SampleRate;

use super::settings::KaiserBeta;
use crate::config::WindowKind;

/// A window function with its parameter, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WindowFunction {
    /// A sum of cosines.
    Cosines(WindowKind),
    /// Kaiser's window of shape β: 0 is rectangular, and a larger β has a wider main lobe and lower side lobes.
    Kaiser(KaiserBeta),
}

impl WindowFunction {
    /// Its word, as in config.yaml and in the JSON of a spectrum; Kaiser's with β, as in `kaiser:8.6`.
    pub fn name(self) -> Cow<'static, str> {
        match self {
            Self::Cosines(kind) => name(kind).into(),
            Self::Kaiser(beta) => format!("kaiser:{}", beta.get()).into(),
        }
    }

    /// w\[n\] of `size`.
    fn coefficient(self, n: usize, size: usize) -> f64 {
        match self {
            Self::Cosines(kind) => cosine_sum(terms(kind), n, size),
            Self::Kaiser(beta) => kaiser(beta.get(), n, size),
        }
    }
}

impl From<WindowKind> for WindowFunction {
    fn from(kind: WindowKind) -> Self {
        Self::Cosines(kind)
    }
}

impl fmt::Display for WindowFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// The coefficients of one window function at one size.
#[derive(Clone, Debug)]
pub struct Window {
    function: WindowFunction,
    coefficients: Vec<f64>,
    sum: f64,
    square_sum: f64,
}

impl Window {
    /// The window of `size` samples, which is periodic in `size` (DFT-even), as
    /// `scipy.signal.get_window(name, size, fftbins=True)` gives it.
    pub fn new(function: impl Into<WindowFunction>, size: usize) -> Self {
        let function = function.into();
        let coefficients: Vec<f64> = (0..size).map(|n| function.coefficient(n, size)).collect();
        let sum = coefficients.iter().sum();
        let square_sum = coefficients.iter().map(|w| w * w).sum();
        Self { function, coefficients, sum, square_sum }
    }

    /// Which function it is.
    pub fn function(&self) -> WindowFunction {
        self.function
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

/// The word of a window of config.yaml.
pub(super) fn name(kind: WindowKind) -> &'static str {
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

/// `Σ (−1)^k a_k cos(2πkn/size)`.
fn cosine_sum(terms: &[f64], n: usize, size: usize) -> f64 {
    // Reduced by whole turns in integers first, so that the argument of the cosine never exceeds one turn.
    let term = |(k, a): (usize, &f64)| {
        let value = a * (TAU * ((k * n) % size) as f64 / size as f64).cos();
        if k % 2 == 0 { value } else { -value }
    };
    terms.iter().enumerate().map(term).sum()
}

/// `I₀(β √(1 − x²)) / I₀(β)` with x = 2n/size − 1 (Kaiser & Schafer, IEEE Trans. ASSP 28, 105 (1980), eq. 1).
fn kaiser(beta: f64, n: usize, size: usize) -> f64 {
    let x = 2.0 * n as f64 / size as f64 - 1.0;
    bessel_i0(beta * (1.0 - x * x).max(0.0).sqrt()) / bessel_i0(beta)
}

/// The modified Bessel function I₀(x) = Σ ((x/2)^k / k!)² (Abramowitz & Stegun 9.6.12). No term is negative, so nothing
/// cancels; for the β that a window may have the sum takes fewer than 150 terms.
fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-17 {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
        k += 1.0;
    }
    sum
}

/// Those without a parameter.
pub(super) const ALL: [WindowKind; 6] = [
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
    fn kaiser_is_that_of_scipy() {
        // scipy.signal.get_window(('kaiser', beta), 8)[[0, 1, 3]], scipy 1.10.1.
        for (beta, expected) in [
            (0.0, [1.0, 1.0, 1.0]),
            (8.6, [0.0013325139979024198, 0.06747207920440855, 0.7738293810170912]),
            (100.0, [9.313140024446352e-43, 2.43482975241321e-15, 0.0424579843040874]),
        ] {
            let window = Window::new(WindowFunction::Kaiser(KaiserBeta::new(beta).unwrap()), 8);
            for (n, value) in [0, 1, 3].into_iter().zip(expected) {
                assert!((window.coefficients()[n] / value - 1.0).abs() < 1e-13, "{beta} {n}");
            }
        }
        assert_eq!(WindowFunction::Kaiser(KaiserBeta::new(8.6).unwrap()).to_string(), "kaiser:8.6");
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
