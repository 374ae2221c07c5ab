//! The best representation of frames that fits a viewer's bandwidth.

use photophone_signal::units::SampleRate;

use super::parameters::{Channels, Factor, Format, Fps, MaxKbps};
use super::samples::FramesSpec;

/// What an event takes beside its samples: id, head and the framing of HTTP. A little more than the longest has.
const EVENT_HEAD_BYTES: f64 = 512.0;

/// The longest shortest decimal of an f32, with its comma.
const JSON_SAMPLE_BYTES: f64 = 16.0;

/// What a query says of frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct FramesQuery {
    /// `format`.
    pub format: Option<Format>,
    /// `channels`.
    pub channels: Option<Channels>,
    /// `decimate`.
    pub decimate: Option<Factor>,
    /// `fps`.
    pub fps: Option<Fps>,
}

/// What the source delivers.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// Samples per second and channel.
    pub sample_rate: SampleRate,
    /// Channels, 1 or 2.
    pub channels: u8,
    /// Frames that are published per second.
    pub fps: f64,
}

impl FramesQuery {
    /// The frames that are meant, with defaults for what is not said.
    pub fn spec(&self) -> FramesSpec {
        FramesSpec {
            format: self.format.unwrap_or_default(),
            channels: self.channels.unwrap_or_default(),
            decimate: self.decimate.unwrap_or_default(),
            fps: self.fps,
        }
    }

    /// The first that fits of: f32, i16, i16 decimated by 2, 3, … What the query says stays as it is.
    ///
    /// # Errors
    /// When none fits: the least bandwidth for which one would, in kilobits per second.
    pub fn within(&self, max_kbps: MaxKbps, flow: &Flow) -> Result<FramesSpec, u64> {
        let fits = |spec: &FramesSpec| flow.bits_per_sec(spec) <= max_kbps.bits_per_sec();
        self.choices().find(fits).ok_or_else(|| {
            let least = self.choices().map(|spec| flow.bits_per_sec(&spec)).fold(f64::INFINITY, f64::min);
            (least / 1e3).ceil() as u64
        })
    }

    /// What the query leaves open, best first.
    fn choices(&self) -> impl Iterator<Item = FramesSpec> {
        let spec = self.spec();
        let formats = self.format.map_or(vec![Format::F32, Format::I16], |format| vec![format]);
        let smallest = self.format.unwrap_or(Format::I16);
        let whole = formats.into_iter().map(move |format| FramesSpec { format, ..spec });
        let factors = Factor::above_one().filter(|_| self.decimate.is_none());
        whole.chain(factors.map(move |decimate| FramesSpec { format: smallest, decimate, ..spec }))
    }
}

impl Flow {
    /// Bits per second that a viewer of these frames gets, at most: uncompressed, and while no gap makes short frames.
    pub fn bits_per_sec(&self, spec: &FramesSpec) -> f64 {
        let channels = match spec.channels {
            Channels::Both => f64::from(self.channels),
            Channels::A | Channels::B => 1.0,
        };
        let samples = channels * f64::from(self.sample_rate.hz()) / spec.decimate.get() as f64;
        let events = spec.fps.map_or(self.fps, |fps| fps.grid().fps());
        8.0 * (samples * sample_bytes(spec.format) + events * EVENT_HEAD_BYTES)
    }
}

/// Bytes of a sample on the way; base64 makes four characters of three bytes.
fn sample_bytes(format: Format) -> f64 {
    match format {
        Format::Json => JSON_SAMPLE_BYTES,
        Format::F32 | Format::I16 => format.samples().sample_bytes() as f64 * 4.0 / 3.0,
    }
}
