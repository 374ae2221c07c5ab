//! What the samples of a WAV file are: the `fmt ` chunk, understood and checked.
//!
//! Integers of fewer bits than their container (24 in 32, 20 in 24) stand left-justified in it, as WAVEFORMATEX and
//! WAVEFORMATEXTENSIBLE lay down; they are read by the container, and the valid bits give the clip level.

use photophone_signal::units::SampleRate;

use super::error::{ChunkId, WavError};
use super::riff::FmtChunk;
use crate::source::Integrity;

/// More channels than any sound card has.
const CHANNELS_MAX: u16 = 256;
/// Twice the fastest audio converters; the limit of `source.rate_hz`.
const RATE_MAX_HZ: u32 = 1_536_000;

const TAG_PCM: u16 = 0x0001;
const TAG_FLOAT: u16 = 0x0003;
const TAG_EXTENSIBLE: u16 = 0xFFFE;
/// Bytes 2 to 15 of every sub-format GUID that stands for a format tag (KSDATAFORMAT_SUBTYPE_WAVEFORMATEX).
const GUID_OF_TAG: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

/// How one sample is stored, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// 8-bit unsigned, silence at 128.
    U8,
    /// 16-bit two's complement.
    I16,
    /// 24-bit two's complement in three bytes.
    I24,
    /// 32-bit two's complement.
    I32,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 double precision.
    F64,
}

impl Encoding {
    /// Its name in the words of the field.
    pub fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::I24 => "i24",
            Self::I32 => "i32",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    /// Bytes of one sample.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

/// What a WAV file's samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WavFormat {
    /// How a sample is stored.
    pub encoding: Encoding,
    /// Channels, 1 to 256.
    pub channels: u16,
    /// Samples per second and channel, at most 1 536 000.
    pub rate: SampleRate,
    /// Bits of each integer that carry signal, from the most significant down; all bits for floats.
    pub valid_bits: u16,
}

impl WavFormat {
    /// Understands a `fmt ` chunk.
    pub(super) fn parse(fmt: &FmtChunk) -> Result<Self, WavError> {
        if fmt.size < 16 {
            return Err(fmt.malformed(format!("its size is {}; 16, 18 or 40 would be right", fmt.size)));
        }
        let channels = fmt.u16_at(CHANNELS);
        if !(1..=CHANNELS_MAX).contains(&channels) {
            return Err(fmt.wrong(CHANNELS, "channels", channels, &format!("1 to {CHANNELS_MAX}")));
        }
        let rate_hz = fmt.u32_at(RATE);
        let rate = SampleRate::new(rate_hz).filter(|rate| rate.hz() <= RATE_MAX_HZ);
        let rate = rate.ok_or_else(|| fmt.wrong(RATE, "sample rate in Hz", rate_hz, &format!("1 to {RATE_MAX_HZ}")))?;
        let (encoding, valid_bits) = encoding(fmt)?;
        let format = Self { encoding, channels, rate, valid_bits };
        let block_align = fmt.block_align();
        if usize::from(block_align) != format.stride_bytes() {
            let right = format!("{} ({channels} channels of {} bytes)", format.stride_bytes(), encoding.bytes());
            return Err(fmt.wrong(BLOCK_ALIGN, "block align", block_align, &right));
        }
        Ok(format)
    }

    /// Bytes from one sample of a channel to its next: one sample of each channel. At most 2048.
    pub fn stride_bytes(&self) -> usize {
        usize::from(self.channels) * self.encoding.bytes()
    }

    /// Absolute value at and above which a sample is at the end of its scale: the largest positive value,
    /// 1 − 2^−(n−1) for n valid bits, rounded to f32 as that value itself is; 1 for floats.
    pub fn clip_level(&self) -> f32 {
        if self.encoding.is_float() {
            return 1.0;
        }
        (1.0 - f64::powi(2.0, 1 - i32::from(self.valid_bits))) as f32
    }

    /// What becomes of the samples in f32.
    pub fn integrity(&self) -> Integrity {
        let how = match (self.encoding, self.valid_bits) {
            (Encoding::F64, _) => "64-bit floats rounded once to f32".into(),
            (Encoding::I32, 32) => "32-bit integers rounded once to f32".into(),
            // Not called exact: nothing keeps a writer from using the bits that it declares unused.
            (Encoding::I32, valid) => format!(
                "32-bit integers, {valid} bits of them declared valid, rounded once to f32 \
                 (exact where no more than 24 bits are used)"
            ),
            _ => return Integrity::BitExact,
        };
        Integrity::Converted { how }
    }
}

