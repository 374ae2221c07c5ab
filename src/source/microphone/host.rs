//! The door to cpal: the only file that knows it. Lists devices, asks what they offer, starts a stream.
//!
//! cpal's words are translated here and nowhere else: its *frame* is a sample of every channel, its *buffer size* is
//! counted in those. On Linux the host is ALSA, whatever else cpal was built with.

use std::sync::Arc;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, DeviceDirection, ErrorKind, I24, SampleFormat, SizedSample, SupportedBufferSize, U24};

use super::choice::Name;
use super::plan::{Offer, Plan, SampleKind};
use super::signals::{Loss, Signals};
use crate::source::handoff::{Sender, Stamp, ToFullScale};

/// Why something could not be done with a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: Reason,
    /// What cpal says.
    pub(super) detail: String,
}

/// The reasons that make a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// There is no such device, now.
    Absent,
    /// Somebody else has it.
    Busy,
    /// This user may not use it.
    Denied,
    /// It is no input, or cannot do what was asked.
    Unsupported,
    /// Anything else; it may pass.
    Other,
}

/// The sound system of this machine.
pub(super) struct Host(cpal::Host);

/// An input device.
pub(super) struct Input {
    pub(super) name: Name,
    device: cpal::Device,
}

/// A running stream; dropping it ends it, which may block in the driver.
pub(super) struct Capture {
    stream: cpal::Stream,
}

impl Host {
    /// Reaches the sound system.
    pub(super) fn open() -> Result<Self, Refusal> {
        let host = "alsa".parse().map_or_else(|_| Ok(cpal::default_host()), cpal::host_from_id)?;
        Ok(Self(host))
    }

    /// What the sound system is called.
    pub(super) fn name(&self) -> &'static str {
        self.0.id().name()
    }

    /// Every device that may be an input. Opens none of them.
    pub(super) fn inputs(&self) -> Result<Vec<Input>, Refusal> {
        let mut inputs: Vec<Input> = self.0.devices()?.filter_map(Input::new).collect();
        if let Some(default) = self.0.default_input_device().and_then(Input::new)
            && inputs.iter().all(|input| input.name.id != default.name.id)
        {
            inputs.push(default);
        }
        Ok(inputs)
    }

    /// The device with this id in any spelling that the sound system knows, e.g. `alsa:hw:0,0`.
    pub(super) fn by_id(&self, id: &str) -> Option<Input> {
        self.0.device_by_id(&id.parse().ok()?).and_then(Input::new)
    }
}

impl Input {
    fn new(device: cpal::Device) -> Option<Self> {
        let description = device.description().ok()?;
        if description.direction() == DeviceDirection::Output {
            return None;
        }
        let name = Name { id: device.id().ok()?.to_string(), name: description.name().to_owned() };
        Some(Self { name, device })
    }

    /// What the device offers, as far as it can be read. Opens the device for a moment.
    pub(super) fn offers(&self) -> Result<Vec<Offer>, Refusal> {
        let offers = self.device.supported_input_configs()?.filter_map(|range| {
            let buffer = match range.buffer_size() {
                SupportedBufferSize::Range { min, max } => Some((*min, *max)),
                SupportedBufferSize::Unknown => None,
            };
            Some(Offer {
                kind: kind_of(range.sample_format())?,
                channels: range.channels(),
                min_rate_hz: range.min_sample_rate(),
                max_rate_hz: range.max_sample_rate(),
                buffer,
            })
        });
        Ok(offers.collect())
    }

    /// Starts a stream that pushes into `sender` and tells its errors to `signals`.
    pub(super) fn start(&self, plan: &Plan, sender: Sender, signals: &Arc<Signals>) -> Result<Capture, Refusal> {
        let build = match plan.kind {
            SampleKind::I8 => Self::build::<i8>,
            SampleKind::I16 => Self::build::<i16>,
            SampleKind::I24 => Self::build::<I24>,
            SampleKind::I32 => Self::build::<i32>,
            SampleKind::I64 => Self::build::<i64>,
            SampleKind::U8 => Self::build::<u8>,
            SampleKind::U16 => Self::build::<u16>,
            SampleKind::U24 => Self::build::<U24>,
            SampleKind::U32 => Self::build::<u32>,
            SampleKind::U64 => Self::build::<u64>,
            SampleKind::F32 => Self::build::<f32>,
            SampleKind::F64 => Self::build::<f64>,
        };
        let stream = build(self, plan, sender, signals)?;
        stream.play()?;
        Ok(Capture { stream })
    }

