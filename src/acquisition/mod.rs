//! The acquisition daemon: one thread that opens the source, reads it, and never gives up what can be had again.
//!
//! It knows no viewer and no spectrum. `track` numbers samples and publishes frames, `framer` cuts them,
//! `timeline` dates them; this file decides what to do when the source fails.

mod failure;
mod framer;
mod retry;
mod silence;
mod timeline;
mod track;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use photophone_signal::Epoch;
use uuid::Uuid;

use crate::clock::{Clock, SharedClock};
use crate::config::{SourceConfig, StreamConfig};
use crate::source::{AudioSource, Delivery, OpenSource, Reaction, SampleBlock, SourceError, SourceInfo};
use crate::stream::{Covers, DaemonState, Demand, Idle, SharedAudioStream, StateChange, StateReason};
use failure::FailureWatch;
use retry::Retry;
use silence::SilenceDetector;
use track::{Continuity, Track};

/// Longest wait before the daemon looks whether it should stop, in microseconds.
const SLICE_US: u64 = 50_000;

/// Samples that a source must be late by to be stalled, however far apart they are.
const STALL_SAMPLES_MIN: u64 = 4;

/// Reads a source and publishes its samples until it is stopped, the file ends or nothing can be done.
pub struct AcquisitionDaemon {
    opener: Box<dyn OpenSource>,
    stream: SharedAudioStream,
    clock: SharedClock,
    control: Arc<Control>,
    silence: SilenceDetector,
    stall_us: u64,
    retry: Retry,
    track: Option<Track>,
    first_epoch: Epoch,
    block: SampleBlock,
    has_run: bool,
}

/// How the rest of the program steers the daemon.
#[derive(Debug)]
pub struct Control {
    stop: AtomicBool,
    target_fps_bits: AtomicU64,
    fast_patience_us: u64,
}

impl Control {
    /// Ends the daemon within a few tens of milliseconds.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Cuts frames at another rate from the next block on; epoch and counters go on. The frame that was being filled
    /// ends there.
    pub fn set_target_fps(&self, fps: f64) {
        self.target_fps_bits.store(fps.to_bits(), Ordering::SeqCst);
    }

    /// Frames per second asked for.
    pub fn target_fps(&self) -> f64 {
        f64::from_bits(self.target_fps_bits.load(Ordering::SeqCst))
    }

    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// At pace `fast`, waits for those who must see everything; says whether the item of so many bytes may go out.
    fn wait_at_gate(&self, stream: &SharedAudioStream, clock: &dyn Clock, bytes: usize, idle: Idle) -> bool {
        let demand = Demand { bytes, patience_us: self.fast_patience_us, idle };
        stream.gate().wait_for_room(clock, demand, || self.is_stopping())
    }
}

/// How samples flow from the open source, in monotonic microseconds.
#[derive(Clone, Copy, Debug)]
struct Flow {
    opened_us: u64,
    last_samples_us: u64,
}

/// What the daemon does next.
enum Phase {
    /// The source is closed and is opened when the retry is due.
    Opening,
    /// The source is open; since when samples flow, and when the last ones came.
    Reading(Box<dyn AudioSource>, Flow),
    /// Nothing more will come.
    Ended,
}

impl AcquisitionDaemon {
    /// A daemon for the source behind `opener` that publishes to `stream`.
    pub fn new(
        opener: Box<dyn OpenSource>,
        stream: SharedAudioStream,
        clock: SharedClock,
        source: &SourceConfig,
        settings: &StreamConfig,
    ) -> Self {
        let control = Control {
            stop: AtomicBool::new(false),
            target_fps_bits: AtomicU64::new(settings.target_fps.to_bits()),
            fast_patience_us: (settings.fast_patience_secs * 1e6) as u64,
        };
        Self {
            opener,
            stream,
            retry: Retry::new(source.retry_max_ms * 1000),
            clock,
            control: Arc::new(control),
            silence: SilenceDetector::new(source.silent_dbfs, source.silent_secs),
            stall_us: source.stall_ms * 1000,
            track: None,
            first_epoch: new_epoch(),
            block: SampleBlock::default(),
            has_run: false,
        }
    }

