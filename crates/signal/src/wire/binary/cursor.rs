//! Reads fields one after another from bytes that may be anything.

use super::error::{DecodeError, Fault};

/// A place in a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    message: &'a [u8],
    /// Offset of the next field from the start of the message.
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(message: &'a [u8], at: usize) -> Self {
        Self { message, at }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.message.len()
    }

    /// The next `count` bytes.
    pub(super) fn bytes(&mut self, count: u64) -> Result<&'a [u8], DecodeError> {
        let left = self.message.get(self.at..).unwrap_or_default();
        let taken = usize::try_from(count).ok().and_then(|count| left.get(..count));
        let taken = taken.ok_or(Fault::Short { needed: count, left: left.len() }.at(self.at))?;
        self.at += taken.len();
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let at = self.at;
        let bytes = self.bytes(N as u64)?;
        bytes.try_into().map_err(|_impossible| Fault::Short { needed: N as u64, left: bytes.len() }.at(at))
    }

    pub(super) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }

    /// A u64 that every reader keeps exact.
    pub(super) fn index(&mut self) -> Result<u64, DecodeError> {
        let at = self.at;
        let value = self.array().map(u64::from_le_bytes)?;
        if value > crate::MAX_SAMPLE_INDEX { Err(Fault::Index(value).at(at)) } else { Ok(value) }
    }

    /// A name in a field of `width` bytes.
    pub(super) fn name(&mut self, width: usize) -> Result<&'a str, DecodeError> {
        let at = self.at;
        let field = self.bytes(width as u64)?;
        let length = field.iter().position(|byte| *byte == 0).unwrap_or(width);
        let (name, padding) = field.split_at(length);
        match std::str::from_utf8(name) {
            Ok(name) if is_name(name) && padding.iter().all(|byte| *byte == 0) => Ok(name),
            _ => Err(Fault::Name.at(at)),
        }
    }
}

/// Whether `text` may name a kind or a section.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
