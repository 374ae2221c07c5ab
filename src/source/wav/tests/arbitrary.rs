//! Whatever the bytes are, reading ends, does not panic and gives no more samples than there are bytes.

use proptest::prelude::*;

use super::*;

#[path = "../../../../tests/fuzz/wav.rs"]
mod fuzz;

use fuzz::wav as exercise;

fn valid_files() -> impl Strategy<Value = Vec<u8>> {
    let data = || prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| bytes.repeat(24));
    let list = || chunk(b"LIST", b"INFOISFT\x03\0\0\0abc");
    let ds64 = || chunk(b"ds64", &[0; 28]);
    prop_oneof![
        data().prop_map(|data| wav(PCM, 2, 48_000, 16, &data)),
        data().prop_map(move |data| riff(&[list(), extensible(PCM, 3, 8000, 32, 24), list(), chunk(b"data", &data)])),
        data().prop_map(move |data| {
            form(b"RF64", &[ds64(), fmt(FLOAT, 1, 8000, 64), sized_chunk(b"data", u32::MAX, &data), list()])
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        exercise(&bytes);
        exercise(&[b"RIFF\0\0\0\0WAVE".as_slice(), &bytes].concat());
        exercise(&[&wav(PCM, 1, 8000, 8, b"")[..DATA_AT], b"data", &bytes].concat());
    }

    #[test]
    fn any_fmt_chunk(body in prop::collection::vec(any::<u8>(), 0..48), tag in 0_usize..4) {
        let mut body = body;
        if let Some(start) = body.first_chunk_mut::<2>() {
            *start = [1_u16, 3, 0xFFFE, 7][tag].to_le_bytes();
        }
        exercise(&riff(&[chunk(b"fmt ", &body), chunk(b"data", &[0; 240])]));
    }

    #[test]
    fn a_valid_file_with_changed_bytes(
        file in valid_files(),
        changes in prop::collection::vec((0_usize..140, prop_oneof![Just(0), Just(0xFF), Just(0x80), any::<u8>()]), 1..8),
        cut in prop::option::weighted(0.2, 0_usize..400),
    ) {
        let mut bytes = file;
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.truncate(cut.unwrap_or(usize::MAX));
        exercise(&bytes);
    }
}

#[test]
fn fuzz_seeds_reach_the_samples() {
    fuzz::seeds().iter().for_each(|seed| exercise(seed));
    let readable = fuzz::seeds().iter().filter(|seed| open(seed).is_ok_and(|reader| reader.samples() > 0)).count();
    assert!(readable >= 8, "only {readable}");
}
