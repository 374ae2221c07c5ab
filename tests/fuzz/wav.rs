//! Fuzz body for WAV files: whatever the bytes are, reading ends, does not panic, and gives the samples that the
//! headers promise, no more than there are bytes, in memory bounded by the block.
//!
//! A plain function for libFuzzer and for the seeded runs of `make test`.

use std::io::Cursor;

use photophone::source::SampleBlock;
use photophone::source::wav::WavReader;

const BLOCK_SAMPLES: usize = 64;

/// Opens `data` and reads everything, twice.
pub(crate) fn wav(data: &[u8]) {
    let Ok(mut reader) = WavReader::open(Cursor::new(data)) else { return };
    let channels = reader.format().channels;
    reader.choose_channels(channels, 1).expect("the last and the first channel are there");
    let mut block = SampleBlock::default();
    for _ in 0..2 {
        let mut read = 0;
        while reader.remaining() > 0 {
            let samples = reader.read(BLOCK_SAMPLES, &mut block).expect("the bytes are all there");
            assert!((1..=BLOCK_SAMPLES).contains(&samples));
            assert!(block.channel_b.is_empty() || block.channel_b.len() == samples);
            assert_eq!(block.channel_a.len(), samples);
            read += samples;
        }
        assert!(read <= data.len());
        assert_eq!(read as u64, reader.samples());
        reader.rewind().expect("bytes in memory can be sought");
    }
    assert!(block.channel_a.capacity() <= 2 * BLOCK_SAMPLES);
}

/// One file of each kind that is read, and some that are refused.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let ramp: Vec<u8> = (0..240).collect();
    let plain = |tag, channels, bits: u16| riff(b"RIFF", &[fmt(tag, channels, bits, &[]), chunk(b"data", 240, &ramp)]);
    let guid = [1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
    let extension = [&[22, 0, 24, 0, 0, 0, 0, 0][..], &guid].concat();
    let extensible = fmt(0xFFFE, 3, 32, &extension);
    let list = chunk(b"LIST", 15, b"INFOISFT\x03\0\0\0abc\0");
    let ds64 = chunk(b"ds64", 28, &[&u64::MAX.to_le_bytes()[..], &240_u64.to_le_bytes(), &[0; 12]].concat());
    vec![
        plain(1, 1, 8),
        plain(1, 2, 16),
        plain(1, 2, 24),
        plain(1, 1, 32),
        plain(3, 2, 32),
        plain(3, 1, 64),
        plain(7, 1, 8),
        riff(b"RIFF", &[list.clone(), extensible, list.clone(), chunk(b"data", 240, &ramp)]),
        riff(b"RF64", &[ds64, fmt(3, 1, 64, &[]), chunk(b"data", u32::MAX, &ramp), list]),
        riff(b"RIFF", &[fmt(1, 2, 16, &[]), chunk(b"data", 0, &ramp)]),
        Vec::new(),
    ]
}

fn riff(id: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    [&id[..], &(body.len() as u32 + 4).to_le_bytes(), b"WAVE", &body].concat()
}

fn chunk(id: &[u8; 4], size: u32, body: &[u8]) -> Vec<u8> {
    [&id[..], &size.to_le_bytes(), body].concat()
}

fn fmt(tag: u16, channels: u16, bits: u16, extension: &[u8]) -> Vec<u8> {
    let (rate_hz, block_align) = (48_000_u32, channels * bits / 8);
    let mut body = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
    body.extend([rate_hz.to_le_bytes(), (rate_hz * u32::from(block_align)).to_le_bytes()].concat());
    body.extend([block_align.to_le_bytes(), bits.to_le_bytes()].concat());
    body.extend(extension);
    chunk(b"fmt ", body.len() as u32, &body)
}
