//! Plays frames through a feed's representation, for the tests of all kinds that are cut from samples.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use photophone_signal::wire::binary::{Message, Place};
use photophone_signal::wire::flag_words;
use photophone_signal::{AudioFrame, Gap, GapCause};
use serde_json::{Value, json};

use super::{Content, FeedSpec, Representation};

/// What viewers of a feed are told.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    Event { first_sample: u64, end: u64, json: Vec<u8>, message: Vec<u8> },
    Gap(Gap),
}

impl Told {
    /// The JSON of an event.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Event { json, .. } => serde_json::from_slice(json).unwrap(),
            Self::Gap(gap) => panic!("{gap:?}"),
        }
    }

    /// What it stands for.
    pub(super) fn range(&self) -> (u64, u64) {
        match self {
            Self::Event { first_sample, end, .. } => (*first_sample, *end),
            Self::Gap(gap) => (gap.from_sample, gap.to_sample.unwrap()),
        }
    }

    pub(super) fn is_event(&self) -> bool {
        matches!(self, Self::Event { .. })
    }
}

/// A representation that is being played, and what it has told.
struct Play {
    representation: Box<dyn Representation>,
    told: Vec<Told>,
}

impl Play {
    /// Plays frames with the gaps between them.
    fn of(spec: &FeedSpec, frames: &[AudioFrame]) -> Self {
        let mut play = Self { representation: spec.representation(), told: Vec::new() };
        let mut end = frames[0].first_sample;
        for frame in frames {
            if frame.first_sample > end {
                play.interrupt(&gap(frame, end, frame.first_sample));
            }
            let mut contents = Vec::new();
            play.representation.add(&Arc::new(frame.clone()), &mut contents);
            play.tell(contents, None);
            end = frame.end_sample();
        }
        play
    }

    fn interrupt(&mut self, gap: &Gap) {
        let mut contents = Vec::new();
        let gap = self.representation.interrupt(gap, &mut contents);
        self.tell(contents, Some(gap));
    }

    fn finish(&mut self) {
        let mut contents = Vec::new();
        let gap = self.representation.finish(&mut contents);
        self.tell(contents, gap);
    }

    fn tell(&mut self, contents: Vec<Box<dyn Content>>, gap: Option<Gap>) {
        self.told.extend(contents.into_iter().map(event).chain(gap.map(Told::Gap)));
    }
}

/// Plays frames with the gaps between them; at the end samples are missing, too.
pub(super) fn play(spec: &FeedSpec, frames: &[AudioFrame]) -> Vec<Told> {
    let mut play = Play::of(spec, frames);
    play.interrupt(&gap_behind(frames));
    play.told
}

/// Plays frames with the gaps between them; at the end nothing comes any more.
pub(super) fn play_to_end(spec: &FeedSpec, frames: &[AudioFrame]) -> Vec<Told> {
    let mut play = Play::of(spec, frames);
    play.finish();
    let told = play.told.clone();
    play.finish();
    assert_eq!(play.told, told, "{spec}: an end that is told twice has nothing new");
    told
}

/// Plays frames with the gaps between them; after the last one none comes for a while, then it turns out that samples are
/// missing.
pub(super) fn play_to_stall(spec: &FeedSpec, frames: &[AudioFrame]) -> Vec<Told> {
    let mut play = Play::of(spec, frames);
    play.finish();
    play.interrupt(&gap_behind(frames));
    play.told
}

/// One sample that is missing behind the last frame.
fn gap_behind(frames: &[AudioFrame]) -> Gap {
    let last = &frames[frames.len() - 1];
    gap(last, last.end_sample(), last.end_sample() + 1)
}

/// The events of what was told.
pub(super) fn events(told: &[Told]) -> Vec<Value> {
    told.iter().filter(|told| told.is_event()).map(Told::json).collect()
}

fn gap(frame: &AudioFrame, from_sample: u64, to_sample: u64) -> Gap {
    let (epoch, to_sample) = (frame.epoch, Some(to_sample));
    Gap { epoch, from_sample, to_sample, cause: GapCause::Device, exact: true, next_epoch: None }
}

