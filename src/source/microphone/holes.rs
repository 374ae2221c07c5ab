//! Time of the samples: where the capture timestamps say that samples are missing, and when each was captured by this
//! machine's clock. Pure: timestamps in, verdicts out.
//!
//! Two clocks meet. Samples count the device's clock; timestamps tell the stream's clock, whose origin is arbitrary
//! and which may run apart from ours by some hundred ppm. Both relations are kept as an envelope: the *earliest* time
//! seen is nearest to the truth, since whatever disturbs a timestamp makes it late.

use photophone_signal::units::SampleRate;

use crate::source::handoff::{BlockHeader, Stamp};

/// An overrun shorter than this cannot be told from the jitter of timestamps, in nanoseconds.
const SHORTEST_XRUN_NS: f64 = 1e5;

/// Share of a late timestamp that moves the sample envelope: a slow device is followed within some buffers, a single
/// late one hardly counts.
const ENVELOPE_RISE: f64 = 1.0 / 8.0;

/// The fastest that our clock may run against the stream's: 1000 ppm covers crystals (200) and NTP slewing (500).
const CLOCK_RISE: f64 = 1e-3;

/// What the time of a buffer says about the samples before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It follows the buffer before (and its counted drops).
    Continuous,
    /// About this many samples are missing before it; never 0.
    Hole(u64),
    /// Samples seem to be missing, and nothing but the time says so: the next buffer has to confirm it.
    Suspect,
}

/// The relation of sample index to capture time within one stream.
#[derive(Debug)]
pub(super) struct HoleDetector {
    rate_hz: f64,
    /// Samples from the start of the stream to the next buffer: delivered, dropped and estimated missing ones.
    index: u64,
    /// Earliest origin seen: capture time minus the index's time.
    envelope_ns: Option<f64>,
    xruns: u64,
    /// Our clock minus the stream's, and the stream's time when that was last brought up to date.
    clock: Option<(f64, u64)>,
}

impl HoleDetector {
    /// A detector for a stream that begins.
    pub(super) fn starting(rate: SampleRate) -> Self {
        Self { rate_hz: f64::from(rate.hz()), index: 0, envelope_ns: None, xruns: 0, clock: None }
    }

    /// Judges the buffer that came next, without accepting it.
    ///
    /// `later` is the buffer after it, if it has come: a late timestamp that is right again there was jitter.
    pub(super) fn judge(&self, header: &BlockHeader, later: Option<&BlockHeader>) -> Verdict {
        let Some(excess_ns) = self.excess_ns(self.index + header.dropped_before, &header.stamp) else {
            return Verdict::Continuous;
        };
        if header.stamp.xruns > self.xruns {
            return self.hole(excess_ns, SHORTEST_XRUN_NS);
        }
        let shortest_ns = self.shortest_unreported_ns(header.samples);
        if excess_ns < shortest_ns {
            return Verdict::Continuous;
        }
        let Some(later) = later else { return Verdict::Suspect };
        if later.stamp.xruns > header.stamp.xruns {
            return self.hole(excess_ns, shortest_ns);
        }
        let later_index = self.index + header.dropped_before + header.samples as u64 + later.dropped_before;
        let confirmed_ns =
            self.excess_ns(later_index, &later.stamp).map_or(excess_ns, |later_ns| later_ns.min(excess_ns));
        self.hole(confirmed_ns, shortest_ns)
    }

    /// Accepts a buffer that follows `hole` missing samples.
    pub(super) fn accept(&mut self, header: &BlockHeader, hole: u64) {
        self.index += header.dropped_before + hole;
        let origin_ns = self.origin_ns(self.index, &header.stamp);
        self.envelope_ns = Some(match self.envelope_ns {
            Some(envelope_ns) if hole == 0 && origin_ns > envelope_ns => {
                envelope_ns + (origin_ns - envelope_ns) * ENVELOPE_RISE
            }
            _ => origin_ns,
        });
        self.index += header.samples as u64;
        self.xruns = header.stamp.xruns;
    }

    /// Notes that a buffer was received at `now_us` of our clock; the least delay seen ties the clocks together.
    pub(super) fn received(&mut self, stamp: &Stamp, now_us: u64) {
        let offset_us = now_us as f64 - stamp.callback_ns as f64 / 1e3;
        let kept_us = self.clock.map_or(offset_us, |(kept_us, at_ns)| {
            let elapsed_us = stamp.callback_ns.saturating_sub(at_ns) as f64 / 1e3;
            offset_us.min(kept_us + elapsed_us * CLOCK_RISE)
        });
        self.clock = Some((kept_us, stamp.callback_ns));
    }

