//! The slicer: regroups frames into slices of `rate / fps` samples, fewer and larger events or more and smaller ones.
//!
//! Slices end on the grid of a [`FrameRate`], anchored to sample 0 of the epoch. At a gap or a new epoch the slice ends
//! early; the next one begins where samples begin again and ends at the next boundary. No sample is lost or moved.

use std::mem;

use photophone_signal::{AudioFrame, FrameFlags, FrameRate};

use super::head::{Head, flags_from};
use super::run::Run;

/// Collects frames into slices. Allocates nothing once a slice of full length has been through it.
///
/// A slice is an [`AudioFrame`] of its own extent, whose times are those of its first sample, counted at the nominal
/// rate from the start of the frame that holds it; `frame_number` is that of the frame that holds its last sample.
/// `clipped` and `nonfinite` are those of all frames that it has samples of, `after_gap` says that samples are missing
/// before its own first one.
#[derive(Debug)]
pub struct Slicer {
    frame_rate: FrameRate,
    /// What was collected since the last boundary; without samples between two slices, kept for its memory.
    slice: Option<AudioFrame>,
}

impl Slicer {
    /// A slicer that cuts `frame_rate` slices per second.
    pub fn new(frame_rate: FrameRate) -> Self {
        Self { frame_rate, slice: None }
    }

    /// Takes the next frame and hands each slice that it completes to `emit`, in order. When the frame does not continue
    /// the one before it, what was collected comes first.
    pub fn push(&mut self, frame: &AudioFrame, mut emit: impl FnMut(&AudioFrame)) {
        if !self.collected().is_none_or(|slice| Run::to_end_of(slice).is_continued_by(frame)) {
            self.flush(&mut emit);
        }
        let mut from = frame.first_sample;
        while from < frame.end_sample() {
            let boundary = self.frame_rate.boundary_after(from, frame.sample_rate);
            let to = boundary.min(frame.end_sample());
            let is_slice = to == boundary && self.collected().is_none() && to - from == frame.samples() as u64;
            if is_slice {
                emit(frame);
            } else {
                self.collect(frame, from, to);
                if to == boundary {
                    self.flush(&mut emit);
                }
            }
            from = to;
        }
    }

    /// Hands what was collected since the last boundary to `emit`, if anything: samples are missing behind it.
    pub fn flush(&mut self, mut emit: impl FnMut(&AudioFrame)) {
        let Some(slice) = &mut self.slice else { return };
        if slice.samples() > 0 {
            emit(slice);
            slice.channel_a.clear();
            slice.channel_b.clear();
        }
    }

    fn collected(&self) -> Option<&AudioFrame> {
        self.slice.as_ref().filter(|slice| slice.samples() > 0)
    }

    /// Appends samples `from..to` of `frame`.
    fn collect(&mut self, frame: &AudioFrame, from: u64, to: u64) {
        let slice = self.slice.get_or_insert_with(|| empty_at(frame, frame.first_sample));
        if slice.samples() == 0 {
            let (channel_a, channel_b) = (mem::take(&mut slice.channel_a), mem::take(&mut slice.channel_b));
            *slice = AudioFrame { channel_a, channel_b, ..empty_at(frame, from) };
        }
        let range = (from - frame.first_sample) as usize..(to - frame.first_sample) as usize;
        slice.channel_a.extend_from_slice(&frame.channel_a[range.clone()]);
        if !frame.is_mono() {
            slice.channel_b.extend_from_slice(&frame.channel_b[range]);
        }
        slice.frame_number = frame.frame_number;
        slice.flags |= flags_from(frame, from);
    }
}

/// A slice that begins with sample `first` of `frame` and holds nothing yet.
fn empty_at(frame: &AudioFrame, first: u64) -> AudioFrame {
    let Head { monotonic_us, captured_us, .. } = Head::at(frame, first);
    AudioFrame {
        first_sample: first,
        monotonic_us,
        captured_us,
        flags: FrameFlags::default(),
        channel_a: Vec::new(),
        channel_b: Vec::new(),
        ..*frame
    }
}

#[cfg(test)]
mod tests;
