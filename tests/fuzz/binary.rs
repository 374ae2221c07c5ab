//! Fuzz body for binary messages: whatever the bytes are, they are refused or read, the same at once and in pieces; and
//! what was read is the same when it is written and read again.
//!
//! A plain function for libFuzzer and for the seeded runs of `make test`.

use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::{
    Elements, Header, MAX_MESSAGE_BYTES, Message, MessageReader, MessageWriter, Place, SampleFormat, kind, read_frame,
};
use photophone_signal::{Epoch, FrameFlags};

/// Reads `data` as one message and as a stream.
pub(crate) fn binary(data: &[u8]) {
    if let Ok(message) = Message::decode(data) {
        assert!(message.sections().count() <= data.len() / 32);
        drop(read_frame(&message));
        let again = rewrite(&message);
        let again = Message::decode(&again).expect("what was read can be written");
        assert_eq!(again.header, message.header);
        assert_eq!(rewrite(&again), rewrite(&message));
    }
    // The first byte chooses the size of the pieces.
    let size = usize::from(data.first().copied().unwrap_or_default() % 40) + 1;
    assert_eq!(kinds(data.chunks(size)), kinds([data]));
}

/// Kinds of all messages of a stream, and how it ended.
fn kinds<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, Result<usize, String>) {
    let mut reader = MessageReader::new(MAX_MESSAGE_BYTES);
    let mut kinds = Vec::new();
    for piece in pieces {
        if let Err(error) = reader.read(piece, |message| kinds.push(message.header.kind.to_owned())) {
            return (kinds, Err(error.to_string()));
        }
    }
    (kinds, Ok(reader.pending_bytes()))
}

/// All that this version knows, written again.
fn rewrite(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = MessageWriter::begin(&mut out, &message.header);
    for section in message.sections() {
        let mut values = Vec::new();
        section.elements.append_to(&mut values);
        writer = match section.elements {
            Elements::F32(_) => writer.f32(section.name, &values),
            Elements::I16(_) => writer.samples(section.name, &values, SampleFormat::I16),
            Elements::Json(_) | Elements::Unknown => writer,
        };
    }
    writer.finish().expect("it is no longer than what was read");
    out
}

/// Messages of each shape, alone and back to back.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let place = Place {
        epoch: Epoch::from_random_bytes([7; 16]),
        frame_number: 1,
        first_sample: 1600,
        samples: 3,
        captured_us: 1_700_000_000_000_000,
        monotonic_us: 33_333,
        sample_rate: SampleRate::new(48_000).expect("not zero"),
        channels: 2,
        flags: FrameFlags { after_gap: true, ..FrameFlags::default() },
    };
    let values = [0.25, -1.0, 1e-45];
    let header = Header { kind: kind::FRAME, feed: 1, place: Some(place) };
    let mut seeds = vec![Vec::new(); 4];
    let written = [
        MessageWriter::begin(&mut seeds[0], &header).f32("channel_a", &values).f32("channel_b", &values).finish(),
        MessageWriter::begin(&mut seeds[1], &header).samples("channel_a", &values, SampleFormat::I16).finish(),
        MessageWriter::begin(&mut seeds[2], &header).f32("magnitude_a", &values).meta(&"µ").finish(),
    ];
    assert!(written.iter().all(Result::is_ok));
    let heartbeat = Header { kind: kind::HEARTBEAT, feed: 0, place: None };
    MessageWriter::begin(&mut seeds[3], &heartbeat).finish().expect("it has a name");
    seeds.push(seeds.concat());
    seeds
}
