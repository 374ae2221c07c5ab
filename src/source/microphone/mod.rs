//! The microphone: a stream of the sound system (cpal, on Linux ALSA) as an [`AudioSource`].
//!
//! ```text
//! audio callback ──handoff──> MicrophoneSource::read      cpal's thread -> the daemon's thread
//! error callback ──signals──>         "                   (atomics)
//! photophone-mic: opens, keeps and drops the stream       (thread.rs)
//! ```
//!
//! `host.rs` is the only file that knows cpal. Which device: `choice.rs`, `find.rs`; which of its formats: `plan.rs`;
//! what timestamps say about losses: `holes.rs`.
//!
//! Overruns (xruns) come without a size. Their length is estimated from the capture timestamps on both sides and is
//! never exact; one without measurable missing time is counted and logged only. Time that is missing without a report
//! is a loss too, once the next buffer confirms it.

use std::sync::Arc;

use photophone_signal::GapCause;

use self::find::{find, no_host, refused};
use self::holes::{HoleDetector, Verdict};
use self::host::{Capture, Host};
use self::plan::{Plan, plan};
use self::quiet::Complaints;
use self::signals::Signals;
use self::thread::{StreamThread, Stuck, open_in_thread};
use self::watch::Watch;
use super::handoff::{BlockHeader, Receiver, handoff};
use super::{AudioSource, Delivery, OpenSource, PaceInfo, SampleBlock, SourceError, SourceInfo};
use crate::clock::SharedClock;
use crate::config::SourceConfig;

mod choice;
mod find;
mod holes;
mod host;
mod plan;
mod quiet;
mod signals;
mod thread;
mod watch;

pub use find::input_devices;

/// Longest pause between two looks at the ring. The callback may not wake anybody (that is a system call), so the
/// reader polls: this is latency, and 200 wake-ups a second cost nothing.
const POLL_US: u64 = 5_000;

/// Buffers that the ring holds at least, whatever `source.ring_ms` says: fewer cannot bridge any pause of the reader.
const RING_BLOCKS: usize = 4;

/// Opens the microphone that the configuration names, and after a loss the same one again.
pub struct MicrophoneOpener {
    config: SourceConfig,
    clock: SharedClock,
    /// Id of the device that was opened first. A name, a part of it or the default could mean another device later.
    opened_id: Option<String>,
    stuck: Arc<Stuck>,
}

/// What the audio thread tells of a stream that it opened.
struct Opened {
    info: SourceInfo,
    receiver: Receiver,
}

/// A running microphone.
struct MicrophoneSource {
    info: SourceInfo,
    clock: SharedClock,
    poll_us: u64,
    receiver: Receiver,
    holes: HoleDetector,
    watch: Watch,
    /// The buffer to hand out next, and whether its losses are settled.
    current: Option<BlockHeader>,
    current_block: SampleBlock,
    settled: bool,
    /// The buffer after it, when that was needed to judge the time before it.
    next: Option<BlockHeader>,
    next_block: SampleBlock,
    /// Losses to tell before the current buffer, in samples.
    owed_ring: u64,
    owed_device: u64,
    /// Last, so that the stream ends after everything that reads from it.
    _stream: StreamThread,
}

impl MicrophoneOpener {
    /// An opener for `config`, whose sources tell time by `clock`.
    pub fn new(config: &SourceConfig, clock: SharedClock) -> Self {
        Self { config: config.clone(), clock, opened_id: None, stuck: Arc::default() }
    }
}

impl OpenSource for MicrophoneOpener {
    fn open(&mut self) -> Result<Box<dyn AudioSource>, SourceError> {
        let wanted = self.opened_id.clone().or_else(|| self.config.device.clone());
        let shown = wanted.clone().unwrap_or_else(|| "default".into());
        let signals = Arc::<Signals>::default();
        let (config, to_stream) = (self.config.clone(), Arc::clone(&signals));
        let (opened, stream) =
            open_in_thread(&shown, &self.stuck, move || open_stream(wanted.as_deref(), &config, &to_stream))?;
        self.opened_id = Some(opened.info.id.clone());
        Ok(Box::new(MicrophoneSource::new(opened, stream, signals, Arc::clone(&self.clock), &self.config)))
    }
}

/// Finds the device, decides how to use it and starts it. Runs in the audio thread.
fn open_stream(
    wanted: Option<&str>,
    config: &SourceConfig,
    signals: &Arc<Signals>,
) -> Result<(Capture, Opened), SourceError> {
    let _complaints = Complaints::of_this_thread();
    let host = Host::open().map_err(|refusal| no_host(&refusal))?;
    let (input, offers) = find(&host, wanted)?;
    let plan = plan(&offers, config, &input.name.id)?;
    let ring = plan.rate.samples_in(u64::from(config.ring_ms) * 1000) as usize;
    let buffer = plan.buffer_frames as usize;
    let (sender, receiver) = handoff(plan.pick, ring.max(RING_BLOCKS * buffer), buffer);
    let capture = input.start(&plan, sender, signals).map_err(|refusal| refused(&input.name.id, &refusal))?;
    let info = describe(&plan, &input.name.id, &input.name.name);
    log::info!(
        device = info.id.as_str(), name = info.name.as_str(), rate_hz = info.sample_rate.hz(),
        channels = info.channels, device_channels = info.device_channels, format = info.format.as_str();
        "Microphone opened"
    );
    log_buffer_size(config.buffer_frames, capture.buffer_frames().unwrap_or(plan.buffer_frames));
    Ok((capture, Opened { info, receiver }))
}

