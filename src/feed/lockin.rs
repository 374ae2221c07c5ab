//! The representation of the stream as readings of a lock-in.

use std::collections::VecDeque;
use std::sync::Arc;

use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::{EncodeError, Header, MessageWriter, Place, kind};
use photophone_signal::wire::{DemodulatedJson, LockinJson};
use photophone_signal::{AudioFrame, FrameFlags, Gap, SampleIndex};
use serde_json::json;

use super::head::Head;
use super::joining::Joining;
use super::run::Run;
use super::{Content, Representation, sse};
use crate::lockin::{Lockin, LockinError, LockinSettings, Reading};

/// How far back frames are remembered, in microseconds: a reference that is followed makes readings come up to 3/8 s
/// after their last sample.
const REMEMBERED_US: u64 = 1_000_000;

/// Readings of a source that may change its format.
pub(super) struct LockinRepresentation {
    settings: LockinSettings,
    /// What the last frame asked for.
    format: Option<(SampleRate, u8)>,
    lockin: Result<Option<Lockin>, LockinError>,
    run: Option<Run>,
    joining: Joining,
    frames: VecDeque<FrameHead>,
    readings: Vec<Reading>,
}

/// What has to be known of a frame whose samples were taken.
struct FrameHead {
    head: Head,
    end_sample: u64,
}

struct LockinContent {
    place: Place,
    reading: LockinJson<'static>,
    end: SampleIndex,
}

impl LockinRepresentation {
    pub(super) fn new(settings: LockinSettings) -> Self {
        Self {
            settings,
            format: None,
            lockin: Ok(None),
            run: None,
            joining: Joining::default(),
            frames: VecDeque::new(),
            readings: Vec::new(),
        }
    }

    fn prepare_for(&mut self, frame: &AudioFrame) {
        let format = (frame.sample_rate, channels_of(frame));
        if self.format != Some(format) {
            self.format = Some(format);
            self.lockin = Lockin::new(&self.settings, format.0, format.1).map(Some);
        }
        if !self.run.is_some_and(|run| run.is_continued_by(frame)) {
            self.forget();
            self.joining.begin(frame);
        }
        self.run = Some(Run::to_end_of(frame));
        let oldest = frame.first_sample.saturating_sub(frame.sample_rate.samples_in(REMEMBERED_US));
        while self.frames.front().is_some_and(|remembered| remembered.end_sample < oldest) {
            self.frames.pop_front();
        }
        let head = Head::at(frame, frame.first_sample);
        self.frames.push_back(FrameHead { head, end_sample: frame.end_sample() });
    }

    fn forget(&mut self) {
        self.run = None;
        self.frames.clear();
        if let Ok(Some(lockin)) = &mut self.lockin {
            lockin.interrupt();
        }
    }

    /// The event of a reading that came with `frame`.
    fn content(&self, reading: &Reading, frame: &AudioFrame) -> Option<LockinContent> {
        let holds_last = |remembered: &&FrameHead| reading.end_sample <= remembered.end_sample;
        let last = self.frames.iter().find(holds_last)?.head;
        let first = Head { flags: FrameFlags::default(), ..last }.moved_to(reading.first_sample);
        // What came before this frame was told to be dealt with.
        let end = SampleIndex { sample: reading.end_sample.max(frame.first_sample), ..frame.index() };
        Some(LockinContent {
            place: first.place(reading.end_sample - reading.first_sample, frame.is_mono()),
            reading: json_of(&first, reading, &self.settings),
            end,
        })
    }
}

impl Representation for LockinRepresentation {
    fn add(&mut self, frame: &Arc<AudioFrame>, events: &mut Vec<Box<dyn Content>>) {
        if frame.samples() == 0 {
            return;
        }
        self.prepare_for(frame);
        let Ok(Some(lockin)) = &mut self.lockin else { return };
        let mut readings = std::mem::take(&mut self.readings);
        lockin.push(frame.first_sample, &frame.channel_a, &frame.channel_b, &mut readings);
        for reading in readings.drain(..) {
            let is_whole = self.settings.frame_rate().is_boundary(reading.first_sample, frame.sample_rate);
            if self.joining.admits(is_whole) {
                events.extend(self.content(&reading, frame).map(|content| Box::new(content) as Box<dyn Content>));
            }
        }
        self.readings = readings;
    }

    fn interrupt(&mut self, gap: &Gap, _events: &mut Vec<Box<dyn Content>>) -> Gap {
        self.forget();
        self.joining.interrupt();
        *gap
    }

    fn refusal(&self) -> Option<String> {
        self.lockin.as_ref().err().map(LockinError::to_string)
    }
}

fn channels_of(frame: &AudioFrame) -> u8 {
    if frame.is_mono() { 1 } else { 2 }
}

fn json_of(head: &Head, reading: &Reading, settings: &LockinSettings) -> LockinJson<'static> {
    let samples = reading.end_sample - reading.first_sample;
    LockinJson {
        sample_rate: head.sample_rate.hz(),
        timestamp: head.captured_us / 1000,
        frame_number: head.frame_number,
        duration_ms: head.duration_ms(samples),
        epoch: head.epoch,
        first_sample: head.first_sample,
        captured_us: head.captured_us,
        samples,
        reference: settings.reference().to_string().into(),
        harmonic: settings.harmonic(),
        tau_s: settings.tau_s(),
        slope: settings.slope().db(),
        n: reading.n,
        locked: reading.locked,
        reference_hz: reading.reference_hz,
        bandwidth_hz: reading.bandwidth_hz,
        age_tau: reading.age_tau,
        settled: reading.settled,
        noise_s: reading.noise_s,
        channel_a: reading.channel_a.as_ref().map(DemodulatedJson::from),
        channel_b: reading.channel_b.as_ref().map(DemodulatedJson::from),
    }
}

impl Content for LockinContent {
    fn id(&self) -> SampleIndex {
        SampleIndex { epoch: self.reading.epoch, sample: self.reading.first_sample }
    }

    fn end(&self) -> SampleIndex {
        self.end
    }

    fn duration_us(&self) -> u64 {
        self.place.sample_rate.micros_of(self.reading.samples)
    }

    fn size_bytes(&self) -> usize {
        size_of::<Self>()
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        out.reserve(1024);
        sse::write_json(out, &self.reading);
    }

    fn write_message(&self, feed: u32, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let reading = &self.reading;
        let meta = json!({ "reference": reading.reference, "harmonic": reading.harmonic, "tau_s": reading.tau_s,
            "slope": reading.slope, "n": reading.n, "locked": reading.locked, "reference_hz": reading.reference_hz,
            "bandwidth_hz": reading.bandwidth_hz, "age_tau": reading.age_tau, "settled": reading.settled,
            "noise_s": reading.noise_s, "channel_a": reading.channel_a, "channel_b": reading.channel_b });
        let header = Header { kind: kind::LOCKIN, feed, place: Some(self.place) };
        MessageWriter::begin(out, &header).meta(&meta).finish()
    }
}

#[cfg(test)]
mod tests;
