//! Levels of the last second: peak and mean square, kept per frame so that old frames fall out whole. Where frames are
//! longer than a second, the levels are those of the last one.

use std::collections::VecDeque;

use photophone_signal::AudioFrame;
use photophone_signal::units::{peak_dbfs, rms_dbfs};

use super::PerChannel;
use super::summary::Summary;

/// Frames published longer ago do not count, but for the last one while the next is not overdue by as much.
const SPAN_US: u64 = 1_000_000;

/// Levels of the frames published in the last second, or of the last frame.
#[derive(Debug, Default)]
pub(super) struct Levels {
    frames: VecDeque<FrameLevel>,
}

#[derive(Clone, Copy, Debug)]
struct FrameLevel {
    published_us: u64,
    samples: usize,
    peak: PerChannel<f32>,
    sum_of_squares: PerChannel<f64>,
}

impl Levels {
    pub(super) fn add(&mut self, frame: &AudioFrame, now_us: u64) {
        let [a, b] = [&frame.channel_a, &frame.channel_b].map(|samples| Summary::of(samples));
        self.frames.push_back(FrameLevel {
            published_us: now_us,
            samples: frame.samples(),
            peak: PerChannel { a: a.peak(), b: b.peak() },
            sum_of_squares: PerChannel { a: a.sum_of_squares, b: b.sum_of_squares },
        });
        self.forget_before(now_us.saturating_sub(SPAN_US));
    }

    fn forget_before(&mut self, oldest_us: u64) {
        while self.frames.front().is_some_and(|frame| frame.published_us < oldest_us) {
            self.frames.pop_front();
        }
    }

    /// The frames that count at `now_us`, when the next may take `frame_us`.
    fn recent(&self, now_us: u64, frame_us: u64) -> impl Iterator<Item = &FrameLevel> {
        let older = self.frames.len().saturating_sub(1);
        self.frames.iter().enumerate().filter_map(move |(index, frame)| {
            let span_us = if index == older { SPAN_US + frame_us } else { SPAN_US };
            (now_us.saturating_sub(frame.published_us) <= span_us).then_some(frame)
        })
    }

    /// Peak at `now_us`, when the next frame may take `frame_us`.
    pub(super) fn peak_dbfs(&self, now_us: u64, frame_us: u64) -> PerChannel<Option<f64>> {
        let peak = |of: fn(&FrameLevel) -> f32| peak_dbfs(self.recent(now_us, frame_us).map(of).fold(0.0, f32::max));
        PerChannel { a: peak(|frame| frame.peak.a), b: peak(|frame| frame.peak.b) }
    }

    /// RMS at `now_us`, when the next frame may take `frame_us`.
    pub(super) fn rms_dbfs(&self, now_us: u64, frame_us: u64) -> PerChannel<Option<f64>> {
        let samples: usize = self.recent(now_us, frame_us).map(|frame| frame.samples).sum();
        if samples == 0 {
            return PerChannel::default();
        }
        let mean = |of: fn(&FrameLevel) -> f64| self.recent(now_us, frame_us).map(of).sum::<f64>() / samples as f64;
        let rms = |of| rms_dbfs(mean(of));
        PerChannel { a: rms(|frame| frame.sum_of_squares.a), b: rms(|frame| frame.sum_of_squares.b) }
    }
}
