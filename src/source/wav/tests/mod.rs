//! Tests of the WAV source, and the bytes that they read: a WAV file, built chunk by chunk.

mod arbitrary;
mod broken;
mod length;
mod playing;
mod samples;

use std::io::Cursor;

use super::{WavError, WavFormat, WavReader};
use crate::source::SampleBlock;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
/// Where the data chunk of [`wav`] begins.
const DATA_AT: usize = 36;

/// A chunk with its padding byte.
fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    sized_chunk(id, body.len() as u32, body)
}

/// A chunk whose header claims `size`.
fn sized_chunk(id: &[u8; 4], size: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = [id.as_slice(), &size.to_le_bytes(), body].concat();
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

/// A form of chunks: `RIFF`, `RF64` or `BW64`.
fn form(id: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    let size = if id == b"RIFF" { body.len() as u32 + 4 } else { u32::MAX };
    [id.as_slice(), &size.to_le_bytes(), b"WAVE", &body].concat()
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    form(b"RIFF", chunks)
}

/// A `fmt ` chunk of 16 bytes.
fn fmt(tag: u16, channels: u16, rate_hz: u32, bits: u16) -> Vec<u8> {
    fmt_with(tag, channels, rate_hz, channels.wrapping_mul(bits.div_ceil(8)), bits, &[])
}

fn fmt_with(tag: u16, channels: u16, rate_hz: u32, block_align: u16, bits: u16, extension: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend(tag.to_le_bytes());
    body.extend(channels.to_le_bytes());
    body.extend(rate_hz.to_le_bytes());
    body.extend(rate_hz.wrapping_mul(block_align.into()).to_le_bytes());
    body.extend(block_align.to_le_bytes());
    body.extend(bits.to_le_bytes());
    body.extend(extension);
    chunk(b"fmt ", &body)
}

/// A `fmt ` chunk of 40 bytes: WAVE_FORMAT_EXTENSIBLE around format tag `tag`.
fn extensible(tag: u16, channels: u16, rate_hz: u32, bits: u16, valid_bits: u16) -> Vec<u8> {
    let mut extension = Vec::new();
    extension.extend(22_u16.to_le_bytes());
    extension.extend(valid_bits.to_le_bytes());
    extension.extend(0_u32.to_le_bytes());
    extension.extend(tag.to_le_bytes());
    extension.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
    fmt_with(0xFFFE, channels, rate_hz, channels * bits.div_ceil(8), bits, &extension)
}

/// A plain file: header, `fmt ` and `data`.
fn wav(tag: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    riff(&[fmt(tag, channels, rate_hz, bits), chunk(b"data", data)])
}

/// The chunk that gives an RF64 its sizes; the form's own is left unknown.
fn ds64(data_bytes: u64) -> Vec<u8> {
    let body = [u64::MAX.to_le_bytes(), data_bytes.to_le_bytes(), 0_u64.to_le_bytes()].concat();
    chunk(b"ds64", &[body, 0_u32.to_le_bytes().to_vec()].concat())
}

fn open(bytes: &[u8]) -> Result<WavReader<Cursor<&[u8]>>, WavError> {
    WavReader::open(Cursor::new(bytes))
}

/// Reads all samples of `bytes`, in blocks of a length that divides nothing.
fn read_all(bytes: &[u8], channel_a: u16, channel_b: u16) -> Result<(WavFormat, SampleBlock), WavError> {
    let mut reader = open(bytes)?;
    reader.choose_channels(channel_a, channel_b)?;
    let (mut block, mut all) = (SampleBlock::default(), SampleBlock::default());
    while reader.read(37, &mut block)? > 0 {
        all.channel_a.extend(&block.channel_a);
        all.channel_b.extend(&block.channel_b);
    }
    assert_eq!(all.channel_a.len() as u64, reader.samples());
    Ok((*reader.format(), all))
}

/// Channel A of a file that must be readable.
fn channel_a(bytes: &[u8]) -> Vec<f32> {
    read_all(bytes, 1, 0).unwrap().1.channel_a
}
