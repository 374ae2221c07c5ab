//! Stored samples to f32: one channel picked out of interleaved bytes.
//!
//! Integers are v / 2^(n−1), 8-bit ones (v − 128) / 128; up to 24 bits and f32 arrive exactly, 32-bit integers and
//! f64 are rounded once, to nearest. NaN and infinities pass through, and an f64 beyond f32 becomes infinite.

use super::format::{Encoding, WavFormat};

/// Appends channel `channel` (counted from 0) of `bytes` to `out`; `bytes` are whole strides of `format`.
pub(super) fn append_channel(format: &WavFormat, channel: u16, bytes: &[u8], out: &mut Vec<f32>) {
    let first = usize::from(channel) * format.encoding.bytes();
    let picked = Picked { bytes: bytes.get(first..).unwrap_or_default(), stride: format.stride_bytes() };
    out.reserve(bytes.len() / format.stride_bytes());
    match format.encoding {
        Encoding::U8 => picked.append(out, |[byte]| (f32::from(byte) - 128.0) / 128.0),
        Encoding::I16 => picked.append(out, |raw| f32::from(i16::from_le_bytes(raw)) / 32_768.0),
        // Placed in the upper three bytes of an i32, whose 24 significant bits f32 holds exactly.
        Encoding::I24 => picked.append(out, |[a, b, c]| from_i32(i32::from_le_bytes([0, a, b, c]))),
        Encoding::I32 => picked.append(out, |raw| from_i32(i32::from_le_bytes(raw))),
        Encoding::F32 => picked.append(out, f32::from_le_bytes),
        Encoding::F64 => picked.append(out, |raw| f64::from_le_bytes(raw) as f32),
    }
}

/// The cast rounds to nearest; the division by a power of two is exact.
fn from_i32(value: i32) -> f32 {
    value as f32 / 2_147_483_648.0
}

/// Bytes whose every stride begins with a sample of the wanted channel.
struct Picked<'a> {
    bytes: &'a [u8],
    stride: usize,
}

impl Picked<'_> {
    fn append<const N: usize>(&self, out: &mut Vec<f32>, convert: impl Fn([u8; N]) -> f32) {
        out.extend(self.bytes.chunks(self.stride).filter_map(|stride| stride.first_chunk()).map(|raw| convert(*raw)));
    }
}
