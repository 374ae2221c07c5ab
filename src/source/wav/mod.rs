//! A WAV file as a source: played by the sample clock, once or in a loop.
//!
//! The reader is hand-written: hound and symphonia read neither RF64/BW64 nor the lengths that streaming and crashed
//! writers leave, and name no byte where a file is broken. `riff` walks the chunks, `format` understands `fmt `,
//! `convert` makes f32, `reader` puts them together and knows no path; this file adds path and time.

mod convert;
mod error;
mod foreign;
mod format;
mod reader;
mod riff;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};

pub use error::{ChunkId, WavError};
pub use format::{Encoding, WavFormat};
pub use reader::WavReader;

use super::{AudioSource, Delivery, OpenSource, Pacer, SampleBlock, SourceError, SourceInfo};
use crate::clock::SharedClock;
use crate::config::{Pace, SourceConfig};
use crate::files::{FileError, open_regular};

/// Longest block in milliseconds: short against a frame, so that frames leave evenly.
const BLOCK_MS_MAX: u64 = 10;
/// Most bytes read at a time, for files of hundreds of channels.
const BLOCK_BYTES_MAX: usize = 1 << 20;

/// Opens a WAV file from its start, as often as it is asked.
pub struct WavOpener {
    path: PathBuf,
    channel_a: u16,
    channel_b: u16,
    looped: bool,
    pace: Pace,
    block_samples_max: u32,
    clock: SharedClock,
}

impl WavOpener {
    /// An opener of the file at `path`. Of `config` the channels, `loop`, `pace` and, as an upper bound of a block,
    /// `buffer_frames` count.
    pub fn new(path: impl Into<PathBuf>, config: &SourceConfig, clock: SharedClock) -> Self {
        Self {
            path: path.into(),
            channel_a: config.channel_a,
            channel_b: config.channel_b,
            looped: config.looped,
            pace: config.pace,
            block_samples_max: config.buffer_frames,
            clock,
        }
    }

    fn open_reader(&self) -> Result<WavReader<File>, SourceError> {
        let mut reader = WavReader::open(self.open_file()?).map_err(|error| in_file(&self.path, error))?;
        reader.choose_channels(self.channel_a, self.channel_b).map_err(|error| in_file(&self.path, error))?;
        if self.looped && reader.samples() == 0 {
            let at = reader.first_byte() - 8;
            let problem = format!("data chunk at byte {at} holds no samples; a loop needs at least one");
            return Err(SourceError::File { path: self.path.clone(), problem });
        }
        Ok(reader)
    }

    fn open_file(&self) -> Result<File, SourceError> {
        let problem = |error| match error {
            FileError::Io(error) => format!("cannot be opened: {error}"),
            other => format!("{other}; a WAV file would be right"),
        };
        open_regular(&self.path).map_err(|error| SourceError::File { path: self.path.clone(), problem: problem(error) })
    }

    /// Samples per block: at most 10 ms, `buffer_frames` and [`BLOCK_BYTES_MAX`].
    fn block_samples(&self, format: &WavFormat, pacer: &Pacer) -> usize {
        let in_time = pacer.samples_in_ms(BLOCK_MS_MAX).min(self.block_samples_max.into());
        let in_memory = BLOCK_BYTES_MAX / format.stride_bytes();
        usize::try_from(in_time).unwrap_or(usize::MAX).min(in_memory).max(1)
    }
}

impl OpenSource for WavOpener {
    fn open(&mut self) -> Result<Box<dyn AudioSource>, SourceError> {
        let reader = self.open_reader()?;
        log_opening(&self.path, &reader);
        let pacer = Pacer::starting_now(self.clock.clone(), reader.format().rate, self.pace);
        Ok(Box::new(WavSource {
            info: info(&self.path, &reader, &pacer),
            block_samples: self.block_samples(reader.format(), &pacer),
            path: self.path.clone(),
            looped: self.looped,
            reader,
            pacer,
            next_index: 0,
        }))
    }
}

fn log_opening(path: &Path, reader: &WavReader<File>) {
    let path = path.display().to_string();
    let WavFormat { encoding, channels, rate, valid_bits } = *reader.format();
    log::debug!(path, format = encoding.name(), valid_bits, channels, rate_hz = rate.hz(), samples = reader.samples(),
        length_known = reader.length_known(); "Opened WAV file");
    if reader.tail_bytes() > 0 {
        log::warn!(path, tail_bytes = reader.tail_bytes();
            "WAV file of unknown length ends within a sample, its last bytes are left out");
    }
}

fn info(path: &Path, reader: &WavReader<File>, pacer: &Pacer) -> SourceInfo {
    let format = reader.format();
    SourceInfo {
        kind: "wav",
        name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        id: path.display().to_string(),
        sample_rate: format.rate,
        channels: reader.chosen_channels(),
        device_channels: format.channels,
        format: format.encoding.name().into(),
        integrity: format.integrity(),
        clip_level: format.clip_level(),
        pace: pacer.info(),
    }
}

/// A WAV file that is being played.
struct WavSource {
    info: SourceInfo,
    path: PathBuf,
    reader: WavReader<File>,
    pacer: Pacer,
    block_samples: usize,
    looped: bool,
    /// Index of the next sample since the opening; runs on across the seam of a loop.
    next_index: u64,
}

impl AudioSource for WavSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// Delivers a block when its last sample is due. A block ends at the seam of a loop.
    fn read(&mut self, block: &mut SampleBlock, deadline_us: u64) -> Result<Delivery, SourceError> {
        block.clear();
        if self.reader.remaining() == 0 {
            if !self.looped {
                return Ok(Delivery::End);
            }
            self.reader.rewind().map_err(|error| in_file(&self.path, error))?;
        }
        let samples = self.reader.remaining().min(self.block_samples as u64);
        if !self.pacer.wait_for(self.next_index + samples - 1, deadline_us) {
            return Ok(Delivery::Idle);
        }
        let samples = self.reader.read(self.block_samples, block).map_err(|error| in_file(&self.path, error))?;
        block.first_us = self.pacer.due_us(self.next_index);
        self.next_index += samples as u64;
        Ok(Delivery::Samples)
    }
}

/// Says which file, and for a channel that is not there which key has to change.
fn in_file(path: &Path, error: WavError) -> SourceError {
    match error {
        WavError::NoChannel { key, wanted, channels } => {
            let file = path.display();
            let plural = if channels == 1 { "channel (only 1)".into() } else { format!("channels (1 to {channels})") };
            SourceError::Unusable {
                key,
                problem: format!("channel {wanted} asked for, but {file} has {channels} {plural}"),
            }
        }
        other => SourceError::File { path: path.to_path_buf(), problem: other.to_string() },
    }
}
