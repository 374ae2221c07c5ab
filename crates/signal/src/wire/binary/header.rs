//! The fixed header: what every message has, and the place in the sample count that most have.

use super::cursor::{Cursor, is_name};
use super::error::{DecodeError, EncodeError, Fault};
use crate::units::SampleRate;
use crate::{AudioFrame, Epoch, FrameFlags, MAX_SAMPLE_INDEX};

/// The first four bytes. The first is no beginning of UTF-8, so no text is taken for a message.
pub const MAGIC: [u8; 4] = *b"\x89PHN";
/// The major version that is written and read here.
pub const VERSION: u16 = 1;
/// Length of the header as written here. A later minor version may write a longer one.
pub const HEADER_BYTES: usize = 88;
/// No message is longer: seven seconds of stereo f32 at 192 kHz, or a spectrum of 2^18 samples with all its arrays.
pub const MAX_MESSAGE_BYTES: usize = 1 << 24;

/// As many bytes as tell the length of a message: magic, version, `header_bytes`, `message_bytes`.
pub(super) const PREFIX_BYTES: usize = 12;
/// Offset of the u32 that is the length of the whole message.
pub(super) const MESSAGE_BYTES_AT: usize = 8;
const KIND_BYTES: usize = 12;

const CLIPPED: u16 = 1;
const NONFINITE: u16 = 1 << 1;
const AFTER_GAP: u16 = 1 << 2;

/// What every message has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Header<'a> {
    /// What the message is: one of [`kind`](super::kind), or a kind that a later server has.
    pub kind: &'a str,
    /// Number of the feed that it is of; 0 when it is of none, as a heartbeat of a connection.
    pub feed: u32,
    /// Which samples it is about; none for a heartbeat and for what `meta` places itself, such as a gap.
    pub place: Option<Place>,
}

/// Which samples a message is about. All counts are samples of the source, whatever decimation the arrays went through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Epoch in which the indices count.
    pub epoch: Epoch,
    /// Number of the frame; of any other kind, number of the frame that holds the last of the samples.
    pub frame_number: u64,
    /// Index of the first sample.
    pub first_sample: u64,
    /// How many samples per channel, so that `first_sample + samples` is the index after the last.
    pub samples: u32,
    /// UTC of the first sample in microseconds since the Unix epoch.
    pub captured_us: u64,
    /// Monotonic time of the first sample in microseconds since the server started.
    pub monotonic_us: u64,
    /// Samples per second and channel.
    pub sample_rate: SampleRate,
    /// Channels that the source has, 1 or 2; which of them a message carries is seen from its sections.
    pub channels: u16,
    /// What happened to the samples.
    pub flags: FrameFlags,
}

impl From<&AudioFrame> for Place {
    fn from(frame: &AudioFrame) -> Self {
        Self {
            epoch: frame.epoch,
            frame_number: frame.frame_number,
            first_sample: frame.first_sample,
            // A frame that does not fit is far beyond the length of a message.
            samples: u32::try_from(frame.samples()).unwrap_or(u32::MAX),
            captured_us: frame.captured_us,
            monotonic_us: frame.monotonic_us,
            sample_rate: frame.sample_rate,
            channels: if frame.is_mono() { 1 } else { 2 },
            flags: frame.flags,
        }
    }
}

/// The lengths that delimit a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths {
    pub(super) header_bytes: usize,
    pub(super) message_bytes: usize,
}

impl Lengths {
    /// Reads the beginning of a message of at most `most` bytes. None when it is too short to tell, though right so far.
    pub(super) fn read(bytes: &[u8], most: usize) -> Result<Option<Self>, DecodeError> {
        let mut beginning = bytes.iter().zip(MAGIC).enumerate();
        if let Some((at, (found, _))) = beginning.find(|(_, (found, expected))| *found != expected) {
            return Err(Fault::Magic(*found).at(at));
        }
        if bytes.len() < PREFIX_BYTES {
            return Ok(None);
        }
        let mut fields = Cursor::new(bytes, MAGIC.len());
        match fields.u16()? {
            VERSION => {}
            other => return Err(Fault::Version(other).at(MAGIC.len())),
        }
        let header_bytes = match fields.u16()? {
            bytes if usize::from(bytes) >= HEADER_BYTES && bytes % 8 == 0 => usize::from(bytes),
            bytes => return Err(Fault::HeaderBytes(bytes).at(MAGIC.len() + 2)),
        };
        let found = fields.u32()?;
        match usize::try_from(found) {
            Ok(message_bytes) if (header_bytes..=most).contains(&message_bytes) && found % 8 == 0 => {
                Ok(Some(Self { header_bytes, message_bytes }))
            }
            _ => Err(Fault::MessageBytes { found, least: header_bytes, most }.at(MESSAGE_BYTES_AT)),
        }
    }
}

