//! Writes a message into a buffer that can be used again: header first, then one section after another.

use serde::Serialize;

use super::error::EncodeError;
use super::header::{Header, MAX_MESSAGE_BYTES, MESSAGE_BYTES_AT, write_name};
use super::section::{ElementType, F32, I16, JSON, NAME_BYTES, padding};

/// How samples are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFormat {
    /// As they are.
    F32,
    /// In 16 bits: times 32768, rounded to the nearest with ties to even, limited to −32768…32767; NaN becomes 0. The way
    /// back is a division by 32768, exact in f32: samples of a source of at most 16 bits come back as they were.
    I16,
}

impl SampleFormat {
    /// Appends `samples`, given as fractions of full scale, as little-endian numbers.
    pub fn append(self, out: &mut Vec<u8>, samples: &[f32]) {
        match self {
            Self::F32 => append(out, samples, |sample| sample.to_le_bytes()),
            Self::I16 => append(out, samples, |sample| i16_from_f32(sample).to_le_bytes()),
        }
    }

    /// Bytes of a sample.
    pub fn sample_bytes(self) -> usize {
        usize::from(self.element_type().1)
    }

    fn element_type(self) -> ElementType {
        match self {
            Self::F32 => F32,
            Self::I16 => I16,
        }
    }
}

/// A message being appended to a buffer. Messages appended one after another are a stream.
#[must_use = "a message is not written before finish()"]
pub struct MessageWriter<'b> {
    out: &'b mut Vec<u8>,
    start: usize,
    failure: Option<EncodeError>,
}

impl<'b> MessageWriter<'b> {
    /// Begins a message behind what `out` holds already.
    pub fn begin(out: &'b mut Vec<u8>, header: &Header<'_>) -> Self {
        let start = out.len();
        let failure = header.write(out).err();
        Self { out, start, failure }
    }

    /// Adds an array of f32.
    pub fn f32(self, name: &str, values: &[f32]) -> Self {
        self.samples(name, values, SampleFormat::F32)
    }

    /// Adds samples, given as fractions of full scale.
    pub fn samples(self, name: &str, values: &[f32], format: SampleFormat) -> Self {
        self.section(name, format.element_type(), |out| {
            format.append(out, values);
            Ok(())
        })
    }

    /// Adds the fields that are neither in the header nor arrays, as one JSON object.
    pub fn meta(self, fields: &impl Serialize) -> Self {
        self.section(super::META, JSON, |out| Ok(serde_json::to_writer(out, fields)?))
    }

    /// Completes the message.
    ///
    /// # Errors
    /// When something of it could not be written; the buffer is then as it was before.
    pub fn finish(self) -> Result<(), EncodeError> {
        let length = self.out.len() - self.start;
        let failure = self.failure.or_else(|| (length > MAX_MESSAGE_BYTES).then_some(EncodeError::Length(length)));
        if let Some(failure) = failure {
            self.out.truncate(self.start);
            return Err(failure);
        }
        patch_u32(self.out, self.start + MESSAGE_BYTES_AT, length);
        Ok(())
    }

    fn section(
        mut self,
        name: &str,
        element_type: ElementType,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
    ) -> Self {
        if self.failure.is_none() {
            self.failure = write_section(self.out, name, element_type, write).err();
        }
        self
    }
}

fn write_section(
    out: &mut Vec<u8>,
    name: &str,
    (letter, element_bytes): ElementType,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    write_name(out, name, NAME_BYTES)?;
    out.extend([letter, element_bytes, 0, 0]);
    let count_at = out.len();
    out.extend([0; 4]);
    let elements_at = out.len();
    write(out)?;
    let bytes = out.len() - elements_at;
    patch_u32(out, count_at, bytes / usize::from(element_bytes));
    out.resize(out.len() + padding(bytes), 0);
    Ok(())
}

/// Writes a length known only now. One beyond u32 makes the whole message too long, which `finish` refuses.
fn patch_u32(out: &mut [u8], at: usize, value: usize) {
    if let (Some(field), Ok(value)) = (out.get_mut(at..at + 4), u32::try_from(value)) {
        field.copy_from_slice(&value.to_le_bytes());
    }
}

/// Appends each value in `N` bytes; one resize and one pass, which the compiler turns into vector code.
fn append<const N: usize>(out: &mut Vec<u8>, values: &[f32], bytes_of: impl Fn(f32) -> [u8; N]) {
    let start = out.len();
    out.resize(start + values.len() * N, 0);
    let room = out.get_mut(start..).unwrap_or_default().as_chunks_mut().0;
    room.iter_mut().zip(values).for_each(|(bytes, value)| *bytes = bytes_of(*value));
}

fn i16_from_f32(value: f32) -> i16 {
    (value * 32_768.0).round_ties_even() as i16
}
