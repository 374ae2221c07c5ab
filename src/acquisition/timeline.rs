//! The timeline: which monotonic and which UTC time belongs to a sample index. Pure: told the time, never asks.
//!
//! The index is the truth; times are a model of it. A device's timestamps jitter, so they are smoothed by a
//! second-order delay-locked loop (F. Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005), whose
//! output never runs backwards while blocks follow each other. Files and simulations are paced by this machine's clock: their times are exact and are
//! taken as they come. The device's true rate is a least-squares fit over the last minute.

use std::collections::VecDeque;

use photophone_signal::units::SampleRate;

use crate::source::PaceInfo;

/// Bandwidth of the loop in Hz: a few seconds to settle, jitter of single callbacks is removed.
const LOOP_BANDWIDTH_HZ: f64 = 0.1;

/// After a hole this long the loop starts anew: its gain grows with the step and would overshoot.
const LOOP_STEP_MAX_US: f64 = 500_000.0;

/// A timestamp this far from the model is a new start, not jitter.
const RESTART_US: f64 = 100_000.0;

/// The rate is fitted over this span and told once `RATE_SPAN_MIN_US` have passed.
const RATE_SPAN_US: u64 = 60_000_000;
const RATE_SPAN_MIN_US: u64 = 10_000_000;

/// One point per second is enough for the fit.
const RATE_POINT_US: u64 = 1_000_000;

/// UTC follows the system's clock by at most this much per second of stream, in microseconds: 500 ppm, as NTP slews.
const UTC_SLEW_US_PER_SEC: f64 = 500.0;

/// A system clock this far away has been set, not slewed: it is followed at once.
const UTC_STEP_US: f64 = 1_000_000.0;

/// Times of one run of samples.
#[derive(Debug)]
pub(super) struct Timeline {
    us_per_sample: f64,
    rate: SampleRate,
    smooth: bool,
    anchor: Option<Anchor>,
    rate_points: VecDeque<(u64, u64)>,
    utc_offset_us: Option<f64>,
    utc_updated_us: u64,
}

/// The loop's state: sample `index` stands at `time_us`, and samples follow `us_per_sample` apart.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    index: u64,
    time_us: f64,
    us_per_sample: f64,
}

/// Times of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SampleTime {
    pub(super) monotonic_us: u64,
    pub(super) utc_us: u64,
}

impl Timeline {
    /// A timeline for a source at `rate` whose time runs at `pace`.
    pub(super) fn new(rate: SampleRate, pace: PaceInfo) -> Self {
        let us_per_sample = 1e6 / f64::from(rate.hz());
        Self {
            us_per_sample: match pace {
                PaceInfo::Device => us_per_sample,
                PaceInfo::Clock { factor } => us_per_sample / factor,
                // All samples of a block are taken at the same moment.
                PaceInfo::Fast => 0.0,
            },
            rate,
            smooth: pace == PaceInfo::Device,
            anchor: None,
            rate_points: VecDeque::new(),
            utc_offset_us: None,
            utc_updated_us: 0,
        }
    }

    /// Learns that a block starts with sample `index` at `first_us`, while the system's clocks differ by
    /// `utc_minus_monotonic_us`.
    ///
    /// Says whether the measured rate may have changed.
    pub(super) fn observe(&mut self, index: u64, first_us: u64, utc_minus_monotonic_us: i64) -> bool {
        self.anchor = Some(self.next_anchor(index, first_us as f64));
        self.follow_utc(first_us, utc_minus_monotonic_us as f64);
        self.smooth && self.note_rate_point(index, first_us)
    }

    /// Forgets the model, as after the device was away.
    pub(super) fn restart(&mut self) {
        self.anchor = None;
        self.rate_points.clear();
    }

    /// Times of sample `index`, which lies in or near the last observed block; none before the first.
    pub(super) fn time_of(&self, index: u64) -> Option<SampleTime> {
        let anchor = self.anchor?;
        let monotonic_us = anchor.time_at(index).max(0.0);
        let utc_us = (monotonic_us + self.utc_offset_us.unwrap_or(0.0)).max(0.0);
        Some(SampleTime { monotonic_us: monotonic_us.round() as u64, utc_us: utc_us.round() as u64 })
    }

