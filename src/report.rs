//! What the log says of the stream while it runs: a line of counters at intervals, and a warning when frames come too
//! slowly.

use crate::source::PaceInfo;
use crate::stream::{DaemonState, SharedAudioStream, StreamStats};

/// Decides once per look whether the frame rate deserves a line in the log.
#[derive(Debug, Default)]
pub(crate) struct FrameRateAlarm {
    low: bool,
    steady_looks: u32,
}

/// Looks, one per second, after which the sliding window of the rate (3 s) holds nothing from before frames flowed.
const STEADY_LOOKS_MIN: u32 = 5;

/// What to say about the frame rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameRateNews {
    /// It fell below the limit.
    Low,
    /// It is above the limit again.
    Recovered,
}

impl FrameRateAlarm {
    /// Looks at the rate, once per second; there is news only when it crosses the limit while frames are expected.
    pub(crate) fn look(&mut self, expected: bool, fps: f64, min_fps: f64) -> Option<FrameRateNews> {
        self.steady_looks = if expected { self.steady_looks.saturating_add(1) } else { 0 };
        if self.steady_looks < STEADY_LOOKS_MIN {
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
pub(crate) fn expects_frames(stream: &SharedAudioStream, stats: &StreamStats) -> bool {
    let runs = matches!(stats.state, DaemonState::Running | DaemonState::Silent);
    runs && stream.source().is_some_and(|source| source.pace != PaceInfo::Fast)
}

/// The line of counters.
pub(crate) fn log_stats(stats: &StreamStats) {
    let lost = stats.samples_lost.device + stats.samples_lost.ring + stats.samples_lost.reopen;
    log::info!(
        fps = tenths(stats.fps), subscribers = stats.active_subscribers, frames = stats.total_frames,
        samples_lost = lost, dropped_frames = stats.dropped_frames, state:% = stats.state; "Stream");
}

/// The line about the frame rate.
pub(crate) fn log_frame_rate(news: FrameRateNews, fps: f64, min_fps: f64) {
    match news {
        FrameRateNews::Low => log::warn!(fps = tenths(fps), min_fps = min_fps; "Frames come too slowly"),
        FrameRateNews::Recovered => log::info!(fps = tenths(fps), min_fps = min_fps; "Frames come fast enough again"),
    }
}

fn tenths(fps: f64) -> f64 {
    (fps * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
