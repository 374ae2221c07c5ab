//! Every format arrives with the exact values that it stands for, in the right channel.

use proptest::prelude::*;

use super::super::Encoding;
use super::*;
use crate::source::Integrity;

const FORMATS: [(u16, u16, Encoding); 6] = [
    (PCM, 8, Encoding::U8),
    (PCM, 16, Encoding::I16),
    (PCM, 24, Encoding::I24),
    (PCM, 32, Encoding::I32),
    (FLOAT, 32, Encoding::F32),
    (FLOAT, 64, Encoding::F64),
];

/// Sample `index` of `channel` as stored, and the value that it stands for.
fn sample(encoding: Encoding, index: usize, channel: usize) -> (Vec<u8>, f32) {
    let step = (index * 257 + channel * 31 + 1) as i64;
    let at_bits = |bits: u32| step.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64) >> (64 - bits);
    let value = |bits: u32| (at_bits(bits) as f64 / f64::powi(2.0, bits as i32 - 1)) as f32;
    match encoding {
        Encoding::U8 => (vec![(at_bits(8) + 128) as u8], value(8)),
        Encoding::I16 => ((at_bits(16) as i16).to_le_bytes().to_vec(), value(16)),
        Encoding::I24 => ((at_bits(24) as i32).to_le_bytes()[..3].to_vec(), value(24)),
        Encoding::I32 => ((at_bits(32) as i32).to_le_bytes().to_vec(), value(32)),
        Encoding::F32 => (value(24).to_le_bytes().to_vec(), value(24)),
        Encoding::F64 => {
            let wide = at_bits(50) as f64 / f64::powi(2.0, 49);
            (wide.to_le_bytes().to_vec(), wide as f32)
        }
    }
}

#[test]
fn every_format_and_channel_count_arrives_where_it_belongs() {
    const SAMPLES: usize = 100;
    for (tag, bits, encoding) in FORMATS {
        for channels in [1, 2, 3, 6, 255, 256] {
            let stored: Vec<u8> = (0..SAMPLES)
                .flat_map(|index| (0..channels).flat_map(move |channel| sample(encoding, index, channel).0))
                .collect();
            let bytes = wav(tag, channels as u16, 48_000, bits, &stored);
            for (a, b) in [(1, 2), (channels, 1), (channels, 0)] {
                let (format, block) = read_all(&bytes, a as u16, b as u16).unwrap();
                let expected = |channel: usize| -> Vec<f32> {
                    (0..SAMPLES).map(|index| sample(encoding, index, channel - 1).1).collect()
                };
                let place = format!("{encoding:?}, {channels} channels, A = {a}, B = {b}");
                assert_eq!(block.channel_a, expected(a), "{place}");
                let no_b = b == 0 || channels == 1;
                assert_eq!(block.channel_b, if no_b { vec![] } else { expected(b) }, "{place}");
                assert_eq!((format.encoding, usize::from(format.channels)), (encoding, channels), "{place}");
            }
        }
    }
}

#[test]
fn extremes_are_exact() {
    let cases: [(u16, u16, &[u8], f32); 17] = [
        (PCM, 8, &[0], -1.0),
        (PCM, 8, &[128], 0.0),
        (PCM, 8, &[255], 127.0 / 128.0),
        (PCM, 16, &[0, 0x80], -1.0),
        (PCM, 16, &[0xFF, 0xFF], -1.0 / 32_768.0),
        (PCM, 16, &[0xFF, 0x7F], 32_767.0 / 32_768.0),
        (PCM, 24, &[0, 0, 0x80], -1.0),
        (PCM, 24, &[0xFF, 0xFF, 0xFF], -1.0 / 8_388_608.0),
        (PCM, 24, &[0xFF, 0xFF, 0x7F], 8_388_607.0 / 8_388_608.0),
        (PCM, 32, &[0, 0, 0, 0x80], -1.0),
        (PCM, 32, &[1, 0, 0, 0], 1.0 / 2_147_483_648.0),
        (PCM, 32, &[0xFF, 0xFF, 0xFF, 0x7F], 1.0),
        (FLOAT, 32, &f32::MIN_POSITIVE.to_le_bytes(), f32::MIN_POSITIVE),
        (FLOAT, 32, &f32::NEG_INFINITY.to_le_bytes(), f32::NEG_INFINITY),
        (FLOAT, 64, &1e300_f64.to_le_bytes(), f32::INFINITY),
        (FLOAT, 64, &(-0.1_f64).to_le_bytes(), -0.1),
        (FLOAT, 64, &f64::NEG_INFINITY.to_le_bytes(), f32::NEG_INFINITY),
    ];
    for (tag, bits, stored, expected) in cases {
        assert_eq!(channel_a(&wav(tag, 1, 8000, bits, stored)), [expected], "{tag} {bits} {stored:?}");
    }
    assert!(channel_a(&wav(FLOAT, 1, 8000, 64, &f64::NAN.to_le_bytes()))[0].is_nan());
    assert!(channel_a(&wav(FLOAT, 1, 8000, 64, &(-0.0_f64).to_le_bytes()))[0].is_sign_negative());
}

#[test]
fn every_8_bit_value_is_exact() {
    let stored: Vec<u8> = (0..=255).collect();
    let read = channel_a(&wav(PCM, 1, 8000, 8, &stored));
    let back: Vec<u8> = read.iter().map(|value| (f64::from(*value) * 128.0 + 128.0) as u8).collect();
    assert_eq!(back, stored);
}