    /// Samples that a source misses which is away for `away_us`. At pace `fast`, whose samples take no time, as many
    /// as in real time.
    pub(super) fn samples_in(&self, away_us: u64) -> u64 {
        if self.us_per_sample > 0.0 {
            (away_us as f64 / self.us_per_sample) as u64
        } else {
            self.rate.samples_in(away_us)
        }
    }

    /// Time that `samples` take in microseconds, at the source's pace.
    pub(super) fn micros_of(&self, samples: u64) -> u64 {
        (samples as f64 * self.us_per_sample) as u64
    }

    /// The device's rate against the monotonic clock; none before it is known.
    pub(super) fn measured_rate_hz(&self) -> Option<f64> {
        let (&(_, first_us), &(_, last_us)) = (self.rate_points.front()?, self.rate_points.back()?);
        if last_us - first_us < RATE_SPAN_MIN_US {
            return None;
        }
        slope(&self.rate_points).map(|samples_per_us| samples_per_us * 1e6)
    }

    fn next_anchor(&self, index: u64, observed_us: f64) -> Anchor {
        let fresh = Anchor { index, time_us: observed_us, us_per_sample: self.us_per_sample };
        let Some(last) = self.anchor.filter(|last| self.smooth && index > last.index) else {
            return fresh;
        };
        let predicted_us = last.time_at(index);
        let error_us = observed_us - predicted_us;
        if error_us.abs() > RESTART_US {
            return fresh;
        }
        let samples = (index - last.index) as f64;
        if samples * last.us_per_sample > LOOP_STEP_MAX_US {
            return fresh;
        }
        let omega = std::f64::consts::TAU * LOOP_BANDWIDTH_HZ * samples * last.us_per_sample * 1e-6;
        let time_us = predicted_us + std::f64::consts::SQRT_2 * omega * error_us;
        let us_per_sample = last.us_per_sample + omega * omega * error_us / samples;
        Anchor { index, time_us: time_us.max(last.time_us), us_per_sample }
    }

    fn follow_utc(&mut self, now_us: u64, observed_offset_us: f64) {
        let Some(offset_us) = self.utc_offset_us else {
            self.utc_offset_us = Some(observed_offset_us);
            self.utc_updated_us = now_us;
            return;
        };
        let away_us = observed_offset_us - offset_us;
        let slew_us = UTC_SLEW_US_PER_SEC * now_us.saturating_sub(self.utc_updated_us) as f64 * 1e-6;
        let step_us = if away_us.abs() > UTC_STEP_US { away_us } else { away_us.clamp(-slew_us, slew_us) };
        self.utc_offset_us = Some(offset_us + step_us);
        self.utc_updated_us = now_us;
    }

    fn note_rate_point(&mut self, index: u64, first_us: u64) -> bool {
        if self.rate_points.back().is_some_and(|&(_, last_us)| first_us < last_us + RATE_POINT_US) {
            return false;
        }
        self.rate_points.push_back((index, first_us));
        while self.rate_points.front().is_some_and(|&(_, oldest_us)| oldest_us + RATE_SPAN_US < first_us) {
            self.rate_points.pop_front();
        }
        true
    }
}

impl Anchor {
    fn time_at(&self, index: u64) -> f64 {
        let samples = index as f64 - self.index as f64;
        self.time_us + samples * self.us_per_sample
    }
}

