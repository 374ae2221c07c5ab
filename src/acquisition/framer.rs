//! The framer: cuts consecutive samples into frames by the sample clock. Pure: no clock, no I/O.
//!
//! Frame boundaries are a grid anchored to sample 0 of the epoch, so they never drift, and equal settings give equal
//! boundaries whatever happened before: after a gap or a change of the frame rate the first frame is short, up to the
//! next boundary of the grid.

use photophone_signal::units::SampleRate;

use crate::stream::{FrameTally, PerChannel};

/// Frames per second as a whole number of millionths, so that boundaries are exact integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRate {
    micro_fps: u64,
}

impl FrameRate {
    /// The nearest representable rate, at least one millionth of a frame per second.
    pub fn from_fps(fps: f64) -> Self {
        Self { micro_fps: ((fps * 1e6).round() as u64).max(1) }
    }

    /// First boundary after sample `index`: the smallest ⌊k · rate / fps⌋ above it. Exact for every index below 2^53.
    pub fn boundary_after(self, index: u64, rate: SampleRate) -> u64 {
        let samples_per_frame = (u128::from(rate.hz()) * 1_000_000, u128::from(self.micro_fps));
        let (numerator, denominator) = samples_per_frame;
        // The smallest k with k · numerator / denominator >= index + 1.
        let k = ((u128::from(index) + 1) * denominator).div_ceil(numerator);
        (k * numerator / denominator) as u64
    }
}

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
    use photophone_signal::MAX_SAMPLE_INDEX;
    use proptest::prelude::*;

    use super::*;

    fn lengths(rate_hz: u32, fps: f64, from: u64, frames: usize) -> Vec<u64> {
        let rate = SampleRate::new(rate_hz).unwrap();
        let mut at = from;
        let mut lengths = Vec::new();
        for _ in 0..frames {
            let next = FrameRate::from_fps(fps).boundary_after(at, rate);
            lengths.push(next - at);
            at = next;
        }
        lengths
    }

    #[test]
    fn a_whole_ratio_gives_equal_frames() {
        assert_eq!(lengths(48_000, 30.0, 0, 4), [1600; 4]);
    }

    #[test]
    fn a_fractional_ratio_never_drifts() {
        let lengths = lengths(44_100, 32.0, 0, 32 * 60);
        assert!(lengths.iter().all(|length| [1378, 1379].contains(length)));
        assert_eq!(lengths.iter().sum::<u64>(), 44_100 * 60);
    }

    #[test]
    fn after_a_gap_the_first_frame_ends_on_the_grid() {
        assert_eq!(lengths(48_000, 30.0, 1000, 3), [600, 1600, 1600]);
        assert_eq!(lengths(48_000, 30.0, 1600, 2), [1600, 1600]);
    }

    #[test]
    fn more_frames_than_samples_give_one_sample_per_frame() {
        assert_eq!(lengths(8, 1000.0, 0, 3), [1, 1, 1]);
    }

    proptest! {
        #[test]
        fn a_boundary_is_the_next_point_of_the_grid(
            index in 0..MAX_SAMPLE_INDEX, rate_hz in 1..1_600_000_u32, micro_fps in 1..1_000_000_000_u64,
        ) {
            let rate = SampleRate::new(rate_hz).unwrap();
            let boundary = FrameRate { micro_fps }.boundary_after(index, rate);
            prop_assert!(boundary > index);
            let grid = |k: u128| k * u128::from(rate_hz) * 1_000_000 / u128::from(micro_fps);
            let k = (u128::from(boundary) * u128::from(micro_fps)).div_ceil(u128::from(rate_hz) * 1_000_000);
            let on_grid = grid(k) == u128::from(boundary) || grid(k.saturating_sub(1)) == u128::from(boundary);
            prop_assert!(on_grid);
            prop_assert!(k < 2 || grid(k - 2) <= u128::from(index));
        }
    }

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