#[test]
fn every_16_bit_value_is_exact() {
    let stored: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    let bytes: Vec<u8> = stored.iter().flat_map(|value| value.to_le_bytes()).collect();
    let read = channel_a(&wav(PCM, 1, 8000, 16, &bytes));
    assert!(read.iter().zip(&stored).all(|(read, stored)| f64::from(*read) == f64::from(*stored) / 32_768.0));
    assert_eq!(read.len(), 65_536);
}

#[test]
fn a_mono_file_is_mono_whatever_channel_b_says() {
    let bytes = wav(PCM, 1, 8000, 8, &[0, 255]);
    for channel_b in [0, 1, 2, 9] {
        assert!(read_all(&bytes, 1, channel_b).unwrap().1.channel_b.is_empty());
    }
}

/// Bits, valid bits declared and stored bytes; expected encoding, value, clip level and whether it is bit-exact.
type ExtensibleCase = (u16, u16, u16, &'static [u8], Encoding, f32, f64, bool);

#[test]
fn extensible_formats_are_read_by_their_container() {
    let cases: [ExtensibleCase; 9] = [
        (PCM, 8, 8, &[255], Encoding::U8, 127.0 / 128.0, 7.0, true),
        (PCM, 16, 16, &[0, 0x40], Encoding::I16, 0.5, 15.0, true),
        (PCM, 16, 0, &[0, 0x40], Encoding::I16, 0.5, 15.0, true),
        (PCM, 24, 24, &[0, 0, 0x40], Encoding::I24, 0.5, 23.0, true),
        (PCM, 24, 20, &[0xF0, 0xFF, 0x7F], Encoding::I24, 524_287.0 / 524_288.0, 19.0, true),
        (PCM, 32, 24, &[0, 0xFF, 0xFF, 0x7F], Encoding::I32, 8_388_607.0 / 8_388_608.0, 23.0, false),
        (PCM, 32, 32, &[0, 0, 0, 0x40], Encoding::I32, 0.5, 99.0, false),
        (FLOAT, 32, 32, &[0, 0, 0, 0x3F], Encoding::F32, 0.5, 99.0, true),
        (FLOAT, 64, 64, &[0, 0, 0, 0, 0, 0, 0xE0, 0x3F], Encoding::F64, 0.5, 99.0, false),
    ];
    for (tag, bits, valid, stored, encoding, value, clip_bits, exact) in cases {
        let bytes = riff(&[extensible(tag, 1, 96_000, bits, valid), chunk(b"data", stored)]);
        let (format, block) = read_all(&bytes, 1, 2).unwrap();
        let place = format!("{encoding:?}, {valid} of {bits} bits");
        assert_eq!((format.encoding, block.channel_a), (encoding, vec![value]), "{place}");
        assert_eq!(format.clip_level(), (1.0 - f64::powf(2.0, -clip_bits)) as f32, "{place}");
        assert_eq!(format.integrity() == Integrity::BitExact, exact, "{place}");
    }
}

#[test]
fn the_largest_value_of_each_integer_format_reaches_its_clip_level() {
    let cases: [(u16, &[u8], &[u8]); 4] = [
        (8, &[255], &[254]),
        (16, &[0xFF, 0x7F], &[0xFE, 0x7F]),
        (24, &[0xFF, 0xFF, 0x7F], &[0xFE, 0xFF, 0x7F]),
        (32, &[0xFF, 0xFF, 0xFF, 0x7F], &[0x00, 0xFF, 0xFF, 0x7F]),
    ];
    for (bits, largest, below) in cases {
        let (format, block) = read_all(&wav(PCM, 2, 8000, bits, &[largest, below].concat()), 1, 2).unwrap();
        assert!(block.channel_a[0] >= format.clip_level(), "{bits}");
        assert!(block.channel_b[0] < format.clip_level(), "{bits}");
    }
}

#[test]
fn integers_that_do_not_fill_their_bytes_are_left_justified() {
    let twelve_of_sixteen = riff(&[fmt(PCM, 1, 8000, 12), chunk(b"data", &[0xF0, 0x7F])]);
    let (format, block) = read_all(&twelve_of_sixteen, 1, 0).unwrap();
    assert_eq!((format.encoding, format.valid_bits), (Encoding::I16, 12));
    assert_eq!(block.channel_a, [2047.0 / 2048.0]);
    assert_eq!(format.clip_level(), 2047.0 / 2048.0);
}

proptest! {
    #[test]
    fn any_24_bit_value_is_exact(values in prop::collection::vec(-8_388_608_i32..8_388_608, 1..100)) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()[..3].to_vec()).collect();
        let expected: Vec<f64> = values.iter().map(|value| f64::from(*value) / 8_388_608.0).collect();
        let read: Vec<f64> = channel_a(&wav(PCM, 1, 8000, 24, &bytes)).into_iter().map(f64::from).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn any_32_bit_value_is_rounded_once(values in prop::collection::vec(any::<i32>(), 1..100)) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let expected: Vec<f32> = values.iter().map(|value| (f64::from(*value) / 2_147_483_648.0) as f32).collect();
        prop_assert_eq!(channel_a(&wav(PCM, 1, 8000, 32, &bytes)), expected);
    }

    #[test]
    fn any_f32_keeps_its_bits(patterns in prop::collection::vec(any::<u32>(), 1..100)) {
        let bytes: Vec<u8> = patterns.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let read: Vec<u32> = channel_a(&wav(FLOAT, 1, 8000, 32, &bytes)).into_iter().map(f32::to_bits).collect();
        prop_assert_eq!(read, patterns);
    }
}
