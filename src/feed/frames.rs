//! The representation of a frame as itself, or as a viewer wants it: regrouped, decimated, in another format.

use std::borrow::Cow;
use std::sync::Arc;

use photophone_signal::wire::binary::{EncodeError, Header, MessageWriter, Place, kind};
use photophone_signal::wire::{FrameViewJson, SamplesJson, flag_words};
use photophone_signal::{AudioFrame, Gap, SampleIndex};
use serde_json::json;

use super::decimate::{Decimated, Decimator};
use super::joining::Joining;
use super::slices::Slices;
use super::spec::{Channels, Format, FrameShape, FramesSpec, TooLong};
use super::{Content, Representation, sse};

/// Frames as `spec` wants them. Those that are as published are shared, not copied.
pub(super) struct FramesRepresentation {
    spec: FramesSpec,
    slices: Slices,
    decimation: Option<Decimation>,
    /// Whether the last frame has nothing of the channels.
    is_refused: bool,
    /// Whether messages could not hold the events of frames such as the last one.
    too_long: Option<TooLong>,
}

struct Decimation {
    decimator: Decimator,
    joining: Joining,
}

/// A frame on its way to viewers.
struct FrameContent {
    /// When decimated, its samples stand `spec.decimate` samples of the source apart.
    frame: Arc<AudioFrame>,
    spec: FramesSpec,
    /// Of a frame that is decimated: how much later its samples are known.
    delay_samples: Option<u64>,
}

impl FramesRepresentation {
    pub(super) fn new(spec: FramesSpec) -> Self {
        let decimation = || Decimation { decimator: Decimator::new(spec.decimate.get()), joining: Joining::default() };
        let decimation = spec.is_decimated().then(decimation);
        Self { spec, slices: Slices::new(spec.fps), decimation, is_refused: false, too_long: None }
    }
}

impl Representation for FramesRepresentation {
    fn add(&mut self, frame: &Arc<AudioFrame>, events: &mut Vec<Box<dyn Content>>) {
        let spec = self.spec;
        self.is_refused = spec.channels.are_missing_in(frame);
        self.too_long = spec.check_length(&FrameShape::from(&**frame)).err();
        if spec.is_as_published() && !self.is_refused {
            events.push(Box::new(FrameContent { frame: Arc::clone(frame), spec, delay_samples: None }));
            return;
        }
        let decimation = &mut self.decimation;
        self.slices.push(frame, |slice| events.extend(content(slice, spec, decimation)));
    }

    fn interrupt(&mut self, gap: &Gap, events: &mut Vec<Box<dyn Content>>) -> Gap {
        let (spec, decimation) = (self.spec, &mut self.decimation);
        self.slices.interrupt(|slice| events.extend(content(slice, spec, decimation)));
        let Some(Decimation { decimator, joining }) = decimation else { return *gap };
        joining.interrupt();
        decimator.widen(gap)
    }

    fn finish(&mut self, events: &mut Vec<Box<dyn Content>>) -> Option<Gap> {
        let (spec, decimation) = (self.spec, &mut self.decimation);
        self.slices.interrupt(|slice| events.extend(content(slice, spec, decimation)));
        decimation.as_mut()?.decimator.finish()
    }

    fn passes_over(&self, frame: &AudioFrame) -> Option<SampleIndex> {
        self.is_refused.then(|| frame.end())
    }

    fn refusal(&self) -> Option<String> {
        let too_long = || self.too_long.map(|too_long| too_long.to_string());
        self.is_refused.then(|| Channels::NO_B.to_owned()).or_else(too_long)
    }
}

/// What a slice gives to see, if anything.
fn content(slice: &AudioFrame, spec: FramesSpec, decimation: &mut Option<Decimation>) -> Option<Box<dyn Content>> {
    let content = match decimation {
        _ if spec.channels.are_missing_in(slice) => return None,
        None => FrameContent { frame: Arc::new(slice.clone()), spec, delay_samples: None },
        Some(decimation) => {
            let delay_samples = Some(decimation.decimator.delay_samples());
            FrameContent { frame: Arc::new(decimation.frame(slice)?), spec, delay_samples }
        }
    };
    Some(Box::new(content))
}

