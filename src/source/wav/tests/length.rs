//! Where the samples are and how many: RF64 and BW64, unknown lengths, and chunks of all kinds around them.

use std::io::{self, Read, Seek, SeekFrom};

use super::*;

/// An 8-bit mono file with these chunks around `fmt `, whose samples are 128 + 64, 128, 128 - 64.
fn with_chunks(before_fmt: &[Vec<u8>], after_fmt: &[Vec<u8>], after_data: &[Vec<u8>]) -> Vec<u8> {
    let samples = chunk(b"data", &[192, 128, 64, 128]);
    riff(&[before_fmt, &[fmt(PCM, 1, 8000, 8)], after_fmt, &[samples], after_data].concat())
}

#[test]
fn foreign_chunks_are_passed_over() {
    let odd = || chunk(b"LIST", b"INFOodd");
    let big = || chunk(b"JUNK", &vec![0xAA; 200_001]);
    let cases = [
        with_chunks(&[], &[], &[]),
        with_chunks(&[big()], &[], &[]),
        with_chunks(&[chunk(b"bext", &[0; 602])], &[odd(), chunk(b"fact", &[0; 4])], &[]),
        with_chunks(&[odd(), odd()], &[odd(), big()], &[odd()]),
        with_chunks(&[chunk(b"\0\xFF?\x01", b""), chunk(b"    ", b"x")], &[], &[vec![1, 2, 3]]),
        with_chunks(&[], &[sized_chunk(b"LIST", 7, b"INFOodd")[..15].to_vec()], &[]),
        with_chunks(&[sized_chunk(b"iXML", 1, b"x")[..9].to_vec()], &[], &[]),
    ];
    for (case, bytes) in cases.iter().enumerate() {
        assert_eq!(channel_a(bytes), [0.5, 0.0, -0.5, 0.0], "case {case}");
    }
}

#[test]
fn rf64_and_bw64_take_their_length_from_ds64() {
    for id in [b"RF64", b"BW64"] {
        let samples = sized_chunk(b"data", u32::MAX, &[192, 64]);
        let bytes = form(id, &[ds64(2), fmt(PCM, 1, 8000, 8), samples, chunk(b"LIST", b"INFO")]);
        let reader = open(&bytes).unwrap();
        assert!(reader.length_known());
        assert_eq!(channel_a(&bytes), [0.5, -0.5]);
    }
}

#[test]
fn a_size_below_4_gib_in_an_rf64_counts_as_it_stands() {
    let bytes = form(b"RF64", &[ds64(99), fmt(PCM, 1, 8000, 8), chunk(b"data", &[192, 64])]);
    assert_eq!(channel_a(&bytes), [0.5, -0.5]);
}

#[test]
fn data_of_unknown_length_goes_to_the_end_of_the_file() {
    for placeholder in [0, 0x7FFF_0000, 0x7FFF_F000, 0x8000_0000, u32::MAX] {
        let bytes = riff(&[fmt(PCM, 1, 8000, 8), sized_chunk(b"data", placeholder, &[192, 64, 0, 128])]);
        assert!(!open(&bytes).unwrap().length_known(), "{placeholder:#x}");
        assert_eq!(channel_a(&bytes), [0.5, -0.5, -1.0, 0.0], "{placeholder:#x}");
    }
    // What sox writes for three channels of 24 bits: rounded down to a multiple of 9.
    let samples = sized_chunk(b"data", 0x7FFF_EFFF, &[0, 0, 0x40].repeat(6));
    assert_eq!(channel_a(&riff(&[extensible(PCM, 3, 8000, 24, 24), samples])), [0.5, 0.5]);
    for unknown in [0, u64::MAX] {
        let samples = sized_chunk(b"data", u32::MAX, &[192, 64]);
        let bytes = form(b"RF64", &[ds64(unknown), fmt(PCM, 1, 8000, 8), samples]);
        assert_eq!(channel_a(&bytes), [0.5, -0.5], "{unknown:#x}");
    }
}

#[test]
fn the_fraction_of_a_sample_at_the_end_of_an_unknown_length_is_left_out_and_counted() {
    let bytes = riff(&[fmt(PCM, 2, 8000, 16), sized_chunk(b"data", u32::MAX, &[0, 0x40, 0, 0x40, 1, 2])]);
    let reader = open(&bytes).unwrap();
    assert_eq!((reader.samples(), reader.tail_bytes()), (1, 2));
    assert_eq!(channel_a(&bytes), [0.5]);
}

#[test]
fn an_empty_data_chunk_is_told_from_one_of_unknown_length() {
    let fmt = || fmt(PCM, 1, 8000, 8);
    let empty = [
        riff(&[fmt(), chunk(b"data", b"")]),
        riff(&[fmt(), chunk(b"data", b""), chunk(b"LIST", b"INFOISFT")]),
        riff(&[fmt(), chunk(b"data", b""), chunk(b"LIST", b"INFO"), sized_chunk(b"id3 ", 3, b"abc")[..11].to_vec()]),
    ];
    for bytes in empty {
        let reader = open(&bytes).unwrap();
        assert_eq!((reader.samples(), reader.length_known()), (0, true));
    }
    // Silence of 16 zero bytes must not pass for two empty chunks.
    let crashed = riff(&[fmt(), sized_chunk(b"data", 0, &[0; 16])]);
    assert_eq!(open(&crashed).unwrap().samples(), 16);
}

/// A file in memory whose bytes between its head and its last ones are zero.
struct Sparse {
    head: Vec<u8>,
    tail: Vec<u8>,
    bytes: u64,
    at: u64,
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let tail_at = self.bytes - self.tail.len() as u64;
        let (part, zeros) = match self.at {
            at if at < self.head.len() as u64 => (&self.head[at as usize..], 0),
            at if at < tail_at => (&[][..], tail_at - at),
            at => (&self.tail[(at.min(self.bytes) - tail_at) as usize..], 0),
        };
        let count = buffer.len().min(part.len() + zeros.min(1 << 20) as usize);
        if part.is_empty() {
            buffer[..count].fill(0);
        } else {
            buffer[..count].copy_from_slice(&part[..count]);
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.bytes.wrapping_add_signed(by),
            SeekFrom::Current(by) => self.at.wrapping_add_signed(by),
        };
        Ok(self.at)
    }
}

#[test]
fn more_than_4_gib_are_read_to_the_last_sample() {
    const STRIDE: u64 = 256 * 8;
    let samples = (1 << 32) / STRIDE + 1000;
    let last = [0.25_f64.to_le_bytes(), (-0.5_f64).to_le_bytes()].concat();
    let rf64 = [ds64(samples * STRIDE), fmt(FLOAT, 256, 96_000, 64), sized_chunk(b"data", u32::MAX, b"")];
    let unknown = [fmt(FLOAT, 256, 96_000, 64), sized_chunk(b"data", u32::MAX, b"")];
    for head in [form(b"RF64", &rf64), riff(&unknown)] {
        let bytes = head.len() as u64 + samples * STRIDE;
        let mut reader = WavReader::open(Sparse { head, tail: last.clone(), bytes, at: 0 }).unwrap();
        reader.choose_channels(255, 256).unwrap();
        assert_eq!(reader.samples(), samples);
        let (mut block, mut read) = (SampleBlock::default(), 0);
        while reader.remaining() > 0 {
            read += reader.read(512, &mut block).unwrap() as u64;
        }
        assert_eq!(read, samples);
        assert_eq!((block.channel_a.last(), block.channel_b.last()), (Some(&0.25), Some(&-0.5)));
    }
}
