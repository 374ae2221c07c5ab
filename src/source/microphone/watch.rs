//! The reader's eye on [`Signals`]: logs what degrades, at most once per [`QUIET_US`], and says when the stream is over.

use std::sync::Arc;

use super::signals::Signals;

/// Shortest time between two warnings of a kind.
const QUIET_US: u64 = 10_000_000;

/// This many errors of unclear meaning within [`FLOOD_US`] mean that the stream is dead: a broken sound server sends
/// them without end, up to 400 000 a second.
const FLOOD: u64 = 10;
const FLOOD_US: u64 = 1_000_000;

/// What has been told, and when.
#[derive(Debug)]
pub(super) struct Watch {
    signals: Arc<Signals>,
    device: String,
    xruns_told: u64,
    reroutes_told: u64,
    quiet_until_us: u64,
    /// Start of the window in which failures are counted, and their number by then.
    window: (u64, u64),
}

impl Watch {
    /// Watches the signals of a stream that starts at `now_us`.
    pub(super) fn starting(signals: Arc<Signals>, device: String, now_us: u64) -> Self {
        Self { signals, device, xruns_told: 0, reroutes_told: 0, quiet_until_us: 0, window: (now_us, 0) }
    }

    /// Looks once; says why the stream is over, if it is.
    pub(super) fn look(&mut self, now_us: u64) -> Option<&'static str> {
        if self.signals.take_realtime_denied() {
            log::info!(device = self.device.as_str(); "Audio thread runs without real-time priority, which was refused");
        }
        if now_us >= self.quiet_until_us {
            self.warn(now_us);
        }
        let failing = self.is_flooded(now_us).then_some("the sound system reports errors without end");
        self.signals.loss().map(|loss| loss.detail()).or(failing)
    }

    fn warn(&mut self, now_us: u64) {
        let (xruns, reroutes) = (self.signals.xruns(), self.signals.reroutes());
        if xruns > self.xruns_told {
            let count = xruns - self.xruns_told;
            log::warn!(device = self.device.as_str(), xruns = count, xruns_total = xruns; "Device overran");
            self.quiet_until_us = now_us + QUIET_US;
        }
        if reroutes > self.reroutes_told {
            log::warn!(device = self.device.as_str(); "The sound system moved the stream to another device");
            self.quiet_until_us = now_us + QUIET_US;
        }
        (self.xruns_told, self.reroutes_told) = (xruns, reroutes);
    }

    fn is_flooded(&mut self, now_us: u64) -> bool {
        let failures = self.signals.failures();
        let (since_us, before) = self.window;
        if failures - before >= FLOOD {
            return true;
        }
        if now_us >= since_us + FLOOD_US {
            self.window = (now_us, failures);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_errors_ends_the_stream_and_single_ones_do_not() {
        let signals = Arc::new(Signals::default());
        let mut watch = Watch::starting(Arc::clone(&signals), "mic".into(), 0);
        for second in 0..100 {
            signals.note_failure();
            assert_eq!(watch.look(second * FLOOD_US), None);
        }
        for _ in 0..FLOOD {
            signals.note_failure();
        }
        assert!(watch.look(100 * FLOOD_US).is_some());
    }
}
