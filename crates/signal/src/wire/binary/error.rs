//! What can be wrong with the bytes of a message, and with what somebody wants to put into one.

use super::header::{HEADER_BYTES, MAGIC, MAX_MESSAGE_BYTES, VERSION};

/// Bytes that are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at} of the message: {fault}")]
pub struct DecodeError {
    /// Where the wrong field begins, counted from the start of the message.
    pub at: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a field, and what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The message ends within a field or within the elements of a section.
    #[error("{needed} bytes belong here, {left} are left")]
    Short {
        /// Bytes that the field takes.
        needed: u64,
        /// Bytes that are there.
        left: usize,
    },
    /// These bytes are something else.
    #[error("{0:#04x} is not that of the magic {MAGIC:02x?}")]
    Magic(u8),
    /// A major version that this reader cannot read.
    #[error("version is {0}, this reader knows {VERSION}")]
    Version(u16),
    /// The length of the header is impossible.
    #[error("header_bytes is {0}, a multiple of 8 from {HEADER_BYTES} is right")]
    HeaderBytes(u16),
    /// The length of the message is impossible.
    #[error("message_bytes is {found}, a multiple of 8 from {least} to {most} is right")]
    MessageBytes {
        /// As written.
        found: u32,
        /// The length of its header.
        least: usize,
        /// The reader's bound, at most [`MAX_MESSAGE_BYTES`].
        most: usize,
    },
    /// More bytes than one message where exactly one is expected.
    #[error("the message ends here, {0} bytes follow")]
    Trailing(usize),
    /// Not a name of a kind or section.
    #[error("a name is letters a-z, digits and _, filled up with zero bytes")]
    Name,
    /// An index, number or time beyond what every reader keeps exact.
    #[error("{0} is more than 2^53 - 1")]
    Index(u64),
    /// A place in an epoch without a rate.
    #[error("sample_rate is 0, a rate in Hz is right when there is an epoch")]
    SampleRate,
    /// A section of text that is none.
    #[error("JSON text is UTF-8")]
    Text,
}

impl Fault {
    pub(super) fn at(self, at: usize) -> DecodeError {
        DecodeError { at, fault: self }
    }
}

/// A stream of messages that cannot be read on: where a message begins is unknown from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("message at byte {message_at} of the stream: {error}")]
pub struct StreamError {
    /// Where the message begins, counted from the start of the stream.
    pub message_at: u64,
    /// What is wrong with it.
    pub error: DecodeError,
}

/// What cannot be written as a message. Nothing of it has been written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A name that no reader would accept.
    #[error("{name:?} is not a name of at most {most_bytes} letters a-z, digits and _")]
    Name {
        /// As given.
        name: String,
        /// Room for it.
        most_bytes: usize,
    },
    /// An index, number or time that not every reader would keep exact.
    #[error("{0} is more than 2^53 - 1")]
    Index(u64),
    /// The message would be refused by its readers.
    #[error("a message of {0} bytes is longer than {MAX_MESSAGE_BYTES}")]
    Length(usize),
    /// A value that JSON cannot express.
    #[error("meta cannot be written as JSON: {0}")]
    Meta(#[from] serde_json::Error),
}
