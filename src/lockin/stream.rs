//! The lock-in as it stands in a stream: takes consecutive blocks of samples, gives readings.

use photophone_signal::units::SampleRate;

use super::demodulator::{Demodulator, Known, Run};
use super::follower::Follower;
use super::oscillator::Oscillator;
use super::{LockinError, LockinSettings, Reading, Reference};

/// A dual-phase lock-in over both channels of one source.
///
/// However the samples are split into blocks, the readings are the same to the bit. With a reference that is followed
/// they come half to three quarters of a window (1/8 to 3/8 s) after their last sample; [`Reading::end_sample`] says
/// which that is. In steady state nothing is allocated.
///
/// A reference that is followed is the strongest tone between 8 and `size/2 − 8` bins of a Blackman-Harris window of
/// `size` samples, the power of two from 1/4 to 1/2 s (at 48 kHz: 16384 samples, 23 Hz to 23.98 kHz). It has to stand 20
/// dB above the median of the bins around it, and may move by one bin per quarter of a window; else it is given up, and
/// the strongest tone is looked for again. Its phase is measured four times per window, each time anew; while it drifts by
/// 1 Hz/s, phases are off by up to 0.4° to 1.6° times the harmonic (0.7° at 48 kHz).
pub struct Lockin {
    demodulator: Demodulator,
    drive: Drive,
    stereo: bool,
    next_sample: Option<u64>,
}

enum Drive {
    Internal(f64, Box<Oscillator>),
    Followed(Box<Follower>),
}

impl Lockin {
    /// A lock-in for a source of this rate and number of channels.
    ///
    /// # Errors
    /// Those of [`LockinSettings::validate`].
    pub fn new(settings: &LockinSettings, rate: SampleRate, channels: u8) -> Result<Self, LockinError> {
        settings.validate(rate, channels)?;
        let stereo = channels > 1;
        let drive = match settings.reference() {
            Reference::Internal(frequency) => {
                let oscillator = Oscillator::at(frequency, settings.harmonic(), rate);
                Drive::Internal(frequency.hz(), Box::new(oscillator))
            }
            Reference::ChannelB | Reference::Tracked => Drive::Followed(Box::new(Follower::new(settings, rate))),
        };
        let with_b = stereo && settings.reference() != Reference::ChannelB;
        let demodulator = Demodulator::new(settings, rate, with_b);
        Ok(Self { demodulator, drive, stereo, next_sample: None })
    }

    /// Takes samples from index `first_sample` on, and appends a reading for each instant ⌊k · rate / fps⌋ that is
    /// reached. Channel B is as long as A, or not looked at if the source is mono. A block that does not continue the one
    /// before it starts everything anew, as [`interrupt`](Self::interrupt) does.
    pub fn push(&mut self, first_sample: u64, channel_a: &[f32], channel_b: &[f32], into: &mut Vec<Reading>) {
        let samples = if self.stereo { channel_a.len().min(channel_b.len()) } else { channel_a.len() };
        if samples == 0 {
            return;
        }
        if self.next_sample != Some(first_sample) {
            self.interrupt();
        }
        let channel_b = if self.stereo { &channel_b[..samples] } else { &[] };
        let run = Run { first_sample, channel_a: &channel_a[..samples], channel_b };
        match &mut self.drive {
            Drive::Internal(hz, oscillator) => self.demodulator.run(run, Known::Phase(*hz, oscillator), into),
            Drive::Followed(follower) => follower.push(run, &mut self.demodulator, into),
        }
        self.next_sample = Some(first_sample + samples as u64);
    }

    /// Samples are missing before the next ones: the low-pass starts anew, and a reference that is followed is looked
    /// for anew. An internal reference goes on by the index.
    pub fn interrupt(&mut self) {
        self.next_sample = None;
        self.demodulator.interrupt();
        if let Drive::Followed(follower) = &mut self.drive {
            follower.interrupt();
        }
    }
}
