//! Binary messages: the golden files of `tests/fixtures/wire`, streams of them in pieces, and what is read back.

mod golden;
mod properties;
mod stream;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use photophone_signal::FrameFlags;
use photophone_signal::wire::binary::{Elements, Message, MessageWriter, Place, SampleFormat};
use serde::Deserialize;
use serde_json::{Value, json};

/// All that are right.
const GOLDEN: [&str; 11] = [
    "frame_f32",
    "frame_i16",
    "frame_decimated",
    "spectrum",
    "estimate",
    "envelope",
    "levels",
    "lockin",
    "gap",
    "heartbeat",
    "later_minor",
];

/// What a reader sees in a message, as the golden files tell it.
#[derive(Debug, PartialEq, Deserialize)]
struct Seen {
    kind: String,
    feed: u32,
    place: Option<Value>,
    arrays: BTreeMap<String, Vec<f32>>,
    meta: Option<Value>,
}

impl Seen {
    fn in_message(message: &Message<'_>) -> Self {
        let mut arrays = BTreeMap::new();
        for section in message.sections() {
            let mut values = Vec::new();
            if section.elements.append_to(&mut values) {
                arrays.insert(section.name.to_owned(), values);
            }
        }
        Self {
            kind: message.header.kind.to_owned(),
            feed: message.header.feed,
            place: message.header.place.map(|place| place_as_json(&place)),
            arrays,
            meta: message.meta().map(|text| serde_json::from_str(text).unwrap()),
        }
    }

    fn in_golden(name: &str) -> Self {
        serde_json::from_str(&fixture(&format!("{name}.json"))).unwrap()
    }
}

fn place_as_json(place: &Place) -> Value {
    let FrameFlags { clipped, nonfinite, after_gap } = place.flags;
    let flags = [(clipped, "clipped"), (nonfinite, "nonfinite"), (after_gap, "after_gap")];
    let flags: Vec<_> = flags.into_iter().filter_map(|(set, word)| set.then_some(word)).collect();
    json!({
        "epoch": place.epoch,
        "frame_number": place.frame_number,
        "first_sample": place.first_sample,
        "samples": place.samples,
        "captured_us": place.captured_us,
        "monotonic_us": place.monotonic_us,
        "sample_rate": place.sample_rate,
        "channels": place.channels,
        "flags": flags,
    })
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wire").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The bytes of a golden message.
fn golden(name: &str) -> Vec<u8> {
    let text = fixture(&format!("{name}.hex"));
    text.lines().flat_map(|line| from_hex(line.split('#').next().unwrap())).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same message written again from what was read of it.
fn rewrite(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = MessageWriter::begin(&mut out, &message.header);
    for section in message.sections() {
        let mut values = Vec::new();
        section.elements.append_to(&mut values);
        writer = match section.elements {
            Elements::F32(_) => writer.samples(section.name, &values, SampleFormat::F32),
            Elements::I16(_) => writer.samples(section.name, &values, SampleFormat::I16),
            Elements::Json(text) => writer.meta(&serde_json::from_str::<Value>(text).unwrap()),
            Elements::Unknown => writer,
        };
    }
    writer.finish().unwrap();
    out
}
