//! What the log says of the stream while it runs: a line of counters at intervals, and a warning when frames come too
//! slowly.

use crate::source::PaceInfo;
use crate::stream::{DaemonState, SharedAudioStream, StreamStats};

/// Decides once per look whether the frame rate deserves a line in the log.
#[derive(Debug, Default)]
pub(crate) struct FrameRateAlarm {
    low: bool,
}

/// What to say about the frame rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameRateNews {
    /// It fell below the limit.
    Low,
    /// It is above the limit again.
    Recovered,
}

impl FrameRateAlarm {
    /// Looks at the rate; there is news only when it crosses the limit.
    pub(crate) fn look(&mut self, fps: f64, min_fps: f64) -> Option<FrameRateNews> {
        let low = fps < min_fps;
        if low == self.low {
            return None;
        }
        self.low = low;
        Some(if low { FrameRateNews::Low } else { FrameRateNews::Recovered })
    }
}

/// Whether frames are expected at the configured rate: a device or file is running in real time and has been for long
/// enough that the sliding window of the rate is full.
pub(crate) fn is_frame_rate_meaningful(stream: &SharedAudioStream, stats: &StreamStats) -> bool {
    let settled = matches!(stats.state, DaemonState::Running | DaemonState::Silent | DaemonState::Stalled);
    let paced = stream.source().is_some_and(|source| source.pace != PaceInfo::Fast);
    settled && paced && stats.uptime_secs > 5.0
}

/// The line of counters.
pub(crate) fn log_stats(stats: &StreamStats) {
    let lost = stats.samples_lost.device + stats.samples_lost.ring + stats.samples_lost.reopen;
    log::info!(
        fps = (stats.fps * 10.0).round() / 10.0, subscribers = stats.active_subscribers, frames = stats.total_frames,
        samples_lost = lost, dropped_frames = stats.dropped_frames, state:% = stats.state; "Stream");
}

/// The line about the frame rate.
pub(crate) fn log_frame_rate(news: FrameRateNews, fps: f64, min_fps: f64) {
    match news {
        FrameRateNews::Low => log::warn!(fps = fps, min_fps = min_fps; "Frames come too slowly"),
        FrameRateNews::Recovered => log::info!(fps = fps, min_fps = min_fps; "Frames come fast enough again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_warning_and_one_recovery() {
        let mut alarm = FrameRateAlarm::default();
        let news: Vec<_> = [30.0, 9.0, 8.0, 0.0, 30.0, 30.0].map(|fps| alarm.look(fps, 10.0)).into();
        assert_eq!(news, [None, Some(FrameRateNews::Low), None, None, Some(FrameRateNews::Recovered), None]);
    }
}
