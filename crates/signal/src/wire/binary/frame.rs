//! An audio frame as a message and back.

use super::error::EncodeError;
use super::header::{Header, Place};
use super::kind;
use super::message::Message;
use super::writer::{MessageWriter, SampleFormat};
use crate::AudioFrame;

/// Appends `frame` to `out`. Channel B of a mono source has no section.
///
/// # Errors
/// When it is longer than a message may be, or its indices or times are beyond 2^53 − 1; `out` is then as before.
pub fn write_frame(out: &mut Vec<u8>, feed: u32, frame: &AudioFrame, format: SampleFormat) -> Result<(), EncodeError> {
    let header = Header { kind: kind::FRAME, feed, place: Some(Place::from(frame)) };
    let writer = MessageWriter::begin(out, &header).samples("channel_a", &frame.channel_a, format);
    if frame.is_mono() { writer.finish() } else { writer.samples("channel_b", &frame.channel_b, format).finish() }
}

/// The frame that a message holds; none when it is of another kind, decimated, or without channel A.
pub fn read_frame(message: &Message<'_>) -> Option<AudioFrame> {
    let place = message.header.place.filter(|_| message.header.kind == kind::FRAME)?;
    let samples = |name| {
        let mut samples = Vec::new();
        message.elements(name).filter(|elements| elements.append_to(&mut samples)).map(|_| samples)
    };
    let channel_a = samples("channel_a")?;
    let channel_b = samples("channel_b").unwrap_or_default();
    let is_whole = |channel: &Vec<f32>| u32::try_from(channel.len()) == Ok(place.samples);
    (is_whole(&channel_a) && (channel_b.is_empty() || is_whole(&channel_b))).then_some(AudioFrame {
        epoch: place.epoch,
        frame_number: place.frame_number,
        first_sample: place.first_sample,
        sample_rate: place.sample_rate,
        monotonic_us: place.monotonic_us,
        captured_us: place.captured_us,
        flags: place.flags,
        channel_a,
        channel_b,
    })
}
