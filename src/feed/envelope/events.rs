//! The representation of frames as envelopes: one event for the columns that a frame or slice completes.

use std::sync::Arc;

use photophone_signal::wire::EnvelopeJson;
use photophone_signal::wire::binary::{EncodeError, Header, MessageWriter, kind};
use photophone_signal::{AudioFrame, Gap, SampleIndex};
use serde_json::json;

use super::{Columns, Envelope, EnvelopeColumns};
use crate::feed::joining::Joining;
use crate::feed::slices::Slices;
use crate::feed::spec::{Channels, EnvelopeSpec, FrameShape, TooLong};
use crate::feed::{Content, Head, Representation, sse};

/// Envelopes as a viewer wants them.
pub(in crate::feed) struct EnvelopeRepresentation {
    slices: Slices,
    columns: Collector,
    /// Whether the last frame has nothing of the channels.
    is_refused: bool,
    /// Whether messages could not hold the events of frames such as the last one.
    too_long: Option<TooLong>,
}

/// Makes events of the columns of slices.
struct Collector {
    spec: EnvelopeSpec,
    envelope: Envelope,
    joining: Joining,
}

/// Consecutive columns on their way to viewers.
struct EnvelopeContent {
    head: Head,
    samples: u64,
    column_samples: u64,
    mono: bool,
    channel_a: Columns,
    channel_b: Columns,
}

impl EnvelopeRepresentation {
    pub(in crate::feed) fn new(spec: EnvelopeSpec) -> Self {
        let envelope = Envelope::new(spec.column_samples.get());
        let columns = Collector { spec, envelope, joining: Joining::default() };
        Self { slices: Slices::new(spec.fps), columns, is_refused: false, too_long: None }
    }
}

impl Representation for EnvelopeRepresentation {
    fn add(&mut self, frame: &Arc<AudioFrame>, events: &mut Vec<Box<dyn Content>>) {
        let columns = &mut self.columns;
        self.is_refused = columns.spec.channels.are_missing_in(frame);
        self.too_long = columns.spec.check_length(&FrameShape::from(&**frame)).err();
        self.slices.push(frame, |slice| columns.add(slice, events));
    }

    fn interrupt(&mut self, gap: &Gap, events: &mut Vec<Box<dyn Content>>) -> Gap {
        self.finish(events);
        *gap
    }

    fn finish(&mut self, events: &mut Vec<Box<dyn Content>>) -> Option<Gap> {
        let columns = &mut self.columns;
        self.slices.interrupt(|slice| columns.add(slice, events));
        columns.interrupt(events);
        None
    }

    fn passes_over(&self, frame: &AudioFrame) -> Option<SampleIndex> {
        self.is_refused.then(|| frame.end())
    }

    fn refusal(&self) -> Option<String> {
        let too_long = || self.too_long.map(|too_long| too_long.to_string());
        self.is_refused.then(|| Channels::NO_B.to_owned()).or_else(too_long)
    }
}

impl Collector {
    fn add(&mut self, slice: &AudioFrame, events: &mut Vec<Box<dyn Content>>) {
        self.joining.begin(slice);
        let Self { spec, envelope, joining } = self;
        envelope.push(slice, |columns| events.extend(content(columns, spec, joining)));
    }

    fn interrupt(&mut self, events: &mut Vec<Box<dyn Content>>) {
        let Self { spec, envelope, joining } = self;
        envelope.flush(|columns| events.extend(content(columns, spec, joining)));
        joining.interrupt();
    }
}

fn content(columns: EnvelopeColumns<'_>, spec: &EnvelopeSpec, joining: &mut Joining) -> Option<Box<dyn Content>> {
    let is_whole = columns.head.first_sample.is_multiple_of(columns.column_samples);
    let mono = columns.channel_b.min.is_empty();
    if !joining.admits(is_whole) || (mono && !spec.channels.has_a()) {
        return None;
    }
    let of = |there: bool, columns: &Columns| if there { columns.clone() } else { Columns::default() };
    Some(Box::new(EnvelopeContent {
        head: columns.head,
        samples: columns.samples,
        column_samples: columns.column_samples,
        mono,
        channel_a: of(spec.channels.has_a(), columns.channel_a),
        channel_b: of(spec.channels.has_b(), columns.channel_b),
    }))
}

impl EnvelopeContent {
    fn columns(&self) -> EnvelopeColumns<'_> {
        EnvelopeColumns {
            head: self.head,
            samples: self.samples,
            column_samples: self.column_samples,
            channel_a: &self.channel_a,
            channel_b: &self.channel_b,
        }
    }

    /// All arrays, some of them empty, under their names.
    fn arrays(&self) -> [(&'static str, &[f32]); 6] {
        let Self { channel_a: a, channel_b: b, .. } = self;
        [
            ("min_a", &a.min),
            ("max_a", &a.max),
            ("rms_a", &a.rms),
            ("min_b", &b.min),
            ("max_b", &b.max),
            ("rms_b", &b.rms),
        ]
    }

    fn values(&self) -> usize {
        self.arrays().iter().map(|(_, values)| values.len()).sum()
    }
}

impl Content for EnvelopeContent {
    fn id(&self) -> SampleIndex {
        self.head.index()
    }

    fn end(&self) -> SampleIndex {
        SampleIndex { epoch: self.head.epoch, sample: self.head.first_sample + self.samples }
    }

    fn start(&self) -> Option<SampleIndex> {
        Some(self.id())
    }

    fn duration_us(&self) -> u64 {
        self.head.sample_rate.micros_of(self.samples)
    }

    fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.values() * size_of::<f32>()
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        out.reserve(12 * self.values() + 512);
        sse::write_json(out, &EnvelopeJson::from(self.columns()));
    }

    fn write_message(&self, feed: u32, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let place = self.head.place(self.samples, self.mono);
        let writer = MessageWriter::begin(out, &Header { kind: kind::ENVELOPE, feed, place: Some(place) });
        let there = self.arrays().into_iter().filter(|(_, values)| !values.is_empty());
        let writer = there.fold(writer, |writer, (name, values)| writer.f32(name, values));
        writer.meta(&json!({ "column_samples": self.column_samples })).finish()
    }
}

#[cfg(test)]
mod tests;
