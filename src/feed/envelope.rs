//! The envelope: minimum, maximum and RMS of columns of samples, for drawing many samples on few pixels.
//!
//! Columns end at the multiples of `column_samples` of the epoch. The first column after a gap begins where samples
//! begin again, the last one before a gap ends where they end: these are shorter, and no column spans a gap.

mod events;

use std::borrow::Cow;
use std::num::NonZeroU64;

use photophone_signal::AudioFrame;
use photophone_signal::wire::{EnvelopeJson, flag_words};

pub(super) use events::EnvelopeRepresentation;

use super::Head;
use super::run::Run;
use crate::stream::Summary;

/// Follows consecutive frames or slices. Allocates nothing once it is warm.
#[derive(Debug)]
pub struct Envelope {
    column_samples: NonZeroU64,
    run: Option<Run>,
    /// The head of the column that is not yet complete, and its samples so far.
    open: Option<(Head, [Summary; 2])>,
    /// The head of the complete columns, if there are any.
    complete: Option<Head>,
    /// Samples in the complete columns.
    samples: u64,
    channel_a: Columns,
    channel_b: Columns,
}

/// Columns of one channel, each of the three as long as there are columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// The smallest sample.
    pub min: Vec<f32>,
    /// The largest sample.
    pub max: Vec<f32>,
    /// The root of the mean square.
    pub rms: Vec<f32>,
}

/// Consecutive columns; the last one ends with the samples that are covered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnvelopeColumns<'a> {
    /// Position, times and flags of the first column.
    pub head: Head,
    /// Samples covered by all columns together.
    pub samples: u64,
    /// Samples in a whole column.
    pub column_samples: u64,
    /// Channel A.
    pub channel_a: &'a Columns,
    /// Channel B; no columns for a mono source.
    pub channel_b: &'a Columns,
}

impl Envelope {
    /// An envelope in columns of `column_samples`.
    pub fn new(column_samples: NonZeroU64) -> Self {
        Self {
            column_samples,
            run: None,
            open: None,
            complete: None,
            samples: 0,
            channel_a: Columns::default(),
            channel_b: Columns::default(),
        }
    }

    /// Takes the next frame or slice and hands the columns that it completes to `emit`, all at once. When it does not
    /// continue the one before it, the column that was open comes first.
    pub fn push(&mut self, frame: &AudioFrame, mut emit: impl FnMut(EnvelopeColumns<'_>)) {
        if self.run.is_some_and(|run| !run.is_continued_by(frame)) {
            self.flush(&mut emit);
        }
        self.run = Some(Run::to_end_of(frame));
        let column_samples = self.column_samples.get();
        let mut from = frame.first_sample;
        while from < frame.end_sample() {
            let boundary = (from / column_samples + 1) * column_samples;
            let to = boundary.min(frame.end_sample());
            self.add(frame, from, to);
            if to == boundary {
                self.close_column();
            }
            from = to;
        }
        self.emit(emit);
    }

    /// Hands the open column to `emit`, if there is one: samples are missing behind it.
    pub fn flush(&mut self, emit: impl FnMut(EnvelopeColumns<'_>)) {
        self.close_column();
        self.emit(emit);
        self.run = None;
    }

    /// Adds samples `from..to` of `frame` to the open column.
    fn add(&mut self, frame: &AudioFrame, from: u64, to: u64) {
        let (head, channels) = self.open.get_or_insert_with(|| (Head::at(frame, from), Default::default()));
        head.extend(frame, from);
        let range = (from - frame.first_sample) as usize..(to - frame.first_sample) as usize;
        channels[0].add(&frame.channel_a[range.clone()]);
        if !frame.is_mono() {
            channels[1].add(&frame.channel_b[range]);
        }
    }

    fn close_column(&mut self) {
        let Some((head, [a, b])) = self.open.take() else { return };
        let complete = self.complete.get_or_insert(head);
        complete.frame_number = head.frame_number;
        complete.flags |= head.flags;
        self.samples += a.samples();
        self.channel_a.push(&a);
        if b.samples() > 0 {
            self.channel_b.push(&b);
        }
    }

    fn emit(&mut self, mut emit: impl FnMut(EnvelopeColumns<'_>)) {
        let Some(head) = self.complete.take() else { return };
        emit(EnvelopeColumns {
            head,
            samples: std::mem::take(&mut self.samples),
            column_samples: self.column_samples.get(),
            channel_a: &self.channel_a,
            channel_b: &self.channel_b,
        });
        self.channel_a.clear();
        self.channel_b.clear();
    }
}

impl Columns {
    fn push(&mut self, column: &Summary) {
        self.min.push(column.min);
        self.max.push(column.max);
        self.rms.push(column.rms() as f32);
    }

    fn clear(&mut self) {
        self.min.clear();
        self.max.clear();
        self.rms.clear();
    }
}

impl<'a> From<EnvelopeColumns<'a>> for EnvelopeJson<'a> {
    fn from(columns: EnvelopeColumns<'a>) -> Self {
        let EnvelopeColumns { head, channel_a: a, channel_b: b, .. } = columns;
        Self {
            sample_rate: head.sample_rate.hz(),
            timestamp: head.captured_us / 1000,
            frame_number: head.frame_number,
            duration_ms: head.duration_ms(columns.samples),
            epoch: head.epoch,
            first_sample: head.first_sample,
            captured_us: head.captured_us,
            samples: columns.samples,
            column_samples: columns.column_samples,
            min_a: Cow::Borrowed(&a.min),
            max_a: Cow::Borrowed(&a.max),
            rms_a: Cow::Borrowed(&a.rms),
            min_b: Cow::Borrowed(&b.min),
            max_b: Cow::Borrowed(&b.max),
            rms_b: Cow::Borrowed(&b.rms),
            flags: flag_words(head.flags),
        }
    }
}

#[cfg(test)]
mod tests;