    fn build<T: SizedSample + ToFullScale>(
        &self,
        plan: &Plan,
        mut sender: Sender,
        signals: &Arc<Signals>,
    ) -> Result<cpal::Stream, cpal::Error> {
        let config = cpal::StreamConfig {
            channels: plan.device_channels,
            sample_rate: plan.rate.hz(),
            buffer_size: BufferSize::Fixed(plan.buffer_frames),
        };
        let (on_data, on_error) = (Arc::clone(signals), Arc::clone(signals));
        self.device.build_input_stream(
            config,
            move |interleaved: &[T], info: &cpal::InputCallbackInfo| {
                let times = info.timestamp();
                let stamp = Stamp {
                    capture_ns: times.capture.as_nanos() as u64,
                    callback_ns: times.callback.as_nanos() as u64,
                    xruns: on_data.xruns(),
                };
                sender.push(interleaved, stamp);
            },
            move |error| note(&on_error, error.kind()),
            None,
        )
    }
}

impl Capture {
    /// Samples per channel in a callback, as the device does it, which may differ from what was asked.
    pub(super) fn buffer_frames(&self) -> Option<u32> {
        self.stream.buffer_size().ok()
    }
}

/// Sorts an error of the running stream. Runs in the audio thread: atomics only.
fn note(signals: &Signals, kind: ErrorKind) {
    match kind {
        ErrorKind::Xrun => signals.note_xrun(),
        ErrorKind::DeviceNotAvailable => signals.note_loss(Loss::DeviceGone),
        ErrorKind::StreamInvalidated => signals.note_loss(Loss::Invalidated),
        ErrorKind::HostUnavailable => signals.note_loss(Loss::HostGone),
        ErrorKind::DeviceChanged => signals.note_reroute(),
        ErrorKind::RealtimeDenied => signals.note_realtime_denied(),
        _ => signals.note_failure(),
    }
}

/// Our word for a sample format; none for 1-bit DSD, which is no PCM.
fn kind_of(format: SampleFormat) -> Option<SampleKind> {
    Some(match format {
        SampleFormat::I8 => SampleKind::I8,
        SampleFormat::I16 => SampleKind::I16,
        SampleFormat::I24 => SampleKind::I24,
        SampleFormat::I32 => SampleKind::I32,
        SampleFormat::I64 => SampleKind::I64,
        SampleFormat::U8 => SampleKind::U8,
        SampleFormat::U16 => SampleKind::U16,
        SampleFormat::U24 => SampleKind::U24,
        SampleFormat::U32 => SampleKind::U32,
        SampleFormat::U64 => SampleKind::U64,
        SampleFormat::F32 => SampleKind::F32,
        SampleFormat::F64 => SampleKind::F64,
        _ => return None,
    })
}

impl ToFullScale for I24 {
    #[inline]
    fn to_full_scale(self) -> f32 {
        // ALSA leaves the fourth byte of its 24-bit formats undefined; cpal hands it on as it is.
        ((self.inner() << 8) >> 8) as f32 / 8_388_608.0
    }
}

impl ToFullScale for U24 {
    #[inline]
    fn to_full_scale(self) -> f32 {
        ((self.inner() & 0x00FF_FFFF) - 8_388_608) as f32 / 8_388_608.0
    }
}

impl From<cpal::Error> for Refusal {
    fn from(error: cpal::Error) -> Self {
        let reason = match error.kind() {
            ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => Reason::Absent,
            ErrorKind::DeviceBusy => Reason::Busy,
            ErrorKind::PermissionDenied => Reason::Denied,
            ErrorKind::UnsupportedConfig | ErrorKind::UnsupportedOperation | ErrorKind::InvalidInput => {
                Reason::Unsupported
            }
            _ => Reason::Other,
        };
        Self { reason, detail: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_byte_of_24_bit_samples_does_not_count() {
        for noise in [0, 0x7F00_0000, -0x0100_0000] {
            assert_eq!(I24::new_unchecked(0x0040_0000 ^ noise).to_full_scale(), 0.5);
            assert_eq!(I24::new_unchecked(0x00C0_0000 ^ noise).to_full_scale(), -0.5);
            assert_eq!(I24::new_unchecked(0x0080_0000 ^ noise).to_full_scale(), -1.0);
            assert_eq!(U24::new_unchecked(0x0080_0000 ^ noise).to_full_scale(), 0.0);
            assert_eq!(U24::new_unchecked(noise).to_full_scale(), -1.0);
        }
    }

    #[test]
    fn stream_errors_are_sorted_by_what_they_mean() {
        let signals = Signals::default();
        note(&signals, ErrorKind::Xrun);
        note(&signals, ErrorKind::BackendError);
        note(&signals, ErrorKind::Other);
        note(&signals, ErrorKind::DeviceChanged);
        assert_eq!((signals.xruns(), signals.failures(), signals.reroutes(), signals.loss()), (1, 2, 1, None));
        note(&signals, ErrorKind::RealtimeDenied);
        assert!(signals.take_realtime_denied() && !signals.take_realtime_denied());
        note(&signals, ErrorKind::DeviceNotAvailable);
        note(&signals, ErrorKind::StreamInvalidated);
        assert_eq!(signals.loss(), Some(Loss::DeviceGone));
    }
}
