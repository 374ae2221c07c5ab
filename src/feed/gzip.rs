//! gzip of a stream of events (RFC 1952 over RFC 1951), compressed once for all viewers. The only door to flate2.
//!
//! ```text
//! a viewer's member:  HEADER · segment · segment · … · trailer(CRC-32 and length of all that was joined)
//! ```
//!
//! A segment is the deflate blocks of one event. It refers to nothing before it, is not final and ends on a byte
//! boundary with an empty stored block (a "sync flush", bytes 00 00 FF FF), so that segments can be joined in any order
//! and a reader has the whole event once it has the segment.

use std::cell::RefCell;

use bytes::Bytes;
use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress};

/// What a member begins with: deflate, no name, no time, unknown system (RFC 1952 §2.3).
pub const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Length of what closes a member: the empty final block, CRC-32 and length.
pub const TRAILER_BYTES: usize = 10;

/// On JSON of samples and spectra a third to a half of the time of zlib's usual 6, within 2.5 % of its size
/// (`benches/feeds.rs`).
const LEVEL: Compression = Compression::new(3);

/// An empty block with fixed Huffman codes, marked as the last one (RFC 1951 §3.2.6).
const FINAL_BLOCK: [u8; 2] = [0x03, 0x00];

/// The most that a stored block holds (RFC 1951 §3.2.4).
const STORED_BYTES_MAX: usize = 0xffff;

/// The deflated bytes of one event, shared by all viewers.
#[derive(Clone, Debug)]
pub struct GzipSegment {
    deflated: Bytes,
    crc32: u32,
    length_bytes: u64,
}

impl GzipSegment {
    /// A segment that is not compressed, 10 bytes longer than a short event. For what one viewer alone gets, which is
    /// short: it takes no compressor.
    pub fn stored(event: &[u8]) -> Self {
        let mut deflated = Vec::with_capacity(event.len() + 10);
        store(event, &mut deflated);
        Self::new(event, deflated)
    }

    fn new(event: &[u8], deflated: Vec<u8>) -> Self {
        Self { deflated: deflated.into(), crc32: crc32fast::hash(event), length_bytes: event.len() as u64 }
    }

    /// The bytes that go over the wire.
    pub fn deflated(&self) -> &Bytes {
        &self.deflated
    }
}

thread_local! {
    /// One for each thread that writes events: a compressor holds a quarter of a megabyte.
    static COMPRESSOR: RefCell<GzipCompressor> = RefCell::default();
}

/// The segment of an event.
pub fn segment(event: &[u8]) -> GzipSegment {
    COMPRESSOR.with_borrow_mut(|compressor| compressor.segment(event))
}

/// Makes segments, one after the other; each is as from a fresh compressor.
#[derive(Debug)]
pub struct GzipCompressor {
    compress: Compress,
}

impl Default for GzipCompressor {
    fn default() -> Self {
        Self { compress: Compress::new(LEVEL, false) }
    }
}

impl GzipCompressor {
    /// The segment of an event.
    pub fn segment(&mut self, event: &[u8]) -> GzipSegment {
        // Text of numbers comes down to less than half; more is made room for as it is needed.
        let mut deflated = Vec::with_capacity(event.len() / 2 + 64);
        if self.deflate(event, &mut deflated).is_none() {
            // Deflate cannot fail in memory; if it did, the event would still be right.
            return GzipSegment::stored(event);
        }
        deflated.shrink_to_fit();
        GzipSegment::new(event, deflated)
    }

    fn deflate(&mut self, event: &[u8], into: &mut Vec<u8>) -> Option<()> {
        self.compress.reset();
        loop {
            let read = self.compress.total_in() as usize;
            self.compress.compress_vec(event.get(read..)?, into, FlushCompress::Sync).ok()?;
            // With room left, everything has been read and flushed.
            if into.len() < into.capacity() {
                return Some(());
            }
            into.reserve(into.len().max(64));
        }
    }
}

fn store(event: &[u8], into: &mut Vec<u8>) {
    // The last block is empty, as behind every segment.
    for block in event.chunks(STORED_BYTES_MAX).chain([&[][..]]) {
        let length = block.len() as u16;
        into.push(0);
        into.extend(length.to_le_bytes());
        into.extend((!length).to_le_bytes());
        into.extend(block);
    }
}

/// The account of what one viewer was sent behind [`HEADER`], so that its member can be closed.
#[derive(Clone, Debug, Default)]
pub struct GzipMember {
    crc: Hasher,
    length_bytes: u64,
}

impl GzipMember {
    /// Notes that `segment` is sent next.
    pub fn join(&mut self, segment: &GzipSegment) {
        self.crc.combine(&Hasher::new_with_initial_len(segment.crc32, segment.length_bytes));
        self.length_bytes = self.length_bytes.wrapping_add(segment.length_bytes);
    }

    /// What ends the member: an empty final block, the CRC-32 and the length modulo 2³² of all that was joined.
    pub fn trailer(&self) -> [u8; TRAILER_BYTES] {
        let mut trailer = [0; TRAILER_BYTES];
        trailer[..2].copy_from_slice(&FINAL_BLOCK);
        trailer[2..6].copy_from_slice(&self.crc.clone().finalize().to_le_bytes());
        trailer[6..].copy_from_slice(&(self.length_bytes as u32).to_le_bytes());
        trailer
    }
}

#[cfg(test)]
mod tests;