    /// The handle that steers this daemon.
    pub fn control(&self) -> Arc<Control> {
        Arc::clone(&self.control)
    }

    /// Runs until stopped, or until the state is finished or failed. Blocks its thread.
    pub fn run(mut self) {
        let _watch = FailureWatch { stream: self.stream.clone(), clock: Arc::clone(&self.clock) };
        self.announce(DaemonState::Starting, None);
        let mut phase = Phase::Opening;
        while !self.control.is_stopping() {
            phase = match phase {
                Phase::Opening => self.open(),
                Phase::Reading(source, flow) => self.read(source, flow),
                Phase::Ended => return,
            };
        }
    }

    fn open(&mut self) -> Phase {
        let now_us = self.clock.now_us();
        if !self.retry.is_due(now_us) {
            self.clock.sleep_until_us(self.retry.due_us().min(now_us + SLICE_US));
            return Phase::Opening;
        }
        self.retry.count_attempt(now_us);
        match self.opener.open() {
            Ok(source) => {
                self.take_over(source.info().clone());
                let opened_us = self.clock.now_us();
                Phase::Reading(source, Flow { opened_us, last_samples_us: opened_us })
            }
            Err(error) => self.fail(&error),
        }
    }

    fn take_over(&mut self, info: SourceInfo) {
        let is_new = self.track.as_ref().is_none_or(|track| **track.info() != info);
        let level = if is_new { log::Level::Info } else { log::Level::Debug };
        log::log!(level, source = info.name.as_str(), rate_hz = info.sample_rate.hz(), channels = info.channels,
            format = info.format.as_str(); "Source opened");
        self.silence.restart(info.sample_rate);
        match &mut self.track {
            Some(track) => {
                if track.resume(info) == Continuity::NewEpoch {
                    self.announce_again();
                }
            }
            None => {
                let (stream, clock) = (self.stream.clone(), Arc::clone(&self.clock));
                let track = Track::new(stream, clock, Arc::clone(&self.control), info, self.first_epoch);
                self.track = Some(track);
                // Rate and channels are known from here on.
                self.announce_again();
            }
        }
    }

    fn read(&mut self, mut source: Box<dyn AudioSource>, mut flow: Flow) -> Phase {
        let now_us = self.clock.now_us();
        self.block.clear();
        match source.read(&mut self.block, now_us + SLICE_US) {
            Ok(Delivery::Samples) => {
                self.take_samples();
                flow.last_samples_us = self.clock.now_us();
                // A device that delivers a little and dies again and again is not opened without a wait.
                if flow.last_samples_us - flow.opened_us >= self.retry.wait_max_us() {
                    self.retry.reset();
                }
            }
            Ok(Delivery::Lost { samples, cause, exact }) => {
                let continuity = self.track.as_mut().map(|track| track.lose(samples, cause, exact));
                self.tell_new_epoch(continuity);
            }
            Ok(Delivery::Idle) => {
                let stall_us = self.stall_us();
                if self.clock.now_us().saturating_sub(flow.last_samples_us) >= stall_us {
                    return self.stall(stall_us);
                }
            }
            Ok(Delivery::End) => return self.finish(),
            Err(error) => return self.fail(&error),
        }
        Phase::Reading(source, flow)
    }

    fn take_samples(&mut self) {
        self.has_run = true;
        let silent = self.silence.listen(&self.block);
        let state = if silent { DaemonState::Silent } else { DaemonState::Running };
        if self.stream.state().state != state {
            self.announce(state, silent.then(|| self.silence.reason()));
        }
        let continuity = self.track.as_mut().map(|track| track.prepare(&self.block));
        self.tell_new_epoch(continuity);
        if let Some(track) = &mut self.track {
            track.push(&self.block);
        }
    }

