//! The ledger behind [`StreamStats`]: written by the daemon's thread at each frame, read by whoever asks.

mod times;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use photophone_signal::{AudioFrame, GapCause};

use super::levels::Levels;
use super::{Audience, DaemonState, FrameTally, PerChannel, SamplesLost, StateChange, StreamStats};
use crate::clock::SharedClock;
use crate::source::SourceInfo;
use times::FrameTimes;

pub(super) struct Ledger {
    clock: SharedClock,
    started_us: u64,
    entries: Mutex<Entries>,
}

struct Entries {
    total_frames: u64,
    samples_total: u64,
    samples_lost: SamplesLost,
    clipped: PerChannel<u64>,
    nonfinite: u64,
    last_update_ms: Option<u64>,
    measured_rate_hz: Option<f64>,
    times: FrameTimes,
    levels: Levels,
    state: Arc<StateChange>,
    source: Option<Arc<SourceInfo>>,
}

impl Ledger {
    pub(super) fn new(clock: SharedClock) -> Self {
        let state = StateChange {
            state: DaemonState::Starting,
            reason: None,
            epoch: None,
            sample_rate: None,
            channels: None,
            at_us: clock.utc_us(),
        };
        let entries = Entries {
            total_frames: 0,
            samples_total: 0,
            samples_lost: SamplesLost::default(),
            clipped: PerChannel::default(),
            nonfinite: 0,
            last_update_ms: None,
            measured_rate_hz: None,
            times: FrameTimes::default(),
            levels: Levels::default(),
            state: Arc::new(state),
            source: None,
        };
        Self { started_us: clock.now_us(), clock, entries: Mutex::new(entries) }
    }

    pub(super) fn count_frame(&self, frame: &AudioFrame, tally: FrameTally) {
        let now_us = self.clock.now_us();
        let mut entries = self.lock();
        entries.total_frames += 1;
        entries.samples_total += frame.samples() as u64;
        entries.clipped.a += tally.clipped.a;
        entries.clipped.b += tally.clipped.b;
        entries.nonfinite += tally.nonfinite;
        entries.last_update_ms = Some(self.clock.utc_us() / 1000);
        entries.levels.add(frame, now_us);
        entries.times.add(now_us, frame.sample_rate.micros_of(frame.samples() as u64));
    }

    pub(super) fn count_gap(&self, cause: GapCause, samples: u64) {
        let mut entries = self.lock();
        match cause {
            GapCause::Device => entries.samples_lost.device += samples,
            GapCause::Ring => entries.samples_lost.ring += samples,
            GapCause::Reopen => entries.samples_lost.reopen += samples,
            // Lost behind the stream: those who lose them count them.
            GapCause::Subscriber | GapCause::History | GapCause::Processor => {}
        }
    }

    pub(super) fn set_measured_rate_hz(&self, rate_hz: Option<f64>) {
        self.lock().measured_rate_hz = rate_hz;
    }

    pub(super) fn set_state(&self, state: Arc<StateChange>, source: Option<Arc<SourceInfo>>) {
        let mut entries = self.lock();
        entries.state = state;
        entries.source = source;
    }

    pub(super) fn state(&self) -> Arc<StateChange> {
        Arc::clone(&self.lock().state)
    }

    pub(super) fn source(&self) -> Option<Arc<SourceInfo>> {
        self.lock().source.clone()
    }

    pub(super) fn stats(&self, audience: &Audience) -> StreamStats {
        // Ahead of the lock, for which the daemon waits at each frame: summing what viewers lost takes as long as there
        // are viewers.
        let (dropped_frames, active_subscribers) = (audience.dropped_frames(), audience.subscribers());
        let now_us = self.clock.now_us();
        let entries = self.lock();
        let (state, longest_frame_us) = (&entries.state, entries.times.longest_frame_us());
        StreamStats {
            total_frames: entries.total_frames,
            dropped_frames,
            active_subscribers,
            stalled_viewers: audience.stalled_viewers(),
            fps: entries.times.fps(now_us),
            last_update: entries.last_update_ms,
            sample_rate: state.sample_rate,
            channels: state.channels,
            samples_total: entries.samples_total,
            samples_lost: entries.samples_lost,
            clipped_samples: entries.clipped,
            nonfinite_samples: entries.nonfinite,
            peak_dbfs: entries.levels.peak_dbfs(now_us, longest_frame_us),
            rms_dbfs: entries.levels.rms_dbfs(now_us, longest_frame_us),
            state: state.state,
            state_reason: state.reason.clone(),
            epoch: state.epoch,
            uptime_secs: now_us.saturating_sub(self.started_us) as f64 * 1e-6,
            measured_rate_hz: entries.measured_rate_hz,
            rate_deviation_ppm: entries.rate_deviation_ppm(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn rate_deviation_ppm(&self) -> Option<f64> {
        let nominal_hz = f64::from(self.state.sample_rate?);
        self.measured_rate_hz.map(|measured_hz| (measured_hz / nominal_hz - 1.0) * 1e6)
    }
}
