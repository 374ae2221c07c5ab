//! The tracker: finds the strongest tone of a signal and follows its phase.
//!
//! It measures rather than controls: each window's phase stands by itself, so there is no loop that could ring or
//! that had to be tuned. The price is a delay of half a window. A drift of r Hz/s shifts the phase by up to
//! `2π r T² (0.0192 / 2 + 1 / 128)` rad: the window of T seconds averages over a curve (0.0192 T² is the second moment of
//! Blackman-Harris), and the line from one centre to the next is its chord.

use std::f64::consts::{PI, TAU};

use photophone_signal::units::SampleRate;

use crate::config::WindowKind;
use crate::spectrum::{ChannelSpectrum, SpectrumAnalyser};

/// Bins within which a Blackman-Harris window spreads a tone; beyond twice as many, what it leaves of one is below
/// −92 dB. So far from 0 Hz and from the Nyquist frequency its mirror image does not disturb a tone.
const EDGE_BINS: usize = 8;

/// Bins on either side among which the noise floor's median is taken: outside the tone's own lobe.
const FLOOR_BINS: std::ops::RangeInclusive<usize> = 5..=20;

/// A tone is taken for one when its amplitude is ten times the median around it, 20 dB.
const TONE_TO_FLOOR: f32 = 10.0;

/// Bins by which a tone may move from one window to the next: one would be a quarter turn, the largest that is believed.
const STRAY_BINS: usize = 1;

const QUARTER_TURN: u64 = 1 << 62;

/// Follows a tone window by window.
pub(super) struct Tracker {
    analyser: SpectrumAnalyser,
    spectrum: ChannelSpectrum,
    floor: Vec<f32>,
    tone: Option<Tone>,
}

/// A tone's phase at the centre of a window in 2^−64 turn, and its advance per sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tone {
    pub(super) phase: u64,
    pub(super) increment: u64,
}

impl Tracker {
    /// A tracker with nothing to follow yet. Its window is a power of two, 1/4 to 1/2 s long (never under 512 samples).
    pub(super) fn new(rate: SampleRate) -> Self {
        let size = (rate.hz() as usize / 4).next_power_of_two().max(512);
        let analyser = SpectrumAnalyser::new(size, WindowKind::BlackmanHarris);
        let floor = Vec::with_capacity(2 * FLOOR_BINS.count());
        Self { analyser, spectrum: ChannelSpectrum::default(), floor, tone: None }
    }

    /// Samples in a window.
    pub(super) fn window_samples(&self) -> usize {
        self.analyser.size()
    }

    /// Samples from one window to the next.
    pub(super) fn hop_samples(&self) -> usize {
        self.analyser.size() / 4
    }

    /// Lets go of the tone.
    pub(super) fn reset(&mut self) {
        self.tone = None;
    }

    /// Takes the next window, one hop after the last. Gives the tone at the last window's centre, with the increment
    /// that leads from there to its phase at this window's centre; none while no tone can be followed.
    pub(super) fn follow(&mut self, window: &[f32]) -> Option<Tone> {
        let before = self.tone.take();
        self.analyser.analyse([window, &[]], &mut self.spectrum).ok()?;
        let peak = self.strongest(before)?;
        let phase = self.centre_phase(peak);
        let Some(before) = before else {
            self.tone = Some(Tone { phase, increment: self.interpolated(peak) });
            return None;
        };
        let hop = self.hop_samples() as u64;
        let expected = before.phase.wrapping_add(before.increment.wrapping_mul(hop));
        let deviation = phase.wrapping_sub(expected) as i64;
        if deviation.unsigned_abs() > QUARTER_TURN {
            return None;
        }
        let increment = before.increment.wrapping_add_signed(deviation / hop as i64);
        self.tone = Some(Tone { phase, increment });
        Some(Tone { phase: before.phase, increment })
    }

    /// The bin of the strongest tone, near the one that is being followed if there is one.
    fn strongest(&mut self, before: Option<Tone>) -> Option<usize> {
        let size = self.analyser.size();
        let (lowest, highest) = (EDGE_BINS, size / 2 - EDGE_BINS);
        let bins = match before {
            None => lowest..=highest,
            Some(tone) => {
                let expected = (tone.increment as f64 / 2.0_f64.powi(64) * size as f64).round() as usize;
                expected.saturating_sub(STRAY_BINS).max(lowest)..=(expected + STRAY_BINS).min(highest)
            }
        };
        let magnitude = &self.spectrum.magnitude;
        let peak = bins.max_by(|one, other| magnitude[*one].total_cmp(&magnitude[*other]))?;
        (magnitude[peak] > TONE_TO_FLOOR * self.floor_around(peak)).then_some(peak)
    }

    /// The median of the bins around a peak: neither another tone nor a slope of the noise moves it much.
    fn floor_around(&mut self, peak: usize) -> f32 {
        let bins = 1..self.analyser.bins() - 1;
        self.floor.clear();
        for distance in FLOOR_BINS {
            let (below, above) = (peak.saturating_sub(distance), peak + distance);
            self.floor.extend(
                [below, above].into_iter().filter(|bin| bins.contains(bin)).map(|bin| self.spectrum.magnitude[bin]),
            );
        }
        let middle = self.floor.len() / 2;
        *self.floor.select_nth_unstable_by(middle, f32::total_cmp).1
    }

    /// The tone's phase at the window's centre: that of the bin, referred to the window's first sample, half a window
    /// later. As the window is symmetric about its centre, this holds wherever in the bin the tone lies.
    fn centre_phase(&self, bin: usize) -> u64 {
        let half_turns = if bin.is_multiple_of(2) { 0.0 } else { PI };
        let turns = ((f64::from(self.spectrum.phase[bin]) + half_turns) / TAU).rem_euclid(1.0);
        (turns * 2.0_f64.powi(64)) as u64
    }

    /// The tone's increment, from a parabola through the logarithms of the peak and its neighbours.
    fn interpolated(&self, peak: usize) -> u64 {
        let [below, at, above] = [peak - 1, peak, peak + 1].map(|bin| f64::from(self.spectrum.magnitude[bin]).ln());
        let curvature = below - 2.0 * at + above;
        let offset = if curvature < 0.0 { (below - above) / (2.0 * curvature) } else { 0.0 };
        let turns = (peak as f64 + offset.clamp(-0.5, 0.5)) / self.analyser.size() as f64;
        (turns * 2.0_f64.powi(64)) as u64
    }
}