    /// A new epoch is told as a state change, ahead of its first frame.
    fn tell_new_epoch(&mut self, continuity: Option<Continuity>) {
        if continuity == Some(Continuity::NewEpoch) {
            self.announce_again();
        }
    }

    /// How long a source may deliver nothing: samples of a file that is played slowly may lie far apart.
    fn stall_us(&self) -> u64 {
        let samples_us = self.track.as_ref().map_or(0, |track| track.micros_of(STALL_SAMPLES_MIN));
        self.stall_us.max(samples_us)
    }

    fn stall(&mut self, stall_us: u64) -> Phase {
        self.interrupt();
        let message = format!("the source delivered nothing for {} ms", stall_us / 1000);
        self.announce(DaemonState::Stalled, Some(StateReason { code: "no_samples", message }));
        Phase::Opening
    }

    fn finish(&mut self) -> Phase {
        if let Some(track) = &mut self.track {
            track.flush();
        }
        let message = "the file has ended".to_owned();
        self.announce(DaemonState::Finished, Some(StateReason { code: "end_of_file", message }));
        Phase::Ended
    }

    fn fail(&mut self, error: &SourceError) -> Phase {
        self.interrupt();
        let reason = Some(StateReason { code: error.code(), message: error.to_string() });
        // Settings that worked once work again when the device is itself again.
        let may_recover = self.has_run && matches!(error, SourceError::Unusable { .. });
        if error.reaction() == Reaction::GiveUp && !may_recover {
            self.announce(DaemonState::Failed, reason);
            return Phase::Ended;
        }
        let state = if self.has_run { DaemonState::Reopening } else { DaemonState::WaitingForDevice };
        self.announce(state, reason);
        Phase::Opening
    }

    fn interrupt(&mut self) {
        if let Some(track) = &mut self.track {
            track.interrupt();
        }
        self.stream.set_measured_rate_hz(None);
    }

    fn announce_again(&mut self) {
        let now = self.stream.state();
        let epoch = self.track.as_ref().map_or(self.first_epoch, Track::epoch);
        log::info!(epoch:% = epoch, state:% = now.state; "Epoch begins");
        self.publish_state(now.state, now.reason.clone());
    }

    /// Publishes and logs a change; the same state for the same reason is no news.
    fn announce(&mut self, state: DaemonState, reason: Option<StateReason>) {
        let now = self.stream.state();
        let same_reason = now.reason.as_ref().map(|reason| reason.code) == reason.as_ref().map(|reason| reason.code);
        if now.state == state && same_reason && state != DaemonState::Starting {
            return;
        }
        let level = match state {
            DaemonState::Failed => log::Level::Error,
            DaemonState::Starting | DaemonState::Running | DaemonState::Finished => log::Level::Info,
            _ => log::Level::Warn,
        };
        let why = reason.as_ref().map_or("", |reason| reason.message.as_str());
        log::log!(level, state:% = state, reason = why; "Acquisition state changed");
        self.publish_state(state, reason);
    }

    fn publish_state(&mut self, state: DaemonState, reason: Option<StateReason>) {
        let info = self.track.as_ref().map(Track::info);
        let change = StateChange {
            state,
            reason,
            epoch: Some(self.track.as_ref().map_or(self.first_epoch, Track::epoch)),
            sample_rate: info.map(|info| info.sample_rate.hz()),
            channels: info.map(|info| info.channels),
            at_us: self.clock.utc_us(),
        };
        let item = self.stream.set_state(change, info.cloned());
        // A state is told whatever happens, but it must not push out a frame that somebody waits for.
        self.control.wait_at_gate(&self.stream, &*self.clock, item.size_bytes(), Idle::Pass);
        self.stream.tell_state(item);
    }
}

fn new_epoch() -> Epoch {
    Epoch::from_random_bytes(Uuid::new_v4().into_bytes())
}