impl Decimation {
    /// The values that `slice` completes, as a frame.
    fn frame(&mut self, slice: &AudioFrame) -> Option<AudioFrame> {
        self.joining.begin(slice);
        let first_of_all = self.decimator.first_completed_by(slice.first_sample);
        let values = self.decimator.push(slice)?;
        self.joining.admits(values.head.first_sample == first_of_all).then(|| values_as_frame(&values))
    }
}

fn values_as_frame(values: &Decimated<'_>) -> AudioFrame {
    let head = values.head;
    AudioFrame {
        epoch: head.epoch,
        frame_number: head.frame_number,
        first_sample: head.first_sample,
        sample_rate: head.sample_rate,
        monotonic_us: head.monotonic_us,
        captured_us: head.captured_us,
        flags: head.flags,
        channel_a: values.channel_a.to_vec(),
        channel_b: values.channel_b.to_vec(),
    }
}

impl FrameContent {
    /// Samples of the source that the event stands for.
    fn covered(&self) -> u64 {
        self.frame.samples() as u64 * self.spec.decimate.get()
    }

    /// The samples of both channels; none of one that was not asked for or is not there.
    fn sent(&self) -> [&[f32]; 2] {
        let FrameContent { frame, spec, .. } = self;
        [
            if spec.channels.has_a() { &frame.channel_a } else { &[] },
            if spec.channels.has_b() { &frame.channel_b } else { &[] },
        ]
    }

    fn json(&self) -> FrameViewJson<'_> {
        let FrameContent { frame, spec, delay_samples } = self;
        let [channel_a, channel_b] = self.sent().map(|samples| self.samples_json(samples));
        FrameViewJson {
            sample_rate: frame.sample_rate.hz(),
            timestamp: frame.captured_us / 1000,
            frame_number: frame.frame_number,
            duration_ms: self.covered() as f64 * 1e3 / f64::from(frame.sample_rate.hz()),
            epoch: frame.epoch,
            first_sample: frame.first_sample,
            captured_us: frame.captured_us,
            format: (spec.format != Format::Json).then(|| spec.format.name().into()),
            channels: (spec.channels != Channels::Both).then(|| spec.channels.name().into()),
            decimate: spec.is_decimated().then(|| spec.decimate.get()),
            delay_samples: *delay_samples,
            channel_a,
            channel_b,
            flags: flag_words(frame.flags),
        }
    }

    fn samples_json<'a>(&self, samples: &'a [f32]) -> SamplesJson<'a> {
        match self.spec.format {
            Format::Json => SamplesJson::Numbers(Cow::Borrowed(samples)),
            Format::F32 | Format::I16 => SamplesJson::base64(samples, self.spec.format.samples()),
        }
    }
}

impl Content for FrameContent {
    fn id(&self) -> SampleIndex {
        self.frame.index()
    }

    fn end(&self) -> SampleIndex {
        SampleIndex { sample: self.frame.first_sample + self.covered(), ..self.frame.index() }
    }

    fn start(&self) -> Option<SampleIndex> {
        (!self.spec.is_as_published()).then(|| self.frame.index())
    }

    fn duration_us(&self) -> u64 {
        self.frame.sample_rate.micros_of(self.covered())
    }

    fn size_bytes(&self) -> usize {
        // The feed may keep a frame for longer than the stream does.
        self.frame.size_bytes()
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        // 12 bytes hold most samples; room for them saves growing by copies.
        let sample_bytes = if self.spec.format == Format::Json { 12 } else { 6 };
        out.reserve(sample_bytes * self.sent().map(<[f32]>::len).iter().sum::<usize>() + 512);
        sse::write_json(out, &self.json());
    }

    fn write_message(&self, feed: u32, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let samples = u32::try_from(self.covered()).unwrap_or(u32::MAX);
        let place = Place { samples, ..Place::from(&*self.frame) };
        let mut writer = MessageWriter::begin(out, &Header { kind: kind::FRAME, feed, place: Some(place) });
        for (name, samples) in ["channel_a", "channel_b"].into_iter().zip(self.sent()) {
            if !samples.is_empty() {
                writer = writer.samples(name, samples, self.spec.format.samples());
            }
        }
        if let Some(delay_samples) = self.delay_samples {
            writer = writer.meta(&json!({ "decimate": self.spec.decimate.get(), "delay_samples": delay_samples }));
        }
        writer.finish()
    }
}

#[cfg(test)]
mod tests;
