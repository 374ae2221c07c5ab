//! Why bytes cannot be read as a WAV file: always with the chunk and the byte where it shows.

use std::{fmt, io};

use thiserror::Error;

/// Bytes that are no WAV file, or one that is damaged or of a kind that is not played.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WavError {
    /// The bytes are something else.
    #[error("{what}; a WAV file (RIFF/WAVE, RF64 or BW64) would be right")]
    Foreign {
        /// What they are, as far as their first bytes tell.
        what: String,
    },
    /// The file ends within a chunk.
    #[error("{chunk} chunk at byte {at} claims {claimed} bytes, the file ends after {present} of them")]
    Truncated {
        /// Name of the chunk.
        chunk: ChunkId,
        /// Where the chunk's header begins.
        at: u64,
        /// Size in the chunk's header or in ds64.
        claimed: u64,
        /// Bytes that are there.
        present: u64,
    },
    /// A chunk is there and says something that cannot be, or that is not supported.
    #[error("{chunk} chunk at byte {at}: {problem}")]
    Malformed {
        /// Name of the chunk.
        chunk: ChunkId,
        /// Where the chunk's header begins.
        at: u64,
        /// What is wrong, with byte and value, and what would be right.
        problem: String,
    },
    /// The file ends, or becomes absurd, before its samples begin.
    #[error("no data chunk: {problem}")]
    NoData {
        /// Where the search ended and why.
        problem: String,
    },
    /// The settings ask for a channel that the file does not have.
    #[error("{key}: channel {wanted} asked for, the file has {channels}")]
    NoChannel {
        /// The key of config.yaml that asks for it.
        key: &'static str,
        /// The channel asked for, counted from 1.
        wanted: u16,
        /// Channels in the file.
        channels: u16,
    },
    /// The file became shorter after it was opened.
    #[error("the file ended at byte {at} while it was read; its samples went on to byte {expected} when it was opened")]
    Shrunk {
        /// Where it ends.
        at: u64,
        /// Where its samples ended when it was opened.
        expected: u64,
    },
    /// The system could not read.
    #[error("reading failed at byte {at}: {source}")]
    Io {
        /// Where.
        at: u64,
        /// What the system says.
        source: io::Error,
    },
}

/// The four characters that name a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkId(pub [u8; 4]);

impl fmt::Display for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.trim_ascii_end().escape_ascii())
    }
}
