//! What the log says of the stream while it runs: a line of counters at intervals, and a warning when frames come too
//! slowly.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::config::Config;
use crate::descriptors::{self, DescriptorWatch};
use crate::source::PaceInfo;
use crate::stream::{DaemonState, SharedAudioStream, StreamStats};

/// Writes the counters to the log at intervals, and a warning when frames come too slowly or descriptors run out. Never
/// ends by itself.
pub(crate) async fn report_at_intervals(stream: SharedAudioStream, config: Arc<ArcSwap<Config>>) {
    // Beside each other: descriptors are counted on a pool that can be busy, and a look at the stream stands for a
    // second.
    tokio::join!(watch_stream(stream, config), watch_descriptors());
}

async fn watch_descriptors() {
    let (mut few_descriptors, mut seconds) = (DescriptorWatch::default(), every_second());
    loop {
        seconds.tick().await;
        if let Ok(Ok(used)) = tokio::task::spawn_blocking(descriptors::used).await {
            few_descriptors.look(used);
        }
    }
}

async fn watch_stream(stream: SharedAudioStream, config: Arc<ArcSwap<Config>>) {
    let (mut alarm, mut pause, mut seconds) = (FrameRateAlarm::default(), StatsPause::default(), every_second());
    loop {
        seconds.tick().await;
        let (config, stats) = (config.load(), stream.stats());
        let min_fps = config.stream.warn_below_fps();
        if let Some(news) = alarm.look(expects_frames(&stream, &stats), stats.fps, min_fps) {
            log_frame_rate(news, stats.fps, min_fps);
        }
        if pause.ends(config.log.stats_secs) {
            log_stats(&stats);
        }
    }
}

/// Ticks at least a second apart, whatever delays them: ticks that catch up would count seconds that have not passed.
fn every_second() -> Interval {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    seconds
}

/// The seconds since the last line of counters.
#[derive(Debug, Default)]
struct StatsPause(u32);

impl StatsPause {
    /// Looks, once per second, whether `every_secs` have passed since it last said so; never for 0.
    fn ends(&mut self, every_secs: u32) -> bool {
        self.0 += 1;
        let ends = (1..=self.0).contains(&every_secs);
        if ends || every_secs == 0 {
            self.0 = 0;
        }
        ends
    }
}

/// Decides once per look whether the frame rate deserves a line in the log.
#[derive(Debug, Default)]
struct FrameRateAlarm {
    low: bool,
    steady_looks: u32,
    min_fps: f64,
}

/// Looks, one per second, after which the sliding window of the rate (3 s) holds nothing from before frames flowed.
const STEADY_LOOKS_MIN: u32 = 5;

/// Frames at the limit that have to be waited for: the window of a slow rate is 4 frames long.
const STEADY_FRAMES_MIN: f64 = 5.0;

/// What to say about the frame rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrameRateNews {
    /// It fell below the limit.
    Low,
    /// It is above the limit again.
    Recovered,
}

impl FrameRateAlarm {
    /// Looks at the rate, once per second; there is news only when it crosses the limit while frames are expected, and
    /// not before frames at another limit are out of the window.
    fn look(&mut self, expected: bool, fps: f64, min_fps: f64) -> Option<FrameRateNews> {
        let goes_on = expected && min_fps == self.min_fps;
        self.min_fps = min_fps;
        self.steady_looks = if goes_on { self.steady_looks.saturating_add(1) } else { u32::from(expected) };
        if self.steady_looks < STEADY_LOOKS_MIN || f64::from(self.steady_looks) * min_fps < STEADY_FRAMES_MIN {
            return None;
        }
        let low = fps < min_fps;
        if low == self.low {
            return None;
        }
        self.low = low;
        Some(if low { FrameRateNews::Low } else { FrameRateNews::Recovered })
    }
}

/// Whether frames are expected to come by the clock: the source runs, and not as fast as viewers take it.
fn expects_frames(stream: &SharedAudioStream, stats: &StreamStats) -> bool {
    let runs = matches!(stats.state, DaemonState::Running | DaemonState::Silent);
    runs && stream.source().is_some_and(|source| source.pace != PaceInfo::Fast)
}

/// The line of counters.
fn log_stats(stats: &StreamStats) {
    let lost = stats.samples_lost.device + stats.samples_lost.ring + stats.samples_lost.reopen;
    log::info!(
        fps = rounded(stats.fps), subscribers = stats.active_subscribers, frames = stats.total_frames,
        samples_lost = lost, dropped_frames = stats.dropped_frames, state:% = stats.state; "Stream");
}

/// The line about the frame rate.
fn log_frame_rate(news: FrameRateNews, fps: f64, min_fps: f64) {
    let (fps, min_fps) = (rounded(fps), rounded(min_fps));
    match news {
        FrameRateNews::Low => log::warn!(fps, min_fps; "Frames come too slowly"),
        FrameRateNews::Recovered => log::info!(fps, min_fps; "Frames come fast enough again"),
    }
}