// Offsets within the chunk's body, named after WAVEFORMATEXTENSIBLE's fields.
const TAG: usize = 0;
const CHANNELS: usize = 2;
const RATE: usize = 4;
const BLOCK_ALIGN: usize = 12;
const BITS: usize = 14;
const VALID_BITS: usize = 18;
const SUB_FORMAT: usize = 24;

/// The encoding, and how many bits of it are valid.
fn encoding(fmt: &FmtChunk) -> Result<(Encoding, u16), WavError> {
    let bits = fmt.u16_at(BITS);
    let (tag, tag_at, declared_bits) = match fmt.u16_at(TAG) {
        TAG_EXTENSIBLE => (fmt.extensible_tag()?, SUB_FORMAT, fmt.u16_at(VALID_BITS)),
        tag => (tag, TAG, 0),
    };
    let encoding = match (tag, bits.div_ceil(8)) {
        (TAG_PCM, 1) => Encoding::U8,
        (TAG_PCM, 2) => Encoding::I16,
        (TAG_PCM, 3) => Encoding::I24,
        (TAG_PCM, 4) => Encoding::I32,
        (TAG_FLOAT, 4) => Encoding::F32,
        (TAG_FLOAT, 8) => Encoding::F64,
        (TAG_PCM, _) => return Err(fmt.wrong(BITS, "bits per sample", bits, "8, 16, 24 or 32 (PCM)")),
        (TAG_FLOAT, _) => return Err(fmt.wrong(BITS, "bits per sample", bits, "32 or 64 (IEEE float)")),
        (other, _) => return Err(fmt.unplayable(tag_at, other)),
    };
    let container_bits = 8 * encoding.bytes() as u16;
    if encoding.is_float() {
        return Ok((encoding, container_bits));
    }
    let (valid_at, valid_bits) = if declared_bits == 0 { (BITS, bits) } else { (VALID_BITS, declared_bits) };
    if !(8..=container_bits).contains(&valid_bits) {
        return Err(fmt.wrong(valid_at, "valid bits per sample", valid_bits, &format!("8 to {container_bits}")));
    }
    Ok((encoding, valid_bits))
}

impl FmtChunk {
    /// Bytes from one sample of a channel to its next, as the writer says.
    pub(super) fn block_align(&self) -> u16 {
        self.u16_at(BLOCK_ALIGN)
    }

    fn u16_at(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])
    }

    fn u32_at(&self, at: usize) -> u32 {
        u32::from(self.u16_at(at)) | u32::from(self.u16_at(at + 2)) << 16
    }

    /// The format tag within the sub-format GUID of WAVE_FORMAT_EXTENSIBLE.
    fn extensible_tag(&self) -> Result<u16, WavError> {
        if self.size < self.bytes.len() as u64 {
            let problem = format!("its size is {}; WAVE_FORMAT_EXTENSIBLE needs {}", self.size, self.bytes.len());
            return Err(self.malformed(problem));
        }
        let guid = &self.bytes[SUB_FORMAT..];
        if guid[2..] != GUID_OF_TAG {
            let guid = guid.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            return Err(self.wrong(SUB_FORMAT, "sub-format GUID", guid, "that of PCM or IEEE float"));
        }
        Ok(self.u16_at(SUB_FORMAT))
    }

    fn unplayable(&self, at: usize, tag: u16) -> WavError {
        let value = format!("{tag:#06x} ({})", tag_name(tag));
        self.wrong(at, "format tag", value, "uncompressed samples, PCM (0x0001) or IEEE float (0x0003),")
    }

    fn wrong(&self, at: usize, field: &str, value: impl std::fmt::Display, right: &str) -> WavError {
        let byte = self.at + 8 + at as u64;
        self.malformed(format!("{field} at byte {byte} is {value}; {right} would be right"))
    }

    fn malformed(&self, problem: String) -> WavError {
        WavError::Malformed { chunk: ChunkId(*b"fmt "), at: self.at, problem }
    }
}

/// Name of a format tag that is not played, from Microsoft's mmreg.h.
fn tag_name(tag: u16) -> &'static str {
    match tag {
        0x0002 => "Microsoft ADPCM",
        0x0006 => "A-law",
        0x0007 => "µ-law",
        0x0011 => "IMA ADPCM",
        0x0031 => "GSM 6.10",
        0x0050 => "MPEG audio",
        0x0055 => "MP3",
        0x00FF | 0x1600 | 0x1610 => "AAC",
        0x0092 | 0x2000 => "AC-3",
        0x0160..=0x0163 => "Windows Media Audio",
        0xF1AC => "FLAC",
        _ => "not known here",
    }
}