    /// When the first sample of a buffer was captured, in microseconds of our clock.
    pub(super) fn captured_us(&self, stamp: &Stamp) -> u64 {
        let offset_us = self.clock.map_or(0.0, |(offset_us, _)| offset_us);
        (stamp.capture_ns as f64 / 1e3 + offset_us).max(0.0) as u64
    }

    fn origin_ns(&self, index: u64, stamp: &Stamp) -> f64 {
        stamp.capture_ns as f64 - index as f64 * 1e9 / self.rate_hz
    }

    fn excess_ns(&self, index: u64, stamp: &Stamp) -> Option<f64> {
        Some(self.origin_ns(index, stamp) - self.envelope_ns?)
    }

    /// Two buffers and 10 ms: sound servers report delays that jump by up to a buffer, and a busy machine delays a
    /// timestamp by milliseconds.
    fn shortest_unreported_ns(&self, samples: usize) -> f64 {
        2.0 * samples as f64 * 1e9 / self.rate_hz + 1e7
    }

    fn hole(&self, excess_ns: f64, shortest_ns: f64) -> Verdict {
        let samples = (excess_ns * self.rate_hz / 1e9).round();
        if excess_ns >= shortest_ns && samples >= 1.0 { Verdict::Hole(samples as u64) } else { Verdict::Continuous }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: usize = 480;

    fn header(capture_ms: f64, xruns: u64) -> BlockHeader {
        let capture_ns = (capture_ms * 1e6) as u64;
        BlockHeader { samples: PERIOD, dropped_before: 0, stamp: Stamp { capture_ns, callback_ns: capture_ns, xruns } }
    }

    /// A stream of 10 ms buffers that has run until 100 ms.
    fn running() -> HoleDetector {
        let mut detector = HoleDetector::starting(SampleRate::new(48_000).unwrap());
        for period in 0..10 {
            let header = header(f64::from(period) * 10.0, 0);
            assert_eq!(detector.judge(&header, None), Verdict::Continuous);
            detector.accept(&header, 0);
        }
        detector
    }

    #[test]
    fn an_xrun_is_as_long_as_the_time_it_took() {
        assert_eq!(running().judge(&header(125.0, 1), None), Verdict::Hole(1200));
    }

    #[test]
    fn an_xrun_without_missing_time_is_no_hole() {
        assert_eq!(running().judge(&header(100.05, 1), None), Verdict::Continuous);
        assert_eq!(running().judge(&header(99.0, 1), None), Verdict::Continuous);
    }

    #[test]
    fn missing_time_alone_must_be_confirmed_by_the_next_buffer() {
        let detector = running();
        let late = header(150.0, 0);
        assert_eq!(detector.judge(&late, None), Verdict::Suspect);
        assert_eq!(detector.judge(&late, Some(&header(160.0, 0))), Verdict::Hole(2400));
        assert_eq!(detector.judge(&late, Some(&header(110.0, 0))), Verdict::Continuous);
    }

    #[test]
    fn drops_of_the_ring_are_no_hole() {
        let dropped = BlockHeader { dropped_before: 4800, ..header(200.0, 0) };
        assert_eq!(running().judge(&dropped, None), Verdict::Continuous);
    }

    #[test]
    fn after_a_hole_time_runs_on_from_there() {
        let mut detector = running();
        detector.accept(&header(125.0, 1), 1200);
        assert_eq!(detector.judge(&header(135.0, 1), None), Verdict::Continuous);
        assert_eq!(detector.judge(&header(145.0, 2), None), Verdict::Hole(480));
    }

    #[test]
    fn a_device_two_percent_slow_never_looks_like_a_loss() {
        let mut detector = HoleDetector::starting(SampleRate::new(48_000).unwrap());
        for period in 0..10_000 {
            let header = header(f64::from(period) * 10.2, 0);
            assert_eq!(detector.judge(&header, None), Verdict::Continuous);
            detector.accept(&header, 0);
        }
    }

    #[test]
    fn the_shortest_delay_ties_the_clocks_and_drift_is_followed() {
        let mut detector = HoleDetector::starting(SampleRate::new(48_000).unwrap());
        let mut worst_us = 0.0_f64;
        for period in 0..60_000_u64 {
            let stream_us = period * 10_000;
            // Our clock runs 300 ppm fast against the stream's; delays wander between 0.1 and 5 ms.
            let ours_us = 1e9 + stream_us as f64 * 1.0003;
            let delay_us = 100.0 + (period * 7919 % 4900) as f64;
            let stamp = Stamp { capture_ns: stream_us * 1000, callback_ns: stream_us * 1000, xruns: 0 };
            detector.received(&stamp, (ours_us + delay_us) as u64);
            if period > 500 {
                worst_us = worst_us.max((detector.captured_us(&stamp) as f64 - ours_us).abs());
            }
        }
        assert!(worst_us < 1500.0, "{worst_us} µs");
    }
}
