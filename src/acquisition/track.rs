//! The track: turns the blocks of the open source into numbered frames and gaps and publishes them.
//!
//! It keeps the promise of the program: every index of an epoch is covered once, by a frame or by a gap, in order.

use std::sync::Arc;
use std::time::Duration;

use photophone_signal::{AudioFrame, Epoch, FrameFlags, FrameRate, Gap, GapCause, MAX_SAMPLE_INDEX};

use super::framer::Framer;
use super::timeline::{SampleTime, Timeline};
use super::{Control, new_epoch};
use crate::clock::SharedClock;
use crate::logging::LogEvery;
use crate::source::{PaceInfo, SampleBlock, SourceInfo};
use crate::stream::{Covers, Idle, SharedAudioStream, StreamItem};

/// Losses come thickest when the machine is overloaded: their log must not add to it. All are counted and told to
/// viewers.
const LOSS_LOG_INTERVAL: Duration = Duration::from_secs(1);

/// Position in the stream and everything needed to go on from there.
pub(super) struct Track {
    stream: SharedAudioStream,
    clock: SharedClock,
    control: Arc<Control>,
    info: Arc<SourceInfo>,
    timeline: Timeline,
    framer: Framer,
    frame_rate: FrameRate,
    epoch: Epoch,
    /// Index of the next sample that the source will deliver.
    pub(super) next_sample: u64,
    next_frame: u64,
    after_gap: bool,
    /// Monotonic time of the last frame's first sample.
    dated_us: u64,
    /// Set while the source is away: when its next sample was due.
    away_since_us: Option<u64>,
    loss_log: LogEvery,
}

/// Whether the following samples continue the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continuity {
    /// They do.
    Kept,
    /// A new epoch has begun, of which nothing is published yet.
    NewEpoch,
}

