//! The golden files: read, written again to the same bytes, refused where they were made wrong, and read by numpy.

use photophone_signal::wire::binary::{Elements, HEADER_BYTES, Message, SampleFormat, read_frame, write_frame};
use photophone_signal::{Epoch, FrameFlags, Gap};
use serde::Deserialize;
use serde_json::json;

use super::{GOLDEN, Seen, fixture, from_hex, golden, rewrite, to_hex};
use crate::support::python::reference;

#[test]
fn golden_messages_read_as_their_json_says() {
    for name in GOLDEN {
        let bytes = golden(name);
        let message = Message::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(Seen::in_message(&message), Seen::in_golden(name), "{name}");
    }
}

#[test]
fn golden_messages_are_written_to_the_same_bytes() {
    for name in GOLDEN.into_iter().filter(|name| *name != "later_minor") {
        let bytes = golden(name);
        let again = rewrite(&Message::decode(&bytes).unwrap());
        assert_eq!(to_hex(&again), to_hex(&bytes), "{name}");
    }
}

#[test]
fn arrays_begin_at_multiples_of_eight() {
    for name in GOLDEN {
        let bytes = golden(name);
        assert_eq!(bytes.len() % 8, 0, "{name}");
        for section in Message::decode(&bytes).unwrap().sections() {
            let start = match section.elements {
                Elements::F32(values) => values.as_ptr().addr(),
                Elements::I16(values) => values.as_ptr().addr(),
                Elements::Json(text) => text.as_ptr().addr(),
                Elements::Unknown => continue,
            };
            assert_eq!((start - bytes.as_ptr().addr()) % 8, 0, "{name}: {}", section.name);
        }
    }
}

#[test]
fn golden_frames_are_frames() {
    for (name, format) in [("frame_f32", SampleFormat::F32), ("frame_i16", SampleFormat::I16)] {
        let bytes = golden(name);
        let message = Message::decode(&bytes).unwrap();
        let frame = read_frame(&message).unwrap();
        let mut again = Vec::new();
        write_frame(&mut again, message.header.feed, &frame, format).unwrap();
        assert_eq!(to_hex(&again), to_hex(&bytes), "{name}");
    }
    for name in ["spectrum", "heartbeat", "later_minor"] {
        assert_eq!(read_frame(&Message::decode(&golden(name)).unwrap()), None, "{name}");
    }
}

#[test]
fn a_gap_is_the_gap_of_json() {
    let bytes = golden("gap");
    let gap: Gap = serde_json::from_str(Message::decode(&bytes).unwrap().meta().unwrap()).unwrap();
    assert_eq!((gap.from_sample, gap.to_sample, gap.exact), (1600, None, false));
    assert!(gap.next_epoch.is_some_and(|epoch| epoch != gap.epoch));
}

#[test]
fn numpy_reads_what_we_read() {
    let mut messages: Vec<_> = GOLDEN.map(golden).into();
    for (number, format) in [(1, SampleFormat::F32), (2, SampleFormat::I16)] {
        let mut bytes = Vec::new();
        write_frame(&mut bytes, number, &a_frame(), format).unwrap();
        messages.push(bytes);
    }
    let request: Vec<_> = messages.iter().map(|bytes| to_hex(bytes)).collect();
    let answer: Vec<Seen> = serde_json::from_value(reference("wire.py", &json!(request))).unwrap();
    assert_eq!(answer.len(), messages.len());
    for (bytes, numpy) in messages.iter().zip(answer) {
        assert_eq!(Seen::in_message(&Message::decode(bytes).unwrap()), numpy);
    }
}

fn a_frame() -> photophone_signal::AudioFrame {
    let wave = |step: f32| (0..1601).map(|n| (n as f32 * step).sin() * 1.01).collect();
    photophone_signal::AudioFrame {
        epoch: Epoch::from_random_bytes([9; 16]),
        frame_number: 3,
        first_sample: 4803,
        sample_rate: photophone_signal::units::SampleRate::new(48_000).unwrap(),
        monotonic_us: 100_062,
        captured_us: 1_700_000_000_100_062,
        flags: FrameFlags { clipped: true, ..FrameFlags::default() },
        channel_a: wave(0.1),
        channel_b: wave(0.37),
    }
}

/// A golden message made wrong, and how it is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Broken {
    why: String,
    of: String,
    bytes: Option<usize>,
    write: Option<String>,
    to: Option<usize>,
    at: usize,
    says: String,
}

#[test]
fn broken_messages_are_refused_where_they_are_wrong() {
    let rows: Vec<Broken> = serde_json::from_str(&fixture("broken.json")).unwrap();
    for row in rows {
        let mut bytes = golden(&row.of);
        if let (Some(write), Some(to)) = (&row.write, row.to) {
            let write = from_hex(write);
            bytes.splice(to..to + write.len(), write);
        }
        bytes.truncate(row.bytes.unwrap_or(usize::MAX));
        let error = Message::decode(&bytes).err().unwrap_or_else(|| panic!("{}: not refused", row.why));
        assert!(error.at == row.at && error.to_string().contains(&row.says), "{}: {error}", row.why);
    }
}

#[test]
fn every_cut_and_every_length_of_the_header_is_refused() {
    let bytes = golden("spectrum");
    for length in 0..bytes.len() {
        assert!(Message::decode(&bytes[..length]).is_err(), "{length}");
    }
    for header_bytes in (0..=u16::MAX).filter(|length| usize::from(*length) != HEADER_BYTES) {
        let mut bytes = bytes.clone();
        bytes[6..8].copy_from_slice(&header_bytes.to_le_bytes());
        // Where another section begins there, it is a longer header; it has the same place.
        if let Ok(message) = Message::decode(&bytes) {
            assert_eq!(message.header, Message::decode(&golden("spectrum")).unwrap().header);
            assert!(message.sections().count() < 5);
        }
    }
}
