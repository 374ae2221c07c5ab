//! The decimator: every M-th sample behind an anti-alias filter, at the indices of the source.
//!
//! The filter is symmetric, so that the value at index n is computed from the samples n − D to n + D and stands exactly
//! where it belongs: D is latency, never a shift. Values stand at the multiples of M of the epoch, wherever the
//! computation begins. Where not all of n − D to n + D are there — at the beginning of the epoch and beside a gap — there
//! is no value, and the gap that viewers are told is wider ([`Decimator::widen`]).

mod fir;
mod kaiser;

use std::ops::Range;

use photophone_signal::{AudioFrame, Epoch, FrameFlags, Gap, GapCause, SampleIndex};

pub use fir::{DecimatingFir, Pair};
pub use kaiser::{PASS_EDGE, PASS_RIPPLE_DB, STOP_BAND_DB};

use super::head::Head;
use super::run::Run;

/// The largest factor.
pub const MAX_FACTOR: u64 = 16;

/// Decimates consecutive frames or slices. Allocates nothing once it is warm.
#[derive(Debug)]
pub struct Decimator {
    fir: DecimatingFir,
    run: Option<Run>,
    /// The epoch in which the filter's indices count.
    epoch: Option<Epoch>,
    channel_a: Vec<f32>,
    channel_b: Vec<f32>,
    /// The next values are the first after a gap.
    after_gap: bool,
    /// End of the last frame that had the flag.
    clipped_before: u64,
    nonfinite_before: u64,
}

/// The values that one frame or slice completed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decimated<'a> {
    /// Position, times and flags of the first value. Its index is a multiple of `factor`, in samples of the source.
    pub head: Head,
    /// Distance of two values in samples of the source.
    pub factor: u64,
    /// Channel A.
    pub channel_a: &'a [f32],
    /// Channel B; empty for a mono source.
    pub channel_b: &'a [f32],
}

impl Decimated<'_> {
    /// The indices of the epoch that these values stand for, each value for `factor` of them.
    pub fn covered(&self) -> Range<u64> {
        self.head.first_sample..self.head.first_sample + self.channel_a.len() as u64 * self.factor
    }
}

impl Decimator {
    /// A decimator by `factor`, 1 to [`MAX_FACTOR`]; what is outside is brought to the nearest.
    pub fn new(factor: u64) -> Self {
        Self {
            fir: DecimatingFir::new(factor.clamp(1, MAX_FACTOR)),
            run: None,
            epoch: None,
            channel_a: Vec::new(),
            channel_b: Vec::new(),
            after_gap: false,
            clipped_before: 0,
            nonfinite_before: 0,
        }
    }

    /// D: a value is known this many samples of the source after its own time.
    pub fn delay_samples(&self) -> u64 {
        self.fir.delay_samples()
    }

    /// Takes the next frame or slice; gives the values that it completes, if any. One that does not continue the one
    /// before it starts anew.
    pub fn push(&mut self, frame: &AudioFrame) -> Option<Decimated<'_>> {
        if !self.run.is_some_and(|run| run.is_continued_by(frame)) {
            self.restart(frame);
        }
        self.run = Some(Run::to_end_of(frame));
        self.note_flags(frame);
        self.channel_a.clear();
        self.channel_b.clear();
        let first_sample = self.fir.next_output();
        self.fir.push(&frame.channel_a, &frame.channel_b, |[a, b]| {
            self.channel_a.push(a as f32);
            if !frame.is_mono() {
                self.channel_b.push(b as f32);
            }
        });
        if self.channel_a.is_empty() {
            return None;
        }
        let flags = self.take_flags(first_sample);
        Some(self.values(frame, first_sample, flags))
    }

    /// The gap as a viewer of the decimated stream has to be told it: from the end of what the last value stands for to
    /// the first index that a value can stand for again. Every gap of the stream goes through here, in order with the
    /// frames: then values and such gaps cover every index of the epoch once from
    /// [`first_covered`](Self::first_covered) on.
    pub fn widen(&mut self, gap: &Gap) -> Gap {
        let is_known = self.epoch == Some(gap.epoch);
        let from_sample = if is_known { self.fir.next_output() } else { gap.from_sample };
        self.run = None;
        self.epoch = gap.to_sample.map(|_| gap.epoch);
        let to_sample = gap.to_sample.map(|to| self.first_covered(to));
        self.fir.restart(gap.to_sample.unwrap_or_default());
        Gap { from_sample, to_sample, ..*gap }
    }

    /// No sample follows that continues the last ones: the indices up to their end that get no value, as a gap, if there
    /// are any. A gap of the stream that comes later goes on from there.
    pub fn finish(&mut self) -> Option<Gap> {
        let SampleIndex { epoch, sample: end } = self.run.take()?.end();
        let from_sample = self.fir.next_output();
        (from_sample < end).then(|| {
            // All that was read has been told of.
            self.epoch = None;
            Gap { epoch, from_sample, to_sample: Some(end), cause: GapCause::Processor, exact: true, next_epoch: None }
        })
    }

    /// The first index of the values that a frame or slice completes which begins at `first_sample`, when everything
    /// since the beginning of the epoch is there.
    pub(super) fn first_completed_by(&self, first_sample: u64) -> u64 {
        let oldest_open = first_sample.saturating_sub(self.delay_samples()).next_multiple_of(self.fir.factor());
        oldest_open.max(self.first_covered(0))
    }

    /// The first index that a value can stand for when samples begin, or begin again, at `first_sample`.
    pub fn first_covered(&self, first_sample: u64) -> u64 {
        self.fir.first_output(first_sample)
    }

    fn restart(&mut self, frame: &AudioFrame) {
        self.fir.restart(frame.first_sample);
        self.epoch = Some(frame.epoch);
        self.after_gap = frame.flags.after_gap;
        self.clipped_before = 0;
        self.nonfinite_before = 0;
    }

    fn note_flags(&mut self, frame: &AudioFrame) {
        if frame.flags.clipped {
            self.clipped_before = frame.end_sample();
        }
        if frame.flags.nonfinite {
            self.nonfinite_before = frame.end_sample();
        }
    }

    /// The flags of the values from `first_sample` to the end of the samples read.
    fn take_flags(&mut self, first_sample: u64) -> FrameFlags {
        let oldest_read = first_sample - self.delay_samples();
        FrameFlags {
            clipped: self.clipped_before > oldest_read,
            nonfinite: self.nonfinite_before > oldest_read,
            after_gap: std::mem::take(&mut self.after_gap),
        }
    }

    fn values(&self, frame: &AudioFrame, first_sample: u64, flags: FrameFlags) -> Decimated<'_> {
        Decimated {
            head: Head { flags, ..Head::at(frame, first_sample) },
            factor: self.fir.factor(),
            channel_a: &self.channel_a,
            channel_b: &self.channel_b,
        }
    }
}

#[cfg(test)]
mod tests;