impl<'a> Header<'a> {
    /// Reads what stands behind the lengths.
    pub(super) fn read(message: &'a [u8]) -> Result<Self, DecodeError> {
        let mut fields = Cursor::new(message, PREFIX_BYTES);
        let feed = fields.u32()?;
        let kind = fields.name(KIND_BYTES)?;
        Ok(Self { kind, feed, place: Place::read(&mut fields)? })
    }

    /// Appends the header of a message that ends with it.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend(MAGIC);
        out.extend(VERSION.to_le_bytes());
        out.extend((HEADER_BYTES as u16).to_le_bytes());
        out.extend((HEADER_BYTES as u32).to_le_bytes());
        out.extend(self.feed.to_le_bytes());
        write_name(out, self.kind, KIND_BYTES)?;
        match &self.place {
            Some(place) => place.write(out),
            None => {
                out.resize(out.len() + Place::BYTES, 0);
                Ok(())
            }
        }
    }
}

impl Place {
    const BYTES: usize = HEADER_BYTES - PREFIX_BYTES - 4 - KIND_BYTES;

    /// None, and the other fields mean nothing, when the epoch is the nil UUID.
    fn read(fields: &mut Cursor<'_>) -> Result<Option<Self>, DecodeError> {
        let flags = flags_of(fields.u16()?);
        let channels = fields.u16()?;
        let Some(epoch) = Epoch::from_bytes(fields.array()?) else { return Ok(None) };
        let [frame_number, first_sample] = [fields.index()?, fields.index()?];
        let [captured_us, monotonic_us] = [fields.index()?, fields.index()?];
        let samples = fields.u32()?;
        let rate_at = fields.at;
        let sample_rate = SampleRate::new(fields.u32()?).ok_or(Fault::SampleRate.at(rate_at))?;
        let place = Self {
            epoch,
            frame_number,
            first_sample,
            samples,
            captured_us,
            monotonic_us,
            sample_rate,
            channels,
            flags,
        };
        Ok(Some(place))
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let indices = [self.frame_number, self.first_sample, self.captured_us, self.monotonic_us];
        if let Some(index) = indices.into_iter().find(|index| *index > MAX_SAMPLE_INDEX) {
            return Err(EncodeError::Index(index));
        }
        out.extend(bits_of(self.flags).to_le_bytes());
        out.extend(self.channels.to_le_bytes());
        out.extend(self.epoch.to_bytes());
        indices.into_iter().for_each(|index| out.extend(index.to_le_bytes()));
        out.extend(self.samples.to_le_bytes());
        out.extend(self.sample_rate.hz().to_le_bytes());
        Ok(())
    }
}

fn flags_of(bits: u16) -> FrameFlags {
    let is_set = |flag| bits & flag != 0;
    FrameFlags { clipped: is_set(CLIPPED), nonfinite: is_set(NONFINITE), after_gap: is_set(AFTER_GAP) }
}

fn bits_of(flags: FrameFlags) -> u16 {
    let bit = |set, flag| if set { flag } else { 0 };
    bit(flags.clipped, CLIPPED) | bit(flags.nonfinite, NONFINITE) | bit(flags.after_gap, AFTER_GAP)
}

/// Appends `name` in a field of `width` bytes.
pub(super) fn write_name(out: &mut Vec<u8>, name: &str, width: usize) -> Result<(), EncodeError> {
    if !is_name(name) || name.len() > width {
        return Err(EncodeError::Name { name: name.to_owned(), most_bytes: width });
    }
    out.extend(name.bytes());
    out.resize(out.len() + width - name.len(), 0);
    Ok(())
}
