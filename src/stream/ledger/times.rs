//! When the newest frames were published, and the rate that follows. Pure: times in, frames per second out.

use std::collections::VecDeque;

/// Shortest span of the rate: short enough to show a halt soon.
const SPAN_MIN_US: u64 = 3_000_000;

/// Frames that the span has room for, however long they are: so many that one which comes late by a third of its
/// length does not look like a slow stream.
const SPAN_FRAMES: u64 = 4;

/// Frames that are remembered; at the highest rate of 1000 frames/s the span needs 3000.
const FRAMES_MAX: usize = 4096;

/// Publication times of the newest frames, in monotonic microseconds.
#[derive(Debug, Default)]
pub(super) struct FrameTimes {
    frames: VecDeque<FrameTime>,
}

#[derive(Clone, Copy, Debug)]
struct FrameTime {
    published_us: u64,
    /// From here on it was awaited: from the frame before, or from its own first sample when nothing came until then.
    awaited_us: u64,
    duration_us: u64,
}

impl FrameTimes {
    pub(super) fn add(&mut self, now_us: u64, duration_us: u64) {
        let before_us = self.frames.back().map_or(0, |frame| frame.published_us);
        if self.frames.len() == FRAMES_MAX {
            self.frames.pop_front();
        }
        let awaited_us = now_us.saturating_sub(duration_us).max(before_us);
        self.frames.push_back(FrameTime { published_us: now_us, awaited_us, duration_us });
    }

    /// Longest of the last few frames: one that a gap cut short says nothing about the next.
    pub(super) fn longest_frame_us(&self) -> u64 {
        let newest = self.frames.iter().rev().take(SPAN_FRAMES as usize);
        newest.map(|frame| frame.duration_us).max().unwrap_or_default()
    }

    /// Frames of the last span over the time that they took, as far as they are about as long as the newest: those of
    /// another frame rate say nothing. Whole intervals are counted, so a slow rate reads as what
    /// it is and not as one frame more or less; while the next frame is overdue the rate falls, to 0 after a span.
    pub(super) fn fps(&self, now_us: u64) -> f64 {
        let longest_us = self.longest_frame_us();
        let span_us = SPAN_MIN_US.max(SPAN_FRAMES * longest_us);
        let recent = self.frames.partition_point(|frame| now_us.saturating_sub(frame.published_us) >= span_us);
        let is_alike = |frame: &FrameTime| (longest_us / 2..=longest_us.saturating_mul(2)).contains(&frame.duration_us);
        let outside = recent + self.frames.range(recent..).take_while(|frame| !is_alike(frame)).count();
        let (Some(first), Some(last)) = (self.frames.get(outside), self.frames.back()) else { return 0.0 };
        let frames = (self.frames.len() - outside) as f64;
        let per_second = |frames: f64, until_us: u64| frames * 1e6 / until_us.abs_diff(first.awaited_us).max(1) as f64;
        per_second(frames, last.published_us).min(per_second(frames + 1.0, now_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Publishes `frames` frames at a regular rate, the last one at the time that is returned.
    fn publish(times: &mut FrameTimes, from_us: u64, fps: f64, frames: u32) -> u64 {
        let interval_us = 1e6 / fps;
        let at_us = |frame: u32| from_us + (f64::from(frame) * interval_us) as u64;
        (1..=frames).for_each(|frame| times.add(at_us(frame), interval_us as u64));
        at_us(frames)
    }

    fn assert_near(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-3, "{found} instead of {expected}");
    }

    #[test]
    fn a_regular_rate_reads_as_it_is_from_the_first_frame_to_the_next_that_is_due() {
        for fps in [0.1, 0.5, 1.0, 30.0, 1000.0] {
            for frames in [1, 2, 5, 100, 5000] {
                let mut times = FrameTimes::default();
                // Opening the source took a while.
                let last_us = publish(&mut times, 7_000_000, fps, frames);
                assert_near(times.fps(last_us), fps);
                assert_near(times.fps(last_us + (0.99 * 1e6 / fps) as u64), fps);
            }
        }
    }

    #[test]
    fn the_rate_falls_while_a_frame_is_overdue_and_ends_at_zero() {
        for (fps, span_us) in [(0.1, 40_000_000), (1.0, 4_000_000), (30.0, 3_000_000), (1000.0, 3_000_000)] {
            let mut times = FrameTimes::default();
            let last_us = publish(&mut times, 0, fps, 5000);
            let rates: Vec<f64> = (0..=8).map(|eighth| times.fps(last_us + eighth * span_us / 8)).collect();
            assert!(rates.is_sorted_by(|a, b| a >= b), "{rates:?}");
            assert!(rates[4] < 0.9 * fps && rates[7] > 0.0 && rates[8] == 0.0, "{rates:?}");
        }
    }

    #[test]
    fn after_an_absence_the_rate_is_that_of_the_frames_since() {
        for fps in [0.1, 30.0] {
            let mut times = FrameTimes::default();
            let away_us = publish(&mut times, 0, fps, 100) + 3_600_000_000;
            let last_us = publish(&mut times, away_us, fps, 1);
            assert_near(times.fps(last_us), fps);
        }
    }

    #[test]
    fn frames_of_another_rate_are_left_out() {
        for (before, after) in [(1000.0, 0.1), (0.1, 1000.0)] {
            let mut times = FrameTimes::default();
            let changed_us = publish(&mut times, 0, before, 5000);
            let last_us = publish(&mut times, changed_us, after, 4);
            assert_near(times.fps(last_us), after);
        }
    }

    #[test]
    fn a_short_frame_does_not_shorten_the_span() {
        let mut times = FrameTimes::default();
        let last_us = publish(&mut times, 0, 0.1, 10) + 100_000;
        times.add(last_us, 100_000);
        assert!(times.fps(last_us + 9_000_000) > 0.1);
    }

    #[test]
    fn a_rate_beyond_what_is_remembered_reads_as_it_is() {
        let mut times = FrameTimes::default();
        (0..10_000).for_each(|frame| times.add(frame * 20, 33_333));
        assert_near(times.fps(10_000 * 20), 50_000.0);
    }
}
