//! The framer: cuts consecutive samples into frames by the sample clock. Pure: no clock, no I/O.
//!
//! Frame boundaries are the grid of a [`FrameRate`](photophone_signal::FrameRate), so they never drift: after a gap or
//! a change of the frame rate the first frame is short, up to the next boundary of the grid.

use crate::stream::{FrameTally, PerChannel};

/// Samples collected for the next frame, cleaned on the way in.
#[derive(Debug, Default)]
pub(super) struct Framer {
    channel_a: Vec<f32>,
    channel_b: Vec<f32>,
    tally: FrameTally,
}

/// The samples of a finished frame.
#[derive(Debug, Default, PartialEq)]
pub(super) struct CutFrame {
    pub(super) channel_a: Vec<f32>,
    pub(super) channel_b: Vec<f32>,
    pub(super) tally: FrameTally,
}

impl Framer {
    /// Samples per channel collected so far.
    pub(super) fn len(&self) -> usize {
        self.channel_a.len()
    }

    /// Adds samples; NaN and infinities become 0 and are counted, as are samples at `clip_level` and beyond.
    pub(super) fn push(&mut self, channel_a: &[f32], channel_b: &[f32], clip_level: f32) {
        let a = append_clean(&mut self.channel_a, channel_a, clip_level);
        let b = append_clean(&mut self.channel_b, channel_b, clip_level);
        self.tally.clipped.a += a.clipped;
        self.tally.clipped.b += b.clipped;
        self.tally.nonfinite += a.nonfinite + b.nonfinite;
    }

    /// Hands out what was collected and starts anew.
    pub(super) fn cut(&mut self) -> CutFrame {
        let samples = self.channel_a.len();
        let next_b = Vec::with_capacity(self.channel_b.len());
        CutFrame {
            channel_a: std::mem::replace(&mut self.channel_a, Vec::with_capacity(samples)),
            channel_b: std::mem::replace(&mut self.channel_b, next_b),
            tally: std::mem::take(&mut self.tally),
        }
    }
}

struct ChannelTally {
    clipped: u64,
    nonfinite: u64,
}

fn append_clean(to: &mut Vec<f32>, samples: &[f32], clip_level: f32) -> ChannelTally {
    let mut tally = ChannelTally { clipped: 0, nonfinite: 0 };
    to.extend(samples.iter().map(|&sample| {
        if !sample.is_finite() {
            tally.nonfinite += 1;
            return 0.0;
        }
        tally.clipped += u64::from(sample.abs() >= clip_level);
        sample
    }));
    tally
}

impl CutFrame {
    pub(super) fn clipped(&self) -> bool {
        self.tally.clipped != PerChannel::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_and_infinity_become_zero_and_are_counted() {
        let mut framer = Framer::default();
        framer.push(&[0.5, f32::NAN, f32::INFINITY, -1.0], &[1.5, 0.0, 0.0, f32::NEG_INFINITY], 1.0);
        let frame = framer.cut();
        assert_eq!(frame.channel_a, [0.5, 0.0, 0.0, -1.0]);
        assert_eq!(frame.channel_b, [1.5, 0.0, 0.0, 0.0]);
        assert_eq!(frame.tally, FrameTally { clipped: PerChannel { a: 1, b: 1 }, nonfinite: 3 });
        assert_eq!(framer.cut(), CutFrame::default());
    }
}