/// Least-squares slope of index over time. Both are taken relative to the first point, where f64 is exact.
fn slope(points: &VecDeque<(u64, u64)>) -> Option<f64> {
    let &(index_0, time_0) = points.front()?;
    let relative = || points.iter().map(|&(index, time)| ((index - index_0) as f64, (time - time_0) as f64));
    let count = points.len() as f64;
    let (sum_index, sum_time) = relative().fold((0.0, 0.0), |(si, st), (index, time)| (si + index, st + time));
    let (mean_index, mean_time) = (sum_index / count, sum_time / count);
    let (covariance, variance) = relative().fold((0.0, 0.0), |(covariance, variance), (index, time)| {
        let away = time - mean_time;
        (covariance + away * (index - mean_index), variance + away * away)
    });
    (variance > 0.0).then(|| covariance / variance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate() -> SampleRate {
        SampleRate::new(48_000).unwrap()
    }

    /// Blocks of 480 samples from a device at `true_hz` whose timestamps jitter by ±`jitter_us`.
    fn feed(timeline: &mut Timeline, true_hz: f64, blocks: u64, jitter_us: f64) {
        for block in 0..blocks {
            let index = block * 480;
            let jitter = jitter_us * ((block * 7919 % 13) as f64 / 6.0 - 1.0);
            timeline.observe(index, (1e6 + index as f64 * 1e6 / true_hz + jitter) as u64, 1_000_000_000);
        }
    }

    #[test]
    fn the_rate_of_a_device_is_measured_to_a_part_per_million() {
        let mut timeline = Timeline::new(rate(), PaceInfo::Device);
        feed(&mut timeline, 48_000.0 * 1.0001, 500, 100.0);
        assert_eq!(timeline.measured_rate_hz(), None, "five seconds are not enough");
        feed(&mut timeline, 48_000.0 * 1.0001, 6000, 100.0);
        let ppm = (timeline.measured_rate_hz().unwrap() / 48_000.0 - 1.0) * 1e6;
        assert!((ppm - 100.0).abs() < 1.5, "{ppm} ppm");
    }

    #[test]
    fn jitter_is_removed_and_times_never_run_backwards() {
        let mut timeline = Timeline::new(rate(), PaceInfo::Device);
        let mut last_us = 0;
        for block in 0..6000_u64 {
            let jitter = if block % 2 == 0 { 2000 } else { 0 };
            timeline.observe(block * 480, 1_000_000 + block * 10_000 + jitter, 0);
            let time_us = timeline.time_of(block * 480).unwrap().monotonic_us;
            assert!(time_us >= last_us);
            if block > 3000 {
                let expected_us = 1_001_000 + block * 10_000;
                assert!(time_us.abs_diff(expected_us) < 100, "block {block}: {time_us} against {expected_us}");
            }
            last_us = time_us;
        }
    }

    #[test]
    fn a_paced_source_keeps_its_exact_times_at_any_index() {
        let mut timeline = Timeline::new(rate(), PaceInfo::Clock { factor: 1.0 });
        let index = photophone_signal::MAX_SAMPLE_INDEX - 480;
        timeline.observe(index, 7_000_000, 5);
        assert_eq!(timeline.time_of(index + 48), Some(SampleTime { monotonic_us: 7_001_000, utc_us: 7_001_005 }));
        assert_eq!(timeline.measured_rate_hz(), None);
    }

    #[test]
    fn an_absence_is_measured_in_the_time_of_the_source() {
        for (pace, samples) in [
            (PaceInfo::Device, 48_000),
            (PaceInfo::Clock { factor: 4.0 }, 192_000),
            (PaceInfo::Clock { factor: 0.5 }, 24_000),
            (PaceInfo::Fast, 48_000),
        ] {
            assert!(Timeline::new(rate(), pace).samples_in(1_000_000).abs_diff(samples) <= 1, "{pace:?}");
        }
    }

    #[test]
    fn utc_slews_after_a_small_change_and_follows_a_set_clock_at_once() {
        let mut timeline = Timeline::new(rate(), PaceInfo::Clock { factor: 1.0 });
        timeline.observe(0, 0, 1_000_000);
        timeline.observe(48_000, 1_000_000, 1_010_000);
        assert_eq!(timeline.time_of(48_000).unwrap().utc_us, 2_000_500);
        timeline.observe(96_000, 2_000_000, 3_600_000_000);
        assert_eq!(timeline.time_of(96_000).unwrap().utc_us, 3_602_000_000);
    }
}
