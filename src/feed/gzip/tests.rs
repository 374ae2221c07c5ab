//! Tests of segments: joined anywhere they are one gzip member, and each event is there as soon as its segment is.

use std::io::Read;

use flate2::read::GzDecoder;
use flate2::{Decompress, FlushDecompress};
use proptest::prelude::*;

use super::*;

const SYNC_FLUSH: [u8; 4] = [0, 0, 0xff, 0xff];

fn member_of(segments: &[GzipSegment]) -> Vec<u8> {
    let mut member = GzipMember::default();
    let mut bytes = HEADER.to_vec();
    for segment in segments {
        member.join(segment);
        bytes.extend(segment.deflated());
    }
    bytes.extend(member.trailer());
    bytes
}

fn gunzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut decoded)?;
    Ok(decoded)
}

/// What a reader that begins with this segment has of it.
fn inflate_alone(segment: &GzipSegment) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(segment.length_bytes as usize + 16);
    let mut inflate = Decompress::new(false);
    inflate.decompress_vec(segment.deflated(), &mut decoded, FlushDecompress::Sync).unwrap();
    decoded
}

fn text(seed: usize, length: usize) -> Vec<u8> {
    (seed..).map(|n| format!("{:.6},", (n as f64).sin())).flat_map(String::into_bytes).take(length).collect()
}

/// Bytes that do not get shorter.
fn noise(length: usize) -> Vec<u8> {
    (0..length as u32).map(|n| (n.wrapping_mul(0x9e37_79b9) ^ (n.wrapping_mul(n) >> 7)) as u8).collect()
}

#[test]
fn a_segment_after_others_is_that_of_a_fresh_compressor() {
    let mut compressor = GzipCompressor::default();
    for event in [text(0, 40_000), text(0, 40_000), noise(70_000), text(3, 100), Vec::new()] {
        let segment = compressor.segment(&event);
        assert_eq!(segment.deflated(), GzipCompressor::default().segment(&event).deflated());
        assert!(segment.deflated().ends_with(&SYNC_FLUSH));
        assert_eq!(inflate_alone(&segment), event);
    }
}

#[test]
fn text_of_numbers_gets_shorter_and_noise_hardly_longer() {
    let mut compressor = GzipCompressor::default();
    let text = text(0, 36_000);
    assert!(compressor.segment(&text).deflated().len() * 2 < text.len());
    let noise = noise(200_000);
    assert!(compressor.segment(&noise).deflated().len() < noise.len() + 100);
}

#[test]
fn a_member_without_its_trailer_or_of_other_segments_is_refused() {
    let segments = [GzipCompressor::default().segment(b"one"), GzipSegment::stored(b"two")];
    let whole = member_of(&segments);
    assert_eq!(gunzip(&whole).unwrap(), b"onetwo");
    assert!(gunzip(&whole[..whole.len() - 1]).is_err());
    let mut wrong = whole.clone();
    wrong[whole.len() - 8] ^= 1;
    assert!(gunzip(&wrong).is_err());
}

#[test]
fn a_member_of_nothing_is_empty() {
    assert_eq!(gunzip(&member_of(&[])).unwrap(), b"");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_events_joined_from_anywhere_on_are_one_member(
        events in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..3000)), 1..12),
        long in 0_usize..200_000,
        from in any::<prop::sample::Index>(),
    ) {
        let mut compressor = GzipCompressor::default();
        let long = [(false, text(7, long)), (true, text(9, long))];
        let events: Vec<(bool, Vec<u8>)> = events.into_iter().chain(long).collect();
        let segments: Vec<GzipSegment> = events.iter().map(|(private, event)| {
            if *private { GzipSegment::stored(event) } else { compressor.segment(event) }
        }).collect();
        let from = from.index(segments.len());
        let expected: Vec<u8> = events[from..].iter().flat_map(|(_, event)| event.clone()).collect();
        prop_assert_eq!(gunzip(&member_of(&segments[from..])).unwrap(), expected);
        for ((_, event), segment) in events.iter().zip(&segments) {
            prop_assert!(segment.deflated().ends_with(&SYNC_FLUSH));
            prop_assert_eq!(&inflate_alone(segment), event);
        }
    }
}