fn describe(plan: &Plan, id: &str, name: &str) -> SourceInfo {
    SourceInfo {
        kind: "mic",
        name: name.to_owned(),
        id: id.to_owned(),
        sample_rate: plan.rate,
        channels: plan.pick.channels(),
        device_channels: plan.device_channels,
        format: plan.kind.to_string(),
        integrity: plan.kind.integrity(id),
        clip_level: plan.kind.clip_level(),
        pace: PaceInfo::Device,
    }
}

fn log_buffer_size(asked: u32, used: u32) {
    if asked != used {
        log::info!(key = "source.buffer_frames", asked, used; "Device takes another buffer size");
    }
}

impl MicrophoneSource {
    fn new(
        opened: Opened,
        stream: StreamThread,
        signals: Arc<Signals>,
        clock: SharedClock,
        config: &SourceConfig,
    ) -> Self {
        let Opened { info, receiver } = opened;
        let half_buffer_us = info.sample_rate.micros_of(u64::from(config.buffer_frames)) / 2;
        Self {
            poll_us: half_buffer_us.clamp(100, POLL_US),
            holes: HoleDetector::starting(info.sample_rate),
            watch: Watch::starting(signals, info.id.clone(), clock.now_us()),
            info,
            clock,
            receiver,
            current: None,
            current_block: SampleBlock::default(),
            settled: false,
            next: None,
            next_block: SampleBlock::default(),
            owed_ring: 0,
            owed_device: 0,
            _stream: stream,
        }
    }

    /// Moves on as far as possible without waiting; none when there is nothing to deliver.
    fn advance(&mut self, block: &mut SampleBlock) -> Result<Option<Delivery>, SourceError> {
        // Before the ring is looked at: whatever was pushed before the end is then still found.
        let over = self.watch.look(self.clock.now_us());
        if !self.settled {
            self.settle(over.is_some());
        }
        if self.settled {
            return Ok(Some(self.deliver(block)));
        }
        let Some(detail) = over else { return Ok(None) };
        match self.receiver.take_dropped_untold() {
            0 => Err(SourceError::Lost { device: self.info.name.clone(), detail: detail.into() }),
            samples => Ok(Some(Delivery::Lost { samples, cause: GapCause::Ring, exact: true })),
        }
    }

    /// Fetches the next buffer and finds out what is missing before it, if both can be known by now.
    fn settle(&mut self, over: bool) {
        if self.current.is_none() {
            std::mem::swap(&mut self.current_block, &mut self.next_block);
            self.current = self.next.take().or_else(|| self.receiver.read(&mut self.current_block));
            self.note_arrival(self.current);
        }
        let Some(header) = self.current else { return };
        let mut verdict = self.holes.judge(&header, None);
        if verdict == Verdict::Suspect {
            self.next = self.receiver.read(&mut self.next_block);
            self.note_arrival(self.next);
            match self.next {
                Some(next) => verdict = self.holes.judge(&header, Some(&next)),
                None if over => verdict = Verdict::Continuous,
                None => return,
            }
        }
        let hole = if let Verdict::Hole(samples) = verdict { samples } else { 0 };
        self.holes.accept(&header, hole);
        (self.owed_ring, self.owed_device, self.settled) = (header.dropped_before, hole, true);
    }

    fn note_arrival(&mut self, header: Option<BlockHeader>) {
        if let Some(header) = header {
            self.holes.received(&header.stamp, self.clock.now_us());
        }
    }

    /// Hands out what is settled: first the losses, then the buffer.
    fn deliver(&mut self, block: &mut SampleBlock) -> Delivery {
        if self.owed_ring > 0 {
            let samples = std::mem::take(&mut self.owed_ring);
            return Delivery::Lost { samples, cause: GapCause::Ring, exact: true };
        }
        if self.owed_device > 0 {
            let samples = std::mem::take(&mut self.owed_device);
            return Delivery::Lost { samples, cause: GapCause::Device, exact: false };
        }
        std::mem::swap(block, &mut self.current_block);
        block.first_us = self.current.take().map_or(0, |header| self.holes.captured_us(&header.stamp));
        self.settled = false;
        Delivery::Samples
    }
}

impl AudioSource for MicrophoneSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut SampleBlock, deadline_us: u64) -> Result<Delivery, SourceError> {
        block.clear();
        loop {
            if let Some(delivery) = self.advance(block)? {
                return Ok(delivery);
            }
            let now_us = self.clock.now_us();
            if now_us >= deadline_us {
                return Ok(Delivery::Idle);
            }
            self.clock.sleep_until_us(deadline_us.min(now_us + self.poll_us));
        }
    }
}
