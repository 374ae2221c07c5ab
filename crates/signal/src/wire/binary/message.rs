//! A message read from bytes: everything in it is checked once, and borrowed.

use super::cursor::Cursor;
use super::error::{DecodeError, Fault};
use super::header::{Header, Lengths, MAX_MESSAGE_BYTES, PREFIX_BYTES};
use super::section::{Elements, Section, Sections};

/// One whole message. Reading it allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// What every message has.
    pub header: Header<'a>,
    sections: Sections<'a>,
}

impl<'a> Message<'a> {
    /// Reads bytes that are exactly one message, as a WebSocket delivers it.
    ///
    /// # Errors
    /// When they are not a message of this version: which field is wrong, where, and what would be right.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let lengths = Lengths::read(bytes, MAX_MESSAGE_BYTES)?;
        let lengths = lengths.ok_or(Fault::Short { needed: PREFIX_BYTES as u64, left: bytes.len() }.at(0))?;
        match bytes.len().checked_sub(lengths.message_bytes) {
            Some(0) => Self::read(bytes, lengths),
            Some(rest) => Err(Fault::Trailing(rest).at(lengths.message_bytes)),
            None => Err(Fault::Short { needed: lengths.message_bytes as u64, left: bytes.len() }.at(0)),
        }
    }

    /// Reads bytes that are as long as their `lengths` say.
    pub(super) fn read(bytes: &'a [u8], lengths: Lengths) -> Result<Self, DecodeError> {
        let header = Header::read(bytes)?;
        let sections = Sections(Cursor::new(bytes, lengths.header_bytes));
        for section in sections {
            section?;
        }
        Ok(Self { header, sections })
    }

    /// All sections in their order, those of unknown names and types too.
    pub fn sections(&self) -> impl Iterator<Item = Section<'a>> + use<'a> {
        // All have been read before.
        self.sections.map_while(Result::ok)
    }

    /// The elements of the first section of this name.
    pub fn elements(&self, name: &str) -> Option<Elements<'a>> {
        self.sections().find(|section| section.name == name).map(|section| section.elements)
    }

    /// The JSON object of all fields that are neither in the header nor arrays; not checked to be one.
    pub fn meta(&self) -> Option<&'a str> {
        match self.elements(super::META)? {
            Elements::Json(text) => Some(text),
            _ => None,
        }
    }
}
