//! Where samples come from: the [`AudioSource`] trait and its three kinds.
//!
//! A source delivers blocks of two channels in index order and says what it lost; it knows nothing of frames,
//! epochs or viewers (see `acquisition`). It is read by one thread that may block.

use photophone_signal::GapCause;
use photophone_signal::units::SampleRate;
use serde::Serialize;
use utoipa::ToSchema;

mod catalogue;
mod devices;
mod error;
pub mod handoff;
mod microphone;
mod pace;
pub mod simulated;
pub mod wav;

pub use catalogue::DeviceCatalogue;
pub use devices::DeviceInfo;
pub use error::{Reaction, SourceError};
pub use microphone::{MicrophoneOpener, input_devices};
pub use pace::Pacer;
pub use simulated::SimulatedOpener;
pub use wav::WavOpener;

/// A running source. Dropping it closes the device or file.
pub trait AudioSource: Send {
    /// What is being read; fixed while the source is open.
    fn info(&self) -> &SourceInfo;

    /// Waits for samples, at most until `deadline_us` of the clock that the source was opened with.
    ///
    /// On [`Delivery::Samples`] the block holds at least one sample; on everything else it is left empty.
    ///
    /// # Errors
    /// The source is dead afterwards; [`SourceError::reaction`] says whether opening it again may help.
    fn read(&mut self, block: &mut SampleBlock, deadline_us: u64) -> Result<Delivery, SourceError>;
}

/// Opens a source, as often as it takes: once at the start and again after each loss.
pub trait OpenSource: Send {
    /// Opens the source and starts it.
    ///
    /// # Errors
    /// [`SourceError::reaction`] says whether to wait, to try again or to give up.
    fn open(&mut self) -> Result<Box<dyn AudioSource>, SourceError>;
}

/// What a call of [`AudioSource::read`] brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The block was filled.
    Samples,
    /// This many samples were lost before the next block.
    Lost {
        /// Samples per channel.
        samples: u64,
        /// Where.
        cause: GapCause,
        /// False when `samples` is an estimate.
        exact: bool,
    },
    /// Nothing came until the deadline.
    Idle,
    /// The source has ended for good.
    End,
}

/// Consecutive samples of both channels, reused from read to read.
#[derive(Clone, Debug, Default)]
pub struct SampleBlock {
    /// Channel A, as fractions of full scale. May hold NaN or infinities if the source does.
    pub channel_a: Vec<f32>,
    /// Channel B: as long as A, or empty for a mono source.
    pub channel_b: Vec<f32>,
    /// Monotonic time of the first sample in microseconds, as well as the source knows it.
    pub first_us: u64,
}

impl SampleBlock {
    /// Empties both channels and keeps their memory.
    pub fn clear(&mut self) {
        self.channel_a.clear();
        self.channel_b.clear();
    }
}

/// What a source is, as `/api/source` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SourceInfo {
    /// `mic`, `wav` or `sim`.
    pub kind: &'static str,
    /// Human name: the device's, the file's or the scenario's.
    pub name: String,
    /// What names the source across restarts: device id, path or scenario.
    pub id: String,
    /// Samples per second and channel.
    #[schema(value_type = u32)]
    pub sample_rate: SampleRate,
    /// 1 (A only) or 2.
    pub channels: u8,
    /// Channels that the device or file has, of which A and B were taken.
    pub device_channels: u16,
    /// Sample format as delivered, in the words of the field: `i16`, `i24`, `f32`, …
    pub format: String,
    /// Whether samples arrive bit-exact in f32; otherwise what was done to them.
    pub integrity: Integrity,
    /// Absolute value at and above which a sample counts as clipped.
    pub clip_level: f32,
    /// How time runs: at the device's own clock, or the pace of a file or simulation.
    pub pace: PaceInfo,
}

/// What happened to the samples between their origin and f32.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "path", rename_all = "snake_case")]
pub enum Integrity {
    /// Every value of the source is represented exactly.
    BitExact,
    /// Changed in a known way, e.g. rounded once from 32-bit integers.
    Converted {
        /// What was done.
        how: String,
    },
    /// Something outside the program may resample or convert, e.g. a sound server.
    Unknown {
        /// Why that is not known.
        why: String,
    },
}

/// How a source's time runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum PaceInfo {
    /// A device paces by its own clock, whose rate can be measured.
    Device,
    /// Played by this machine's clock at `factor` times the nominal rate.
    Clock {
        /// 1.0 is real time.
        factor: f64,
    },
    /// As fast as those who must see everything take it.
    Fast,
}

/// One line about a source for people, e.g. `USB Mic (alsa:hw:CARD=USB), 48000 Hz, 2 channels, i16`.
pub fn describe(info: &SourceInfo) -> String {
    let channels = if info.channels == 1 { "1 channel" } else { "2 channels" };
    format!("{} ({}:{}), {} Hz, {channels}, {}", info.name, info.kind, info.id, info.sample_rate.hz(), info.format)
}
