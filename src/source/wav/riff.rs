//! The chunk walk of RIFF, RF64 and BW64: finds `fmt ` and the bytes of `data`, and passes over everything else.
//!
//! Knows sizes and offsets, not what a sample is (see `format`). The form's own size is not looked at: writers that
//! crash or stream leave it wrong, and the chunks tell all of it. RF64: EBU Tech 3306; BW64: ITU-R BS.2088.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::error::{ChunkId, WavError};
use super::foreign;

/// Chunks looked at before a file counts as malicious; real files have fewer than fifty.
const CHUNKS_MAX: usize = 4096;

/// Sizes in the data chunk of writers that stream or crashed: unpatched headers and ffmpeg's RF64, GStreamer, sox,
/// arecord. sox rounds down to whole block aligns. ffmpeg's 0xFFFF_FFFF is not among them because it can never be a
/// true size.
const PLACEHOLDERS: [u64; 4] = [0, 0x7FFF_0000, 0x7FFF_F000, 0x8000_0000];

/// Chunks that often follow one of odd size whose writer forgot the padding byte.
const AFTER_MISSING_PAD: [&[u8; 4]; 4] = [b"data", b"fmt ", b"LIST", b"fact"];

/// Bytes of a `fmt ` chunk that mean something: WAVEFORMATEXTENSIBLE.
pub(super) const FMT_BYTES: usize = 40;

/// What the walk found.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) fmt: FmtChunk,
    pub(super) data: DataChunk,
}

/// The `fmt ` chunk, not yet understood.
#[derive(Debug)]
pub(super) struct FmtChunk {
    /// Where its header begins.
    pub(super) at: u64,
    /// Its size.
    pub(super) size: u64,
    /// Its first bytes; zero beyond its size.
    pub(super) bytes: [u8; FMT_BYTES],
}

/// The `data` chunk.
#[derive(Debug)]
pub(super) struct DataChunk {
    /// Where its header begins.
    pub(super) at: u64,
    /// Bytes of samples that are in the file.
    pub(super) bytes: u64,
    /// False when no header tells the length and it was taken from the file's end.
    pub(super) length_known: bool,
}

impl DataChunk {
    /// Where the samples begin.
    pub(super) fn first_byte(&self) -> u64 {
        self.at + 8
    }
}

/// Walks the chunks up to `data`.
///
/// # Errors
/// Foreign, truncated or malformed files, with chunk and byte.
pub(super) fn locate<R: Read + Seek>(input: &mut BufReader<R>) -> Result<Layout, WavError> {
    let mut walk = Walk::open(input)?;
    let mut fmt = None;
    let mut ds64_data_bytes = None;
    while let Some(chunk) = walk.next_chunk()? {
        match &chunk.id.0 {
            b"ds64" => ds64_data_bytes = Some(walk.ds64_data_bytes(&chunk)?),
            b"fmt " if fmt.is_some() => return Err(chunk.malformed("a second fmt chunk; one would be right")),
            b"fmt " => fmt = Some(walk.fmt(&chunk)?),
            b"data" => {
                let fmt = fmt.ok_or_else(|| chunk.malformed("no fmt chunk before it tells what its samples are"))?;
                let data = walk.data(&chunk, ds64_data_bytes, fmt.block_align())?;
                return Ok(Layout { fmt, data });
            }
            _ => walk.check_whole(&chunk, chunk.size)?,
        }
    }
    Err(WavError::NoData { problem: format!("the file ends at byte {}", walk.file_bytes) })
}

/// A chunk's header.
struct Chunk {
    id: ChunkId,
    at: u64,
    size: u64,
}

impl Chunk {
    fn body(&self) -> u64 {
        self.at + 8
    }

    /// Where the next chunk begins: chunks are padded to even sizes.
    fn end(&self) -> u64 {
        self.body() + self.size + self.size % 2
    }

    fn malformed(&self, problem: impl Into<String>) -> WavError {
        WavError::Malformed { chunk: self.id, at: self.at, problem: problem.into() }
    }
}

/// A position in the list of chunks.
struct Walk<'a, R> {
    input: &'a mut BufReader<R>,
    /// Where `input` stands.
    position: u64,
    file_bytes: u64,
    next_at: u64,
    after_odd_size: bool,
    seen: usize,
}

impl<'a, R: Read + Seek> Walk<'a, R> {
    /// Checks the form's header and stands before its first chunk.
    fn open(input: &'a mut BufReader<R>) -> Result<Self, WavError> {
        let io_error = |source| WavError::Io { at: 0, source };
        let file_bytes = input.seek(SeekFrom::End(0)).map_err(io_error)?;
        input.rewind().map_err(io_error)?;
        let mut walk = Self { input, position: 0, file_bytes, next_at: 12, after_odd_size: false, seen: 0 };
        let mut head = [0; foreign::HEAD_BYTES];
        let head = walk.read_at(0, &mut head)?;
        match head {
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..]
            | [b'R', b'F', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..]
            | [b'B', b'W', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Ok(walk),
            other => Err(WavError::Foreign { what: foreign::describe(other) }),
        }
    }