impl Track {
    /// A track at the beginning of `epoch`.
    pub(super) fn new(
        stream: SharedAudioStream,
        clock: SharedClock,
        control: Arc<Control>,
        info: SourceInfo,
        epoch: Epoch,
    ) -> Self {
        stream.gate().set_shut(info.pace == PaceInfo::Fast);
        let loss_log = LogEvery::new(Arc::clone(&clock), LOSS_LOG_INTERVAL);
        Self {
            frame_rate: FrameRate::from_fps(control.target_fps()),
            stream,
            clock,
            control,
            timeline: Timeline::new(info.sample_rate, info.pace),
            info: Arc::new(info),
            framer: Framer::default(),
            epoch,
            next_sample: 0,
            next_frame: 0,
            after_gap: false,
            dated_us: 0,
            away_since_us: None,
            loss_log,
        }
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(super) fn info(&self) -> &Arc<SourceInfo> {
        &self.info
    }

    /// Time between `samples` samples as the source delivers them, in microseconds.
    pub(super) fn micros_of(&self, samples: u64) -> u64 {
        self.timeline.micros_of(samples)
    }

    /// The source was lost: what was collected goes out, and from now on samples are missing.
    pub(super) fn interrupt(&mut self) {
        self.flush();
        let due_us = self.timeline.time_of(self.next_sample).map(|time| time.monotonic_us);
        self.away_since_us.get_or_insert(due_us.unwrap_or_else(|| self.clock.now_us()));
        self.timeline.restart();
    }

    /// The source is back, perhaps as another: the same device with the same format continues the epoch. Says whether
    /// it does.
    pub(super) fn resume(&mut self, info: SourceInfo) -> Continuity {
        if *self.info == info {
            return Continuity::Kept;
        }
        let next_epoch = new_epoch();
        let away_us = self.away_since_us.take().map_or(0, |since_us| self.clock.now_us().saturating_sub(since_us));
        self.lose_to_next_epoch(next_epoch, GapCause::Reopen, self.timeline.samples_in(away_us));
        self.stream.gate().set_shut(info.pace == PaceInfo::Fast);
        self.timeline = Timeline::new(info.sample_rate, info.pace);
        self.info = Arc::new(info);
        self.enter(next_epoch);
        Continuity::NewEpoch
    }

    /// Makes ready for a block: closes the gap of an absence, and begins a new epoch when the block's indices would
    /// pass the largest that JSON carries exactly.
    pub(super) fn prepare(&mut self, block: &SampleBlock) -> Continuity {
        if self.close_absence(block.first_us) == Continuity::NewEpoch {
            return Continuity::NewEpoch;
        }
        if block.channel_a.len() as u64 <= MAX_SAMPLE_INDEX - self.next_sample {
            return Continuity::Kept;
        }
        self.flush();
        self.after_gap = false;
        self.enter(new_epoch());
        Continuity::NewEpoch
    }

    /// Adds a block of samples that was prepared for, and publishes the frames that it completes.
    pub(super) fn push(&mut self, block: &SampleBlock) {
        let samples = block.channel_a.len();
        let utc_ahead_us = self.clock.utc_us().wrapping_sub(self.clock.now_us()) as i64;
        if self.timeline.observe(self.next_sample, block.first_us, utc_ahead_us) {
            self.stream.set_measured_rate_hz(self.timeline.measured_rate_hz());
        }
        self.take_over_frame_rate();
        let mut done = 0;
        while done < samples {
            let boundary = self.frame_rate.boundary_after(self.next_sample, self.info.sample_rate);
            let take = usize::try_from(boundary - self.next_sample).unwrap_or(usize::MAX).min(samples - done);
            let part = done..done + take;
            let channel_b = block.channel_b.get(part.clone()).unwrap_or_default();
            self.framer.push(&block.channel_a[part], channel_b, self.info.clip_level);
            self.next_sample += take as u64;
            done += take;
            if self.next_sample == boundary {
                self.flush();
            }
        }
    }

    /// A new frame rate begins with a new frame: one that was filled by both would be longer than either's.
    fn take_over_frame_rate(&mut self) {
        let wanted = FrameRate::from_fps(self.control.target_fps());
        if wanted != self.frame_rate {
            self.flush();
            self.frame_rate = wanted;
        }
    }

    /// `samples` were lost before the next block.
    pub(super) fn lose(&mut self, samples: u64, cause: GapCause, exact: bool) -> Continuity {
        if samples == 0 {
            return Continuity::Kept;
        }
        self.flush();
        // What a source lost while it was away is part of the absence no more.
        let lost_us = self.timeline.micros_of(samples);
        self.away_since_us = self.away_since_us.map(|since_us| since_us + lost_us);
        if samples > MAX_SAMPLE_INDEX - self.next_sample {
            let next_epoch = new_epoch();
            self.lose_to_next_epoch(next_epoch, cause, samples);
            self.enter(next_epoch);
            return Continuity::NewEpoch;
        }
        let from_sample = self.next_sample;
        self.next_sample += samples;
        self.after_gap = true;
        let gap =
            Gap { epoch: self.epoch, from_sample, to_sample: Some(self.next_sample), cause, exact, next_epoch: None };
        self.publish_gap(gap, samples);
        Continuity::Kept
    }

    /// Publishes what was collected as a frame, however short.
    pub(super) fn flush(&mut self) {
        if self.framer.len() == 0 {
            return;
        }
        let cut = self.framer.cut();
        let first_sample = self.next_sample - cut.channel_a.len() as u64;
        let time = self.date(first_sample);
        let frame = AudioFrame {
            epoch: self.epoch,
            frame_number: self.next_frame,
            first_sample,
            sample_rate: self.info.sample_rate,
            monotonic_us: time.monotonic_us,
            captured_us: time.utc_us,
            flags: FrameFlags {
                clipped: cut.clipped(),
                nonfinite: cut.tally.nonfinite > 0,
                after_gap: std::mem::take(&mut self.after_gap),
            },
            channel_a: cut.channel_a,
            channel_b: cut.channel_b,
        };
        self.next_frame += 1;
        if self.control.wait_at_gate(&self.stream, &*self.clock, frame.size_bytes(), Idle::Hold) {
            self.stream.publish_frame(frame, cut.tally);
        }
    }

    /// When sample `index` was taken. A first buffer that was read late makes the clock model start too late; until it
    /// knows better, frames stand still in time and do not go back.
    fn date(&mut self, index: u64) -> SampleTime {
        let now = SampleTime { monotonic_us: self.clock.now_us(), utc_us: self.clock.utc_us() };
        let time = self.timeline.time_of(index).unwrap_or(now);
        let ahead_us = self.dated_us.saturating_sub(time.monotonic_us);
        self.dated_us = time.monotonic_us + ahead_us;
        SampleTime { monotonic_us: self.dated_us, utc_us: time.utc_us + ahead_us }
    }

    /// The first block after an absence tells how long it was.
    fn close_absence(&mut self, first_us: u64) -> Continuity {
        let Some(since_us) = self.away_since_us.take() else {
            return Continuity::Kept;
        };
        // However soon it came back: an absence is never told as continuous.
        let samples = self.timeline.samples_in(first_us.saturating_sub(since_us)).max(1);
        self.lose(samples, GapCause::Reopen, false)
    }

    fn lose_to_next_epoch(&mut self, next_epoch: Epoch, cause: GapCause, samples: u64) {
        let gap = Gap {
            epoch: self.epoch,
            from_sample: self.next_sample,
            to_sample: None,
            cause,
            exact: false,
            next_epoch: Some(next_epoch),
        };
        self.publish_gap(gap, samples);
        self.after_gap = true;
    }

    fn publish_gap(&mut self, gap: Gap, samples: u64) {
        if let Some(suppressed) = self.loss_log.pass() {
            log::error!(from_sample = gap.from_sample, samples, cause:serde = gap.cause, exact = gap.exact, suppressed;
                "Samples lost");
        }
        let bytes = StreamItem::Gap(gap).size_bytes();
        if self.control.wait_at_gate(&self.stream, &*self.clock, bytes, Idle::Hold) {
            self.stream.publish_gap(gap, samples);
        }
    }

    fn enter(&mut self, epoch: Epoch) {
        self.epoch = epoch;
        self.next_sample = 0;
        self.next_frame = 0;
        self.timeline.restart();
    }
}