fn event(content: Box<dyn Content>) -> Told {
    let (mut json, mut message) = (Vec::new(), Vec::new());
    content.write_json(&mut json);
    content.write_message(7, &mut message).unwrap();
    let (id, end) = (content.id(), content.end());
    assert_eq!((id.epoch, content.start()), (end.epoch, content.start().map(|_| id)));
    let event = Told::Event { first_sample: id.sample, end: end.sample, json, message };
    let place = assert_says_the_same(&event);
    assert_eq!((place.epoch, place.first_sample), (id.epoch, id.sample));
    assert_eq!(u64::from(place.samples), end.sample - id.sample);
    assert_eq!(content.duration_us(), place.sample_rate.micros_of(place.samples.into()));
    event
}

/// Every index from that of the first event on is told of once, in order, by an event or a gap.
pub(super) fn assert_complete(told: &[Told]) {
    let from = told.iter().position(Told::is_event).expect("an event");
    for pair in told[from..].windows(2) {
        assert_eq!(pair[0].range().1, pair[1].range().0, "{pair:?}");
    }
}

/// A feed that begins with any later frame tells the same to the byte from its first event on, and has all that begin
/// `late_samples` after that frame did.
pub(super) fn assert_joins_anywhere(spec: &FeedSpec, frames: &[AudioFrame], late_samples: u64) {
    let whole = play(spec, frames);
    for (number, frame) in frames.iter().enumerate().skip(1) {
        let late = play(spec, &frames[number..]);
        let first = late.iter().position(Told::is_event).unwrap_or(late.len());
        assert!(whole.ends_with(&late[first..]), "{spec} from {}: {:?}", frame.first_sample, &late[first..]);
        let due = |told: &&Told| told.is_event() && told.range().0 >= frame.first_sample + late_samples;
        let (due, told) = (whole.iter().filter(due).count(), late.iter().filter(|told| told.is_event()).count());
        assert!(told >= due, "{spec} from {}: {told} events of {due}", frame.first_sample);
    }
}

/// The message of an event carries what its JSON says; gives its place.
fn assert_says_the_same(event: &Told) -> Place {
    let (Told::Event { message, .. }, json) = (event, event.json()) else { panic!("{event:?}") };
    let message = Message::decode(message).unwrap();
    let place = message.header.place.unwrap();
    let meta: Value = message.meta().map_or(json!({}), |text| serde_json::from_str(text).unwrap());
    let format = json["format"].as_str();
    let mut in_meta = 0;
    for (name, value) in json.as_object().unwrap() {
        let in_header = match name.as_str() {
            "sample_rate" => json!(place.sample_rate.hz()),
            "timestamp" => json!(place.captured_us / 1000),
            "frame_number" => json!(place.frame_number),
            "duration_ms" => json!(f64::from(place.samples) * 1e3 / f64::from(place.sample_rate.hz())),
            "epoch" => json!(place.epoch),
            "first_sample" => json!(place.first_sample),
            "captured_us" => json!(place.captured_us),
            "samples" => json!(place.samples),
            "flags" => json!(flag_words(place.flags)),
            "format" | "channels" => value.clone(),
            _ if value.is_array() || (value.is_string() && format.is_some()) => {
                let mut elements = Vec::new();
                message.elements(name).inspect(|section| assert!(section.append_to(&mut elements)));
                assert_eq!(elements, numbers(value, format), "{name}");
                continue;
            }
            _ => {
                in_meta += 1;
                meta[name].clone()
            }
        };
        assert_eq!(*value, in_header, "{name}");
    }
    assert_eq!(meta.as_object().unwrap().len(), in_meta, "{meta}");
    place
}

/// The samples of an array or of base64 in `format`.
pub(super) fn numbers(value: &Value, format: Option<&str>) -> Vec<f32> {
    let bytes = || STANDARD.decode(value.as_str().unwrap()).unwrap();
    match format {
        None => serde_json::from_value(value.clone()).unwrap(),
        Some("f32") => bytes().as_chunks().0.iter().map(|raw| f32::from_le_bytes(*raw)).collect(),
        Some("i16") => bytes().as_chunks().0.iter().map(|raw| f32::from(i16::from_le_bytes(*raw)) / 32_768.0).collect(),
        Some(other) => panic!("{other}"),
    }
}

/// Frames whose times do not follow each other exactly, of which some are clipped.
pub(super) fn uneven(mut frames: Vec<AudioFrame>) -> Vec<AudioFrame> {
    for (number, frame) in frames.iter_mut().enumerate() {
        frame.captured_us += 3 * number as u64;
        frame.monotonic_us += 2 * number as u64;
        frame.flags.clipped = number % 3 == 1;
        frame.flags.nonfinite = number % 5 == 4;
    }
    frames
}
