//! The representation of frames as levels: one event per slice.

use std::sync::Arc;

use photophone_signal::wire::binary::{EncodeError, Header, MessageWriter, Place, kind};
use photophone_signal::wire::{ChannelLevelsJson, LevelsJson};
use photophone_signal::{AudioFrame, Gap, SampleIndex};
use serde::Serialize;

use super::levels;
use crate::feed::slices::Slices;
use crate::feed::spec::LevelsSpec;
use crate::feed::{Content, Representation, sse};

/// Levels as often as a viewer wants them.
pub(in crate::feed) struct LevelsRepresentation {
    slices: Slices,
}

/// The levels of a slice on their way to viewers.
struct LevelsContent {
    place: Place,
    levels: LevelsJson<'static>,
}

/// What a message says beside its header. A type, since a `serde_json::Value` would not keep f32 short.
#[derive(Serialize)]
struct Meta<'a> {
    channel_a: &'a ChannelLevelsJson,
    channel_b: &'a Option<ChannelLevelsJson>,
}

impl LevelsRepresentation {
    pub(in crate::feed) fn new(spec: LevelsSpec) -> Self {
        Self { slices: Slices::new(Some(spec.fps)) }
    }
}

impl Representation for LevelsRepresentation {
    fn add(&mut self, frame: &Arc<AudioFrame>, events: &mut Vec<Box<dyn Content>>) {
        self.slices.push(frame, |slice| events.push(Box::new(LevelsContent::of(slice))));
    }

    fn interrupt(&mut self, gap: &Gap, events: &mut Vec<Box<dyn Content>>) -> Gap {
        self.finish(events);
        *gap
    }

    fn finish(&mut self, events: &mut Vec<Box<dyn Content>>) -> Option<Gap> {
        self.slices.interrupt(|slice| events.push(Box::new(LevelsContent::of(slice))));
        None
    }

    fn passes_over(&self, _frame: &AudioFrame) -> Option<SampleIndex> {
        None
    }
}

impl LevelsContent {
    fn of(slice: &AudioFrame) -> Self {
        // The frames of the history do not say at which limit their source clips.
        Self { place: Place::from(slice), levels: levels(slice, None) }
    }
}

impl Content for LevelsContent {
    fn id(&self) -> SampleIndex {
        SampleIndex { epoch: self.place.epoch, sample: self.place.first_sample }
    }

    fn end(&self) -> SampleIndex {
        SampleIndex { sample: self.place.first_sample + self.levels.samples, ..self.id() }
    }

    fn start(&self) -> Option<SampleIndex> {
        Some(self.id())
    }

    fn duration_us(&self) -> u64 {
        self.place.sample_rate.micros_of(self.levels.samples)
    }

    fn size_bytes(&self) -> usize {
        size_of::<Self>()
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        sse::write_json(out, &self.levels);
    }

    fn write_message(&self, feed: u32, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let LevelsJson { channel_a, channel_b, .. } = &self.levels;
        let header = Header { kind: kind::LEVELS, feed, place: Some(self.place) };
        MessageWriter::begin(out, &header).meta(&Meta { channel_a, channel_b }).finish()
    }
}

#[cfg(test)]
mod tests;