    /// The next header; none when fewer bytes are left than one has.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, WavError> {
        self.seen += 1;
        if self.seen > CHUNKS_MAX {
            let problem = format!("{CHUNKS_MAX} chunks before byte {} and none of them holds samples", self.next_at);
            return Err(WavError::NoData { problem });
        }
        if self.after_odd_size && self.pad_is_missing()? {
            self.next_at -= 1;
        }
        let at = self.next_at;
        let mut header = [0; 8];
        let &[a, b, c, d, s0, s1, s2, s3] = self.read_at(at, &mut header)? else { return Ok(None) };
        let chunk = Chunk { id: ChunkId([a, b, c, d]), at, size: u32::from_le_bytes([s0, s1, s2, s3]).into() };
        self.next_at = chunk.end();
        self.after_odd_size = chunk.size % 2 == 1;
        Ok(Some(chunk))
    }

    fn pad_is_missing(&mut self) -> Result<bool, WavError> {
        let mut id = [0; 4];
        let id = self.read_at(self.next_at - 1, &mut id)?;
        Ok(AFTER_MISSING_PAD.iter().any(|known| id == known.as_slice()))
    }

    /// The 64-bit size of `data`; none when the writer did not tell it.
    fn ds64_data_bytes(&mut self, chunk: &Chunk) -> Result<u64, WavError> {
        self.check_whole(chunk, chunk.size)?;
        let mut body = [0; 16];
        match *self.read_at(chunk.body(), &mut body)? {
            [_, _, _, _, _, _, _, _, a, b, c, d, e, f, g, h] if chunk.size >= 16 => {
                Ok(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
            }
            _ => Err(chunk.malformed(format!("its size is {}; 28 or more would be right", chunk.size))),
        }
    }

    fn fmt(&mut self, chunk: &Chunk) -> Result<FmtChunk, WavError> {
        self.check_whole(chunk, chunk.size)?;
        let mut bytes = [0; FMT_BYTES];
        let meant = chunk.size.min(FMT_BYTES as u64) as usize;
        self.read_at(chunk.body(), &mut bytes[..meant])?;
        Ok(FmtChunk { at: chunk.at, size: chunk.size, bytes })
    }

    fn data(&mut self, chunk: &Chunk, ds64_data_bytes: Option<u64>, block_align: u16) -> Result<DataChunk, WavError> {
        let present = self.bytes_from(chunk.body());
        let claimed = match chunk.size {
            0xFFFF_FFFF => ds64_data_bytes.filter(|bytes| *bytes != u64::MAX),
            size => Some(size),
        };
        match claimed {
            Some(bytes) if !is_placeholder(bytes, block_align) || self.chunks_follow(chunk.body(), bytes)? => {
                self.check_whole(chunk, bytes)?;
                Ok(DataChunk { at: chunk.at, bytes, length_known: true })
            }
            _ => Ok(DataChunk { at: chunk.at, bytes: present, length_known: false }),
        }
    }

    /// Whether `bytes` of samples at `body` are followed by chunks that fill the file exactly, or by its end: then a
    /// size that looks like a placeholder is meant.
    fn chunks_follow(&mut self, body: u64, bytes: u64) -> Result<bool, WavError> {
        let Some(end) = body.checked_add(bytes).filter(|end| *end <= self.file_bytes) else { return Ok(false) };
        (self.next_at, self.after_odd_size) = (end, false);
        while self.next_at < self.file_bytes && self.seen < CHUNKS_MAX {
            match self.next_chunk()? {
                Some(chunk) if chunk.id.0.iter().all(|byte| matches!(byte, b' '..=b'~')) => {}
                _ => return Ok(false),
            }
        }
        // The last chunk's padding byte may be missing.
        Ok(self.next_at == self.file_bytes || (self.after_odd_size && self.next_at == self.file_bytes + 1))
    }

    /// Bytes of the file from `at` on; none when it has grown since it was measured and `at` lies in what is new.
    fn bytes_from(&self, at: u64) -> u64 {
        self.file_bytes.saturating_sub(at)
    }

    fn check_whole(&self, chunk: &Chunk, claimed: u64) -> Result<(), WavError> {
        let present = self.bytes_from(chunk.body());
        if claimed > present {
            return Err(WavError::Truncated { chunk: chunk.id, at: chunk.at, claimed, present });
        }
        Ok(())
    }

    /// Reads from byte `at` as much of `buffer` as the file has.
    fn read_at<'b>(&mut self, at: u64, buffer: &'b mut [u8]) -> Result<&'b [u8], WavError> {
        let io_error = |source| WavError::Io { at, source };
        // Relative, so that a walk over small chunks stays within the buffer.
        self.input.seek_relative(at.wrapping_sub(self.position) as i64).map_err(io_error)?;
        self.position = at;
        let got = fill(self.input, buffer).map_err(io_error)?;
        self.position += got as u64;
        Ok(&buffer[..got])
    }
}

fn is_placeholder(bytes: u64, block_align: u16) -> bool {
    PLACEHOLDERS.iter().any(|size| size.checked_sub(bytes).is_some_and(|below| below < u64::from(block_align).max(1)))
}

/// Reads until `buffer` is full or the input ends; says how many bytes came.
pub(super) fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match input.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(bytes) => got += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}
