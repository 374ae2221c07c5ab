//! Peaks: the sines in an averaged spectrum, with frequency and power between the bins and their distance from the noise.

use super::Window;
use super::kernel::Kernel;
use super::settings::{Averaging, SpectrumSettings};

/// Bins to each side whose median is the noise about a peak.
const SURROUNDINGS_BINS: usize = 64;

/// Distance of the bins at which the noise is taken, in bins.
const NOISE_STEP_BINS: usize = 32;

/// Least power of a peak over the noise: 12 dB. A bin of white noise exceeds it in e^−15.8 = 1.3e-7 of single spectra,
/// and more seldom in averages.
const LEAST_SNR: f64 = 15.85;

/// By which a peak exceeds what the side lobes of larger ones can have added up to there: 6 dB, as amplitudes add.
const OVER_SIDE_LOBES: f64 = 4.0;

/// Largest ratio that is told: beyond 200 dB the noise is that of the arithmetic.
const LARGEST_SNR_DB: f64 = 200.0;

/// A sine found in a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Its frequency between the bins, in Hz.
    pub frequency_hz: f64,
    /// Its amplitude in the unit of the spectrum, a level where that is one, whatever the scale.
    pub amplitude: f32,
    /// Its power over the mean power of the noise in one bin about it, in dB, at most 200. The noise is the median of
    /// the 129 bins about the peak, taken as the mean by the ratio of both for noise of that many averages.
    pub snr_db: f32,
}

/// A peak in terms of bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// The bin that it is largest in.
    pub(super) bin: usize,
    /// Place on the axis of bins.
    pub(super) place_bins: f64,
    /// Its mean square.
    pub(super) power: f64,
    pub(super) snr_db: f64,
}

/// Looks for peaks. A search allocates nothing.
#[derive(Clone, Debug)]
pub(super) struct PeakFinder {
    kernel: Kernel,
    size: usize,
    most: usize,
    averaging: Averaging,
    candidates: Vec<usize>,
    /// Mean noise power at multiples of the step.
    noise: Vec<f64>,
    sorted: Vec<f64>,
    found: Vec<Found>,
}

impl PeakFinder {
    /// None when no peaks are asked for.
    pub(super) fn new(settings: &SpectrumSettings, window: &Window) -> Option<Self> {
        let (size, most) = (window.coefficients().len(), settings.peaks.get());
        (most > 0).then(|| Self {
            kernel: Kernel::new(window),
            size,
            most,
            averaging: settings.averaging,
            candidates: Vec::with_capacity(size / 4 + 1),
            noise: Vec::with_capacity(size / 2 / NOISE_STEP_BINS + 1),
            sorted: Vec::with_capacity(2 * SURROUNDINGS_BINS + 1),
            found: Vec::with_capacity(most),
        })
    }

    /// The largest peaks below bin `end`, the largest first: local maxima at least two bins from DC and Nyquist, 12 dB
    /// over the noise and 6 dB over the side lobes of larger peaks.
    pub(super) fn find(&mut self, power: &[f64], end: usize, averages: f64) -> &[Found] {
        self.found.clear();
        self.measure_noise(power, self.median_to_mean(averages));
        self.candidates.clear();
        let (last, noise) = (end.min(power.len() - 2), &self.noise);
        let is_peak = |k: &usize| {
            power[*k] > power[k - 1] && power[*k] >= power[k + 1] && power[*k] > noise[k / NOISE_STEP_BINS] * LEAST_SNR
        };
        self.candidates.extend((2..last).filter(is_peak));
        self.candidates.sort_unstable_by(|one, other| power[*other].total_cmp(&power[*one]));
        for k in &self.candidates {
            if self.found.len() == self.most {
                break;
            }
            let side_lobes: f64 = self.found.iter().map(|larger| self.side_lobe(larger, *k)).sum();
            if power[*k] > OVER_SIDE_LOBES * side_lobes {
                let sine = self.kernel.interpolate([power[k - 1], power[*k], power[k + 1]]);
                let power = power[*k] * sine.power_factor;
                let snr_db = 10.0 * (power / self.noise[k / NOISE_STEP_BINS]).log10();
                let place_bins = *k as f64 + sine.offset_bins;
                self.found.push(Found { bin: *k, place_bins, power, snr_db: snr_db.min(LARGEST_SNR_DB) });
            }
        }
        &self.found
    }

    /// Power that a peak can have at bin `k`, by itself and by its mirror images at negative frequencies and beyond
    /// Nyquist.
    fn side_lobe(&self, peak: &Found, k: usize) -> f64 {
        let sum = peak.bin + k;
        let image_bins = sum.min(self.size - sum);
        peak.power * (self.kernel.reach(peak.bin.abs_diff(k)) + self.kernel.reach(image_bins))
    }

    fn measure_noise(&mut self, power: &[f64], median_to_mean: f64) {
        self.noise.clear();
        for from in (0..power.len()).step_by(NOISE_STEP_BINS) {
            let middle = from + NOISE_STEP_BINS / 2;
            let around = middle.saturating_sub(SURROUNDINGS_BINS)..(middle + SURROUNDINGS_BINS + 1).min(power.len());
            self.sorted.clear();
            self.sorted.extend_from_slice(&power[around]);
            let half = self.sorted.len() / 2;
            let (_, median, _) = self.sorted.select_nth_unstable_by(half, f64::total_cmp);
            self.noise.push(*median * median_to_mean);
        }
    }

    /// Mean over median of the power of white noise. The mean of n spectra is gamma distributed with shape n, whose
    /// median is near n (1 − 1/9n)³ (Wilson & Hilferty, PNAS 17, 684 (1931)). Held extremes are taken as they are.
    fn median_to_mean(&self, averages: f64) -> f64 {
        match self.averaging {
            Averaging::Peak | Averaging::Min => 1.0,
            _ => (1.0 - 1.0 / (9.0 * averages.max(1.0))).powi(-3),
        }
    }
}
