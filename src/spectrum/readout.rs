//! The readout: from averaged powers to the values that are told, in buffers that are used again.

use photophone_signal::units::SampleRate;

use super::average::Average;
use super::bands::Bands;
use super::estimate::{ChannelEstimate, CrossEstimate};
use super::peaks::{Peak, PeakFinder};
use super::quantity::Quantity;
use super::settings::SpectrumSettings;
use super::transform::{Bin, argument};
use super::{Calibration, Window};

/// What depends on the rate: the axis, and what a value is in each channel.
pub(super) struct Layout {
    rate: SampleRate,
    bin_hz: f64,
    bands: Bands,
    quantity_a: Option<Quantity>,
    quantity_b: Option<Quantity>,
}

impl Layout {
    pub(super) fn new(
        settings: &SpectrumSettings,
        calibration: &Calibration,
        window: &Window,
        rate: SampleRate,
    ) -> Self {
        Self {
            rate,
            bin_hz: f64::from(rate.hz()) / settings.size.get() as f64,
            bands: Bands::new(settings, rate),
            quantity_a: Quantity::new(settings, &calibration.a, window, rate),
            quantity_b: Quantity::new(settings, &calibration.b, window, rate),
        }
    }

    pub(super) fn rate(&self) -> SampleRate {
        self.rate
    }

    pub(super) fn frequencies(&self) -> &[f32] {
        self.bands.frequencies()
    }

    pub(super) fn quantity_a(&self) -> Option<&Quantity> {
        self.quantity_a.as_ref()
    }

    pub(super) fn quantity_b(&self) -> Option<&Quantity> {
        self.quantity_b.as_ref()
    }
}

/// The values of one channel.
#[derive(Debug, Default)]
pub(super) struct ChannelReadout {
    values: Vec<f32>,
    phase: Vec<f32>,
    peaks: Vec<Peak>,
}

impl ChannelReadout {
    /// Reads the averaged `power`; phases of `phases_of`, peaks with `finder`, where there are any.
    pub(super) fn read(
        &mut self,
        layout: &Layout,
        quantity: &Quantity,
        power: &[f64],
        phases_of: Option<&[Bin]>,
        finder: Option<(&mut PeakFinder, f64)>,
    ) {
        self.values.clear();
        self.phase.clear();
        self.peaks.clear();
        for band in layout.bands.iter() {
            let k = largest(band, |k| quantity.rank(k, power[k]));
            self.values.push(quantity.value(k, power[k]));
            if let Some(bins) = phases_of {
                self.phase.push(wrapped(argument(&bins[k]) - quantity.phase(k)));
            }
        }
        let Some((finder, averages)) = finder else { return };
        self.peaks.extend(finder.find(power, layout.bands.end(), averages).iter().map(|found| Peak {
            frequency_hz: found.place_bins * layout.bin_hz,
            amplitude: quantity.amplitude(found.bin, found.power),
            snr_db: found.snr_db as f32,
        }));
    }

    pub(super) fn view<'a>(&'a self, power: &'a [f64], has_phase: bool) -> ChannelEstimate<'a> {
        ChannelEstimate { values: &self.values, phase: has_phase.then_some(&self.phase), peaks: &self.peaks, power }
    }
}

/// The values of both channels together.
#[derive(Debug, Default)]
pub(super) struct CrossReadout {
    magnitude: Vec<f32>,
    phase: Vec<f32>,
    coherence: Vec<f32>,
}

impl CrossReadout {
    pub(super) fn read(&mut self, layout: &Layout, [a, b]: [&Quantity; 2], average: &Average) {
        self.magnitude.clear();
        self.phase.clear();
        self.coherence.clear();
        let magnitude = |k: usize| average.cross[k][0].hypot(average.cross[k][1]);
        for band in layout.bands.iter() {
            let k = largest(band, magnitude);
            let [re, im] = average.cross[k];
            self.magnitude.push(a.cross_value(b, k, magnitude(k)));
            self.phase.push(wrapped(argument(&Bin::new(re, im)) - (b.phase(k) - a.phase(k))));
            let both = average.power_a[k] * average.power_b[k];
            let coherence = if both > 0.0 { (re * re + im * im) / both } else { 0.0 };
            self.coherence.push(coherence.min(1.0) as f32);
        }
    }

    pub(super) fn view<'a>(&'a self, power: &'a [[f64; 2]]) -> CrossEstimate<'a> {
        CrossEstimate { magnitude: &self.magnitude, phase: &self.phase, coherence: &self.coherence, power }
    }
}

/// The bin of a band with the largest rank, the first of equals.
fn largest(band: std::ops::Range<usize>, rank: impl Fn(usize) -> f64) -> usize {
    let first = band.start;
    band.skip(1).fold(first, |best, k| if rank(k) > rank(best) { k } else { best })
}

/// An angle within −π and π.
fn wrapped(angle: f64) -> f32 {
    use std::f64::consts::{PI, TAU};
    let turned = if angle.abs() <= PI { angle } else { angle - TAU * (angle / TAU).round() };
    turned as f32
}
