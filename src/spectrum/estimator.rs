//! The estimator: follows a stream of frames, cuts it into overlapping windows, averages their spectra and gives what
//! was asked for, as often as was asked for.

use photophone_signal::AudioFrame;
use photophone_signal::units::SampleRate;

use super::average::{Average, Place};
use super::estimate::Estimate;
use super::newest::Newest;
use super::pace::Pace;
use super::peaks::PeakFinder;
use super::readout::{ChannelReadout, CrossReadout, Layout};
use super::ring::Ring;
use super::settings::{Averaging, SettingsError, SpectrumSettings};
use super::transform::{Bin, Transform};
use super::{Calibration, FftPlans};

/// Estimates spectra by Welch's method (IEEE Trans. AU 15, 70 (1967)) over a stream of frames.
///
/// Windows begin at multiples of the hop from sample 0 of the epoch, blocks of a linear average at multiples of their
/// length, and events leave by slots of the epoch: estimators of equal settings agree from wherever they start, once
/// they hold the same spectra. One that starts within a block of a linear average waits for the next; at the beginning of
/// the epoch and behind a gap there is nothing to wait for. At a gap, and where epoch, rate or number of channels change,
/// everything starts anew: no window and no average spans what is missing. Once it has run, it allocates nothing while the format stays.
pub struct SpectrumEstimator {
    settings: SpectrumSettings,
    calibration: Calibration,
    hop_samples: Option<u64>,
    pace: Pace,
    transform: Transform,
    peak_finder: Option<PeakFinder>,
    ring_a: Ring,
    ring_b: Ring,
    bins_a: Vec<Bin>,
    bins_b: Vec<Bin>,
    average: Average,
    /// Whether the beginning of the block that a linear average is at was never seen, though it is not missing.
    awaits_block: bool,
    /// Whether samples were missing before the next one, for all.
    is_interrupted: bool,
    newest: Option<Newest>,
    /// First sample after the next window, where hops set the pace.
    next_end: u64,
    layout: Layout,
    read_a: ChannelReadout,
    read_b: ChannelReadout,
    read_cross: CrossReadout,
}

impl SpectrumEstimator {
    /// An estimator without samples, for a source of that rate and number of channels.
    ///
    /// # Errors
    /// What [`SpectrumSettings::validate`] finds.
    pub fn new(
        settings: SpectrumSettings,
        rate: SampleRate,
        channels: u16,
        calibration: Calibration,
        plans: &mut FftPlans,
    ) -> Result<Self, SettingsError> {
        settings.validate(rate, channels, &calibration)?;
        let size = settings.size.get();
        let transform = Transform::new(size, settings.window, plans);
        let window = transform.window();
        Ok(Self {
            hop_samples: settings.hop_samples(),
            pace: Pace::new(&settings),
            peak_finder: PeakFinder::new(&settings, window),
            ring_a: Ring::with_capacity(size),
            ring_b: Ring::with_capacity(size),
            bins_a: transform.make_bins(),
            bins_b: transform.make_bins(),
            average: Average::new(&settings, window),
            awaits_block: false,
            is_interrupted: false,
            newest: None,
            next_end: 0,
            layout: Layout::new(&settings, &calibration, window, rate),
            read_a: ChannelReadout::default(),
            read_b: ChannelReadout::default(),
            read_cross: CrossReadout::default(),
            transform,
            settings,
            calibration,
        })
    }

    /// What it estimates.
    pub fn settings(&self) -> &SpectrumSettings {
        &self.settings
    }

    /// Samples are missing before the next frame, whatever its flags say: forgets all samples and averages.
    pub fn interrupt(&mut self) {
        self.forget();
        self.is_interrupted = true;
    }

    fn forget(&mut self) {
        self.newest = None;
        self.ring_a.clear();
        self.ring_b.clear();
        self.average.clear();
    }

