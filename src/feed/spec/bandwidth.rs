//! The best representation of frames that fits a viewer's bandwidth.

use photophone_signal::FrameRate;
use photophone_signal::units::SampleRate;
use photophone_signal::wire::binary::{HEADER_BYTES, SECTION_HEADER_BYTES};

use super::parameters::{Channels, Factor, Format, MaxKbps};
use super::samples::FramesSpec;
use crate::feed::Form;

/// What a server-sent event takes beside its samples: id, head and the framing of HTTP. A little more than the longest
/// has.
const EVENT_HEAD_BYTES: usize = 512;

/// What HTTP or a WebSocket adds to a binary message, at most.
const MESSAGE_FRAMING_BYTES: usize = 16;

/// Bytes up to which the elements of a section are padded.
const PADDING_BYTES: usize = 8;

/// The fields of a message whose samples are decimated, padded.
const DECIMATED_META_BYTES: usize = 40;

/// Below this many events per second nothing is gained that a viewer would want.
const LEAST_FPS: f64 = 1.0;

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
    pub fps: Option<FrameRate>,
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
    /// How they travel; what gzip gains is not counted on.
    pub form: Form,
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

    /// The first that fits of: f32, i16, i16 decimated by 2, 3, …; when none does, of the same with half as many events
    /// per second, and so on down to one. What the query says stays as it is.
    ///
    /// # Errors
    /// When none fits: the least bandwidth for which one would, in kilobits per second.
    pub fn within(&self, max_kbps: MaxKbps, flow: &Flow) -> Result<FramesSpec, u64> {
        let fits = |spec: &FramesSpec| flow.bits_per_sec(spec) <= max_kbps.bits_per_sec();
        self.choices(flow.fps).find(fits).ok_or_else(|| {
            let least = self.choices(flow.fps).map(|spec| flow.bits_per_sec(&spec)).fold(f64::INFINITY, f64::min);
            (least / 1e3).ceil() as u64
        })
    }

    /// What the query leaves open, best first, of frames that are published `fps` times per second.
    fn choices(&self, fps: f64) -> impl Iterator<Item = FramesSpec> {
        let fewer = halves(fps).filter(|_| self.fps.is_none()).map(Some);
        std::iter::once(self.fps).chain(fewer).flat_map(|fps| self.choices_at(fps))
    }

    fn choices_at(&self, fps: Option<FrameRate>) -> impl Iterator<Item = FramesSpec> + use<> {
        let spec = FramesSpec { fps, ..self.spec() };
        let formats = self.format.map_or(vec![Format::F32, Format::I16], |format| vec![format]);
        let smallest = self.format.unwrap_or(Format::I16);
        let whole = formats.into_iter().map(move |format| FramesSpec { format, ..spec });
        let is_open = self.decimate.is_none();
        let factors = Factor::above_one().filter(move |_| is_open);
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
        let events = spec.fps.map_or(self.fps, |fps| fps.fps());
        8.0 * (samples * self.sample_bytes(spec.format) + events * self.head_bytes(spec, channels) as f64)
    }

    /// Bytes of a sample on the way; base64 makes four characters of three bytes.
    fn sample_bytes(&self, format: Format) -> f64 {
        let bytes = format.samples().sample_bytes() as f64;
        match (self.form, format) {
            (Form::Message, _) => bytes,
            (Form::Sse | Form::GzipSse, Format::Json) => JSON_SAMPLE_BYTES,
            (Form::Sse | Form::GzipSse, Format::F32 | Format::I16) => bytes * 4.0 / 3.0,
        }
    }

    /// Bytes of an event beside its samples.
    fn head_bytes(&self, spec: &FramesSpec, channels: f64) -> usize {
        if self.form != Form::Message {
            return EVENT_HEAD_BYTES;
        }
        let sections = channels as usize * (SECTION_HEADER_BYTES + PADDING_BYTES);
        let meta = if spec.is_decimated() { SECTION_HEADER_BYTES + DECIMATED_META_BYTES } else { 0 };
        HEADER_BYTES + sections + meta + MESSAGE_FRAMING_BYTES
    }
}

/// Half of `fps`, a quarter, and so on; at last [`LEAST_FPS`].
fn halves(fps: f64) -> impl Iterator<Item = FrameRate> {
    let half = |fps: f64| (fps > LEAST_FPS).then(|| (fps / 2.0).max(LEAST_FPS));
    std::iter::successors(half(fps), move |fps| half(*fps)).map(FrameRate::from_fps)
}
