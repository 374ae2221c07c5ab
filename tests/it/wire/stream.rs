//! Messages back to back, in pieces of any size.

use photophone_signal::wire::binary::{Fault, MAX_MESSAGE_BYTES, Message, MessageReader, StreamError};
use proptest::prelude::*;

use super::{GOLDEN, Seen, golden};

fn stream() -> Vec<u8> {
    GOLDEN.into_iter().flat_map(golden).collect()
}

fn whole() -> Vec<Seen> {
    GOLDEN.into_iter().map(Seen::in_golden).collect()
}

fn read(pieces: &[&[u8]]) -> Result<Vec<Seen>, StreamError> {
    let mut reader = MessageReader::new(MAX_MESSAGE_BYTES);
    let mut seen = Vec::new();
    for piece in pieces {
        reader.read(piece, |message| seen.push(Seen::in_message(&message)))?;
    }
    assert_eq!(reader.pending_bytes(), 0);
    Ok(seen)
}

#[test]
fn a_stream_reads_the_same_however_it_is_cut() {
    let stream = stream();
    assert_eq!(read(&[&stream]).unwrap(), whole());
    assert_eq!(read(&stream.chunks(1).collect::<Vec<_>>()).unwrap(), whole());
    for cut in 0..=stream.len() {
        let (one, other) = stream.split_at(cut);
        assert_eq!(read(&[one, other]).unwrap(), whole(), "{cut}");
    }
}

proptest! {
    #[test]
    fn a_stream_reads_the_same_in_pieces_of_any_size(sizes in prop::collection::vec(0_usize..300, 0..60)) {
        let stream = stream();
        let mut rest = &stream[..];
        let mut pieces = Vec::new();
        for size in sizes {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        prop_assert_eq!(read(&pieces).unwrap(), whole());
    }
}

#[test]
fn what_comes_before_an_error_is_read_and_nothing_after_it() {
    let good = golden("gap");
    let mut reader = MessageReader::new(MAX_MESSAGE_BYTES);
    let mut count = 0;
    let bytes = [&good[..], b"HTTP/1.1 ", &good].concat();
    let error = reader.read(&bytes, |_| count += 1).unwrap_err();
    assert_eq!((count, error.message_at, error.error.at), (1, good.len() as u64, 0));
    assert_eq!(error.error.fault, Fault::Magic(b'H'));
    assert_eq!(reader.read(&good, |_| count += 1), Err(error), "it goes on after an error");
    assert_eq!(count, 1);
}

#[test]
fn a_wrong_beginning_is_refused_at_its_first_byte() {
    let mut reader = MessageReader::new(MAX_MESSAGE_BYTES);
    assert!(reader.read(&[0x89], |_| {}).is_ok());
    assert!(reader.read(b"T", |_| {}).is_err());
}

#[test]
fn a_message_beyond_the_bound_is_refused_before_it_is_kept() {
    let spectrum = golden("spectrum");
    let bound = spectrum.len() - 8;
    let mut reader = MessageReader::new(bound);
    assert!(reader.read(&spectrum[..11], |_| {}).is_ok());
    let error = reader.read(&spectrum[11..12], |_| {}).unwrap_err();
    assert_eq!(error.error.fault, Fault::MessageBytes { found: 400, least: 88, most: bound });
    assert!(reader.pending_bytes() <= 12);
    assert!(Message::decode(&spectrum).is_ok());
}

#[test]
fn a_stream_that_was_cut_off_is_known_by_what_is_pending() {
    let frame = golden("frame_f32");
    let mut reader = MessageReader::new(MAX_MESSAGE_BYTES);
    reader.read(&frame[..100], |_| panic!("half a message was handed on")).unwrap();
    assert_eq!(reader.pending_bytes(), 100);
}
