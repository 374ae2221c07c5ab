//! The WAV reader: any seekable bytes in, two channels of f32 out. It knows no path, clock or pace.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::convert;
use super::error::WavError;
use super::format::WavFormat;
use super::riff;
use crate::source::SampleBlock;

/// Blocks of 10 ms are a few kilobytes; this saves a system call for most of them.
const BUFFER_BYTES: usize = 64 * 1024;

/// Reads the samples of a WAV file in order.
///
/// Memory is bounded by the largest block asked for, never by a size in the file. Channels A and B are the first
/// two of the file until [`WavReader::choose_channels`] says otherwise.
#[derive(Debug)]
pub struct WavReader<R> {
    input: BufReader<R>,
    format: WavFormat,
    length_known: bool,
    /// Where the samples begin and end in the file, whole strides.
    first_byte: u64,
    end_byte: u64,
    /// Where `input` stands.
    position: u64,
    tail_bytes: u64,
    /// Channels picked, counted from 0.
    channel_a: u16,
    channel_b: Option<u16>,
    raw: Vec<u8>,
}

impl<R: Read + Seek> WavReader<R> {
    /// Understands the headers and stands before the first sample.
    ///
    /// When no header tells the length of the data it is taken from the file's end at this moment; bytes after the
    /// last whole sample of all channels ([`WavReader::tail_bytes`]) are then left out. The padding byte that sox puts
    /// after an odd number of 8-bit samples cannot be told from a sample there.
    ///
    /// # Errors
    /// Files that are foreign, truncated, malformed or compressed, with chunk and byte.
    pub fn open(input: R) -> Result<Self, WavError> {
        let mut input = BufReader::with_capacity(BUFFER_BYTES, input);
        let riff::Layout { fmt, data } = riff::locate(&mut input)?;
        let format = WavFormat::parse(&fmt)?;
        let stride = format.stride_bytes() as u64;
        let tail_bytes = data.bytes % stride;
        if tail_bytes > 0 && data.length_known {
            let problem = format!("its size {} is no multiple of the block align, {stride} bytes", data.bytes);
            return Err(WavError::Malformed { chunk: super::ChunkId(*b"data"), at: data.at, problem });
        }
        let first_byte = data.first_byte();
        let mut reader = Self {
            input,
            format,
            length_known: data.length_known,
            first_byte,
            end_byte: first_byte + data.bytes - tail_bytes,
            position: 0,
            tail_bytes,
            channel_a: 0,
            channel_b: (format.channels > 1).then_some(1),
            raw: Vec::new(),
        };
        reader.rewind()?;
        Ok(reader)
    }

    /// Chooses the file's channels that become A and B, counted from 1; `channel_b` 0 is none. A file of one channel
    /// is mono whatever `channel_b` says.
    ///
    /// # Errors
    /// A channel that the file does not have; the choice then stays as it was.
    pub fn choose_channels(&mut self, channel_a: u16, channel_b: u16) -> Result<(), WavError> {
        let channels = self.format.channels;
        let from_zero = |key, wanted: u16| match wanted {
            1.. if wanted <= channels => Ok(wanted - 1),
            _ => Err(WavError::NoChannel { key, wanted, channels }),
        };
        let a = from_zero("source.channel_a", channel_a)?;
        let b = if channels == 1 || channel_b == 0 { None } else { Some(from_zero("source.channel_b", channel_b)?) };
        (self.channel_a, self.channel_b) = (a, b);
        Ok(())
    }

    /// What the samples are.
    pub fn format(&self) -> &WavFormat {
        &self.format
    }

    /// Channels that a block holds: 1 (A only) or 2.
    pub fn chosen_channels(&self) -> u8 {
        1 + u8::from(self.channel_b.is_some())
    }

    /// Samples per channel in the whole file.
    pub fn samples(&self) -> u64 {
        (self.end_byte - self.first_byte) / self.format.stride_bytes() as u64
    }

    /// Samples per channel not yet read.
    pub fn remaining(&self) -> u64 {
        (self.end_byte - self.position) / self.format.stride_bytes() as u64
    }

    /// Whether a header told the length of the data.
    pub fn length_known(&self) -> bool {
        self.length_known
    }

    /// Bytes at the end of a file of unknown length that are no whole sample of all channels and are left out.
    pub fn tail_bytes(&self) -> u64 {
        self.tail_bytes
    }

    /// Where the samples begin in the file.
    pub fn first_byte(&self) -> u64 {
        self.first_byte
    }

    /// Stands before the first sample again.
    ///
    /// # Errors
    /// The system could not seek.
    pub fn rewind(&mut self) -> Result<(), WavError> {
        self.seek_to(self.first_byte)
    }

    /// Fills `block` with the next samples, at most `samples_max` per channel, and says how many came; 0 at the end.
    /// `first_us` is left alone.
    ///
    /// # Errors
    /// The file cannot be read any more, or became shorter; what could still be read was delivered before.
    pub fn read(&mut self, samples_max: usize, block: &mut SampleBlock) -> Result<usize, WavError> {
        block.clear();
        let stride = self.format.stride_bytes();
        let wanted = self.remaining().min(samples_max as u64) as usize;
        self.raw.resize(wanted * stride, 0);
        let at = self.position;
        let got = riff::fill(&mut self.input, &mut self.raw).map_err(|source| WavError::Io { at, source })?;
        let samples = got / stride;
        if samples == 0 && wanted > 0 {
            return Err(WavError::Shrunk { at: at + got as u64, expected: self.end_byte });
        }
        if samples < wanted {
            // The file became shorter: what is whole is delivered, the next call fails where it really ends.
            self.seek_to(at + (samples * stride) as u64)?;
        } else {
            self.position = at + got as u64;
        }
        let whole = &self.raw[..samples * stride];
        convert::append_channel(&self.format, self.channel_a, whole, &mut block.channel_a);
        if let Some(channel_b) = self.channel_b {
            convert::append_channel(&self.format, channel_b, whole, &mut block.channel_b);
        }
        Ok(samples)
    }

    fn seek_to(&mut self, at: u64) -> Result<(), WavError> {
        self.input.seek(SeekFrom::Start(at)).map_err(|source| WavError::Io { at, source })?;
        self.position = at;
        Ok(())
    }
}
