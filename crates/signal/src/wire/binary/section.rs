//! A section: one named array of little-endian numbers, or a JSON text, borrowed from the message.

use super::cursor::Cursor;
use super::error::{DecodeError, Fault};

/// Length of what stands before the elements of a section.
pub const SECTION_HEADER_BYTES: usize = 32;
/// Room for a section's name.
pub(super) const NAME_BYTES: usize = 24;
/// Sections begin at multiples of this, so that a browser can lay typed arrays over them without copying.
pub(super) const ALIGNMENT: usize = 8;

/// Type of the elements as on the wire: a letter and a size in bytes, as in numpy's `<f4`.
pub(super) type ElementType = (u8, u8);
pub(super) const F32: ElementType = (b'f', 4);
pub(super) const I16: ElementType = (b'i', 2);
pub(super) const JSON: ElementType = (b'j', 1);

/// One named array of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section<'a> {
    /// Name, that of the JSON field.
    pub name: &'a str,
    /// What it holds.
    pub elements: Elements<'a>,
}

/// The elements of a section, little-endian as they came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Elements<'a> {
    /// `f4`: IEEE 754 binary32.
    F32(&'a [[u8; 4]]),
    /// `i2`: samples of 16 bits; 32768 is full scale.
    I16(&'a [[u8; 2]]),
    /// `j1`: JSON in UTF-8.
    Json(&'a str),
    /// A type that a later server has.
    Unknown,
}

impl Elements<'_> {
    /// Appends the numbers to `out` as f32, 16-bit samples as fractions of full scale. Whether they are such numbers.
    pub fn append_to(&self, out: &mut Vec<f32>) -> bool {
        match self {
            Self::F32(values) => out.extend(values.iter().map(|bytes| f32::from_le_bytes(*bytes))),
            Self::I16(values) => {
                out.extend(values.iter().map(|bytes| f32::from(i16::from_le_bytes(*bytes)) / 32_768.0))
            }
            Self::Json(_) | Self::Unknown => return false,
        }
        true
    }
}

/// Reads the sections of a message from `fields` to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sections<'a>(pub(super) Cursor<'a>);

impl<'a> Iterator for Sections<'a> {
    type Item = Result<Section<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.0.is_at_end()).then(|| read(&mut self.0))
    }
}

fn read<'a>(fields: &mut Cursor<'a>) -> Result<Section<'a>, DecodeError> {
    let name = fields.name(NAME_BYTES)?;
    let [letter, element_bytes, _, _] = fields.array()?;
    let count = fields.u32()?;
    let at = fields.at;
    let bytes = fields.bytes(u64::from(count) * u64::from(element_bytes))?;
    fields.bytes(padding(bytes.len()) as u64)?;
    let elements = match (letter, element_bytes) {
        F32 => Elements::F32(bytes.as_chunks().0),
        I16 => Elements::I16(bytes.as_chunks().0),
        JSON => Elements::Json(std::str::from_utf8(bytes).map_err(|_not_utf8| Fault::Text.at(at))?),
        _ => Elements::Unknown,
    };
    Ok(Section { name, elements })
}

/// Bytes from `length` to the next boundary.
pub(super) fn padding(length: usize) -> usize {
    length.next_multiple_of(ALIGNMENT) - length
}