    /// Takes the next frame of the stream and hands every estimate that is due within it to `on_estimate`. A frame
    /// without samples is ignored.
    pub fn push(&mut self, frame: &AudioFrame, mut on_estimate: impl FnMut(Estimate<'_>)) {
        if frame.samples() == 0 {
            return;
        }
        if !self.newest.is_some_and(|newest| newest.is_continued_by(frame)) {
            self.start_at(frame);
        }
        let newest = Newest::from(frame);
        self.newest = Some(newest);
        let mut taken = 0;
        while let Some(place) = self.next_place(&newest) {
            let until = (place.end_sample - frame.first_sample) as usize;
            self.store(frame, taken..until);
            taken = until;
            self.next_end = place.end_sample + self.hop_samples.unwrap_or(0);
            if let Some(estimate) = self.analyse(place, newest) {
                on_estimate(estimate);
            }
            if self.hop_samples.is_none() {
                break;
            }
        }
        self.store(frame, taken..frame.samples());
    }

    fn start_at(&mut self, frame: &AudioFrame) {
        self.forget();
        let begins_with_all = std::mem::take(&mut self.is_interrupted) || frame.flags.after_gap;
        self.awaits_block = frame.first_sample > 0 && !begins_with_all;
        if let Some(hop) = self.hop_samples {
            self.next_end = frame.first_sample.div_ceil(hop) * hop + self.settings.size.get() as u64;
        }
        if self.layout.rate() != frame.sample_rate {
            self.layout = Layout::new(&self.settings, &self.calibration, self.transform.window(), frame.sample_rate);
        }
    }

    /// The next window that ends within the newest frame.
    fn next_place(&self, newest: &Newest) -> Option<Place> {
        let Some(hop) = self.hop_samples else {
            let (index, end_sample) = (newest.frame_number, newest.end_sample);
            return Some(Place { index, end_sample, previous_end_sample: newest.first_sample });
        };
        let end_sample = self.next_end;
        let index = (end_sample - self.settings.size.get() as u64) / hop;
        let place = Place { index, end_sample, previous_end_sample: end_sample - hop };
        (end_sample <= newest.end_sample).then_some(place)
    }

    fn store(&mut self, frame: &AudioFrame, samples: std::ops::Range<usize>) {
        self.ring_a.push(&frame.channel_a[samples.clone()]);
        if !frame.is_mono() {
            self.ring_b.push(&frame.channel_b[samples]);
        }
    }

    /// Adds the spectrum of the samples in the rings to the average; gives the estimate if it is due. What is not
    /// averaged is not computed before it is due.
    fn analyse(&mut self, place: Place, newest: Newest) -> Option<Estimate<'_>> {
        let rate_hz = f64::from(newest.sample_rate.hz());
        let is_due = self.pace.chooses(place, rate_hz);
        if !self.ring_a.is_full() || (self.settings.averaging == Averaging::None && !is_due) {
            return None;
        }
        if let Averaging::Linear(spectra) = self.settings.averaging {
            self.awaits_block &= !place.index.is_multiple_of(spectra.get() as u64);
            if self.awaits_block {
                return None;
            }
        }
        self.transform.run(self.ring_a.parts().into_iter().flatten(), &mut self.bins_a);
        if !newest.mono {
            self.transform.run(self.ring_b.parts().into_iter().flatten(), &mut self.bins_b);
        }
        self.average.add(&self.bins_a, (!newest.mono).then_some(&self.bins_b), place, rate_hz);
        if is_due { self.read(place, newest) } else { None }
    }

    fn read(&mut self, place: Place, newest: Newest) -> Option<Estimate<'_>> {
        let (layout, average) = (&self.layout, &self.average);
        let quantity_a = layout.quantity_a()?;
        let quantity_b = layout.quantity_b().filter(|_| !newest.mono);
        let (averages, has_phase) = (average.averages(), self.settings.phase);
        let bins_a = has_phase.then_some(&self.bins_a[..]);
        self.read_a.read(
            layout,
            quantity_a,
            &average.power_a,
            bins_a,
            self.peak_finder.as_mut().map(|finder| (finder, averages)),
        );
        if let Some(quantity_b) = quantity_b {
            let bins_b = has_phase.then_some(&self.bins_b[..]);
            self.read_b.read(
                layout,
                quantity_b,
                &average.power_b,
                bins_b,
                self.peak_finder.as_mut().map(|finder| (finder, averages)),
            );
        }
        let both = quantity_b.filter(|_| self.settings.cross && averages > 2.0 - 1e-9);
        if let Some(quantity_b) = both {
            self.read_cross.read(layout, [quantity_a, quantity_b], average);
        }
        let first_sample = place.end_sample - self.settings.size.get() as u64;
        Some(Estimate {
            settings: &self.settings,
            epoch: newest.epoch,
            sample_rate: newest.sample_rate,
            channels: if newest.mono { 1 } else { 2 },
            frame_number: newest.frame_number,
            first_sample,
            end_sample: place.end_sample,
            captured_us: newest.captured_us_of(first_sample),
            monotonic_us: newest.monotonic_us_of(first_sample),
            enbw_hz: self.transform.window().enbw_hz(newest.sample_rate),
            averages,
            calibrated: self.settings.unit.needs_calibration(),
            frequencies: layout.frequencies(),
            channel_a: self.read_a.view(&average.power_a, has_phase),
            channel_b: quantity_b.map(|_| self.read_b.view(&average.power_b, has_phase)),
            cross: both.map(|_| self.read_cross.view(&average.cross)),
        })
    }
}

#[cfg(test)]
mod tests;