/// To thousandths: the slowest rate is one frame in ten seconds.
fn rounded(fps: f64) -> f64 {
    (fps * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use photophone_signal::units::SampleRate;
    use photophone_signal::{AudioFrame, Epoch, FrameFlags};

    use super::*;
    use crate::clock::{Clock, ManualClock};
    use crate::config::StreamConfig;
    use crate::stream::{Bounds, FrameTally};

    #[test]
    fn counters_are_told_every_so_many_seconds() {
        let mut pause = StatsPause::default();
        let mut told = |every_secs, looks: usize| (0..looks).filter(|_| pause.ends(every_secs)).count();
        assert_eq!((told(1, 7), told(3, 12), told(0, 100)), (7, 4, 0));
        assert_eq!((told(3, 2), told(3, 1)), (0, 1), "the time while it was off does not count");
        assert_eq!((told(10, 8), told(2, 1)), (0, 1), "a shorter pause that has passed already ends at once");
    }

    #[test]
    fn there_is_one_warning_and_one_recovery() {
        let mut alarm = FrameRateAlarm::default();
        let mut news = |expected, rates: &[f64]| -> Vec<_> {
            rates.iter().filter_map(|&fps| alarm.look(expected, fps, 10.0)).collect()
        };
        assert_eq!(news(true, &[0.0, 9.0, 20.0, 30.0, 30.0, 30.0]), [], "the window fills");
        assert_eq!(news(true, &[9.0, 8.0, 0.0, 30.0, 30.0]), [FrameRateNews::Low, FrameRateNews::Recovered]);
        assert_eq!(news(false, &[0.0; 10]), [], "an outage is told by the state");
        assert_eq!(news(true, &[3.0, 9.0, 30.0, 30.0, 30.0]), []);
    }

    /// A stream and its alarm, which looks at it every second.
    struct Watched {
        clock: Arc<ManualClock>,
        stream: SharedAudioStream,
        alarm: FrameRateAlarm,
        frames: u64,
        next_look_us: u64,
    }

    impl Watched {
        fn new() -> Self {
            let clock = ManualClock::starting_at(0);
            let stream = SharedAudioStream::new(Bounds { history_bytes: 0, ..Bounds::default() }, clock.clone());
            Self { clock, stream, alarm: FrameRateAlarm::default(), frames: 0, next_look_us: 300_000 }
        }

        /// Lets time pass until `until_us`, a look at each second of it.
        fn wait(&mut self, until_us: u64, target_fps: f64, news: &mut Vec<FrameRateNews>) {
            let min_fps = StreamConfig { target_fps, ..StreamConfig::default() }.warn_below_fps();
            while self.next_look_us <= until_us {
                self.clock.sleep_until_us(self.next_look_us);
                self.next_look_us += 1_000_000;
                news.extend(self.alarm.look(true, self.stream.stats().fps, min_fps));
            }
            self.clock.sleep_until_us(until_us);
        }

        /// Publishes `frames` frames of `target_fps`, each late by up to a fifth of its length.
        fn run(&mut self, target_fps: f64, frames: u64) -> Vec<FrameRateNews> {
            let (mut news, begin_us, rate_hz) = (Vec::new(), self.clock.now_us(), 1000);
            for frame in 1..=frames {
                let late = 0.2 * (frame * 7919 % 10) as f64 / 10.0;
                let due_us = begin_us + ((frame as f64 + late) * 1e6 / target_fps) as u64;
                self.wait(due_us, target_fps, &mut news);
                let samples = (f64::from(rate_hz) / target_fps) as usize;
                self.stream.publish_frame(self.frame(rate_hz, samples), FrameTally::default());
                self.frames += 1;
            }
            news
        }

        fn halt(&mut self, target_fps: f64, frames: f64) -> Vec<FrameRateNews> {
            let mut news = Vec::new();
            self.wait(self.clock.now_us() + (frames * 1e6 / target_fps) as u64, target_fps, &mut news);
            news
        }

        fn frame(&self, rate_hz: u32, samples: usize) -> AudioFrame {
            AudioFrame {
                epoch: Epoch::from_random_bytes([1; 16]),
                frame_number: self.frames,
                first_sample: 0,
                sample_rate: SampleRate::new(rate_hz).unwrap(),
                monotonic_us: 0,
                captured_us: 0,
                flags: FrameFlags::default(),
                channel_a: vec![0.0; samples],
                channel_b: Vec::new(),
            }
        }
    }

    #[test]
    fn whatever_the_frame_rate_there_is_news_of_a_halt_only() {
        for target_fps in [0.1, 0.5, 1.0, 1.5, 3.0, 30.0, 1000.0] {
            let mut watched = Watched::new();
            let frames = (20.0 * target_fps) as u64 + 60;
            assert_eq!(watched.run(target_fps, frames), [], "{target_fps}");
            assert_eq!(watched.halt(target_fps, 5.0 + 5.0 * target_fps), [FrameRateNews::Low], "{target_fps}");
            assert_eq!(watched.run(target_fps, frames), [FrameRateNews::Recovered], "{target_fps}");
        }
    }

    #[test]
    fn a_reload_to_another_frame_rate_is_no_news() {
        let mut watched = Watched::new();
        for target_fps in [30.0, 0.1, 1.0, 0.1, 30.0] {
            assert_eq!(watched.run(target_fps, (20.0 * target_fps) as u64 + 60), [], "{target_fps}");
        }
    }
}
