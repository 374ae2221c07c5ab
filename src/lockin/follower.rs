//! The follower: holds samples back until the tracker knows the reference's phase around them, then has them demodulated.

use photophone_signal::units::SampleRate;

use super::demodulator::{Demodulator, Known, Run};
use super::oscillator::Oscillator;
use super::tracker::{Tone, Tracker};
use super::{LockinSettings, Reading, Reference};

/// Windows end at multiples of the hop. From each centre of a window to the next, the reference's phase is a straight
/// line between two measurements; the samples along it are a leg.
pub(super) struct Follower {
    tracker: Tracker,
    harmonic: Harmonic,
    /// The samples before `end_sample`: at most those of a window.
    held_a: Vec<f32>,
    held_b: Vec<f32>,
    end_sample: u64,
}

/// The oscillator at a multiple of the tone that is followed.
struct Harmonic {
    settings: LockinSettings,
    rate: SampleRate,
    oscillator: Box<Oscillator>,
}

impl Follower {
    /// A follower of the channel that the settings refer to.
    pub(super) fn new(settings: &LockinSettings, rate: SampleRate) -> Self {
        let tracker = Tracker::new(rate);
        let held = || Vec::with_capacity(tracker.window_samples());
        Self {
            held_a: held(),
            held_b: held(),
            tracker,
            harmonic: Harmonic { settings: *settings, rate, oscillator: Box::new(Oscillator::still()) },
            end_sample: 0,
        }
    }

    /// Forgets the samples and the reference.
    pub(super) fn interrupt(&mut self) {
        self.tracker.reset();
        self.held_a.clear();
        self.held_b.clear();
    }

    /// Takes samples; lets the demodulator have each leg that they complete.
    pub(super) fn push(&mut self, run: Run<'_>, demodulator: &mut Demodulator, into: &mut Vec<Reading>) {
        let hop = self.tracker.hop_samples();
        self.end_sample = run.first_sample;
        let (mut a, mut b) = (run.channel_a, run.channel_b);
        while !a.is_empty() {
            let take = a.len().min(hop - (self.end_sample % hop as u64) as usize);
            self.held_a.extend_from_slice(a.split_off(..take).unwrap_or_default());
            self.held_b.extend_from_slice(b.split_off(..take).unwrap_or_default());
            self.end_sample += take as u64;
            if self.end_sample.is_multiple_of(hop as u64) {
                self.complete_hop(demodulator, into);
            }
        }
    }

    fn complete_hop(&mut self, demodulator: &mut Demodulator, into: &mut Vec<Reading>) {
        let (window, hop) = (self.tracker.window_samples(), self.tracker.hop_samples());
        if self.held_a.len() == window {
            self.complete_leg(demodulator, into);
        }
        // Room for the next hop. The first samples may begin between two hops: that part goes first.
        let surplus = self.held_a.len().saturating_sub(window - hop);
        for held in [&mut self.held_a, &mut self.held_b] {
            held.drain(..surplus.min(held.len()));
        }
    }

    /// The leg to the centre of the window that ends here.
    fn complete_leg(&mut self, demodulator: &mut Demodulator, into: &mut Vec<Reading>) {
        let (window, hop) = (self.tracker.window_samples(), self.tracker.hop_samples());
        let of_reference =
            if self.harmonic.settings.reference() == Reference::ChannelB { &self.held_b } else { &self.held_a };
        let tone = self.tracker.follow(of_reference);
        let range = window / 2 - hop..window / 2;
        let first_sample = self.end_sample - (window / 2 + hop) as u64;
        let known = match tone {
            None => Known::Nothing,
            Some(tone) => self.harmonic.along(tone, first_sample),
        };
        let channel_b = self.held_b.get(range.clone()).unwrap_or_default();
        demodulator.run(Run { first_sample, channel_a: &self.held_a[range], channel_b }, known, into);
    }
}

impl Harmonic {
    /// What is known along a leg that starts at `first_sample`.
    fn along(&mut self, tone: Tone, first_sample: u64) -> Known<'_> {
        let reference_hz = tone.increment as f64 / 2.0_f64.powi(64) * f64::from(self.rate.hz());
        if !self.settings.separates(reference_hz, self.rate) {
            return Known::Frequency(reference_hz);
        }
        let number = u128::from(self.settings.harmonic());
        let shifted = |turns: u64| (number * u128::from(turns)) << 64;
        self.oscillator.tune(first_sample, shifted(tone.phase), shifted(tone.increment));
        Known::Phase(reference_hz, &mut self.oscillator)
    }
}
