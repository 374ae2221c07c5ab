//! The frame rate: a grid of boundaries over the samples of an epoch. Anchored to sample 0, so that equal rates give
//! equal boundaries whatever happened before.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::units::SampleRate;

/// Frames per second as a whole number of millionths, so that boundaries are exact integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameRate {
    micro_fps: u64,
}

impl FrameRate {
    /// The nearest representable rate, at least one millionth of a frame per second.
    pub fn from_fps(fps: f64) -> Self {
        Self { micro_fps: ((fps * 1e6).round() as u64).max(1) }
    }

    /// Frames per second.
    pub fn fps(self) -> f64 {
        self.micro_fps as f64 / 1e6
    }

    /// Whether `index` is a boundary; 0 is one.
    pub fn is_boundary(self, index: u64, rate: SampleRate) -> bool {
        index.checked_sub(1).is_none_or(|before| self.boundary_after(before, rate) == index)
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

/// Not a rate that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a number from 0.01 to 1000")]
pub struct NotAFrameRate;

/// A rate that can be asked for, 0.01 to 1000 frames per second.
impl FromStr for FrameRate {
    type Err = NotAFrameRate;

    fn from_str(text: &str) -> Result<Self, NotAFrameRate> {
        let fps = text.parse().ok().filter(|fps| (0.01..=1000.0).contains(fps));
        fps.map(Self::from_fps).ok_or(NotAFrameRate)
    }
}

/// Frames per second, as the shortest decimal.
impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fps().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MAX_SAMPLE_INDEX;

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
    fn a_rate_knows_its_number_and_its_boundaries() {
        let (rate, fps) = (SampleRate::new(44_100).unwrap(), FrameRate::from_fps(32.0));
        assert_eq!(fps.fps(), 32.0);
        let boundaries: Vec<_> = (0..5000).filter(|index| fps.is_boundary(*index, rate)).collect();
        assert_eq!(boundaries, [0, 1378, 2756, 4134]);
    }

    #[test]
    fn more_frames_than_samples_give_one_sample_per_frame() {
        assert_eq!(lengths(8, 1000.0, 0, 3), [1, 1, 1]);
    }

    #[test]
    fn the_text_has_no_more_digits_than_the_rate() {
        let texts = [30.0, 0.1, 33.333_333_3, 1000.0].map(|fps| FrameRate::from_fps(fps).to_string());
        assert_eq!(texts, ["30", "0.1", "33.333333", "1000"]);
    }

    #[test]
    fn what_is_no_rate_is_told_what_would_be() {
        for text in ["", "0", "0.00999", "1000.1", "-1", "nan", "inf", "x"] {
            let error = text.parse::<FrameRate>().unwrap_err();
            assert_eq!(error.to_string(), "must be a number from 0.01 to 1000", "{text}");
        }
        assert_eq!("1e-2".parse(), Ok(FrameRate::from_fps(0.01)));
    }

    proptest! {
        #[test]
        fn a_boundary_is_the_next_point_of_the_grid(
            index in 0..MAX_SAMPLE_INDEX, rate_hz in 1..1_600_000_u32, micro_fps in 1..1_000_000_000_u64,
        ) {
            let rate = SampleRate::new(rate_hz).unwrap();
            let boundary = FrameRate { micro_fps }.boundary_after(index, rate);
            prop_assert!(boundary > index);
            let frame_rate = FrameRate { micro_fps };
            prop_assert!(frame_rate.is_boundary(boundary, rate) && frame_rate.is_boundary(0, rate));
            prop_assert!(boundary == index + 1 || !frame_rate.is_boundary(boundary - 1, rate));
            let grid = |k: u128| k * u128::from(rate_hz) * 1_000_000 / u128::from(micro_fps);
            let k = (u128::from(boundary) * u128::from(micro_fps)).div_ceil(u128::from(rate_hz) * 1_000_000);
            let on_grid = grid(k) == u128::from(boundary) || grid(k.saturating_sub(1)) == u128::from(boundary);
            prop_assert!(on_grid);
            prop_assert!(k < 2 || grid(k - 2) <= u128::from(index));
        }
    }
}
