//! The representation of a frame as itself.

use std::sync::Arc;

use photophone_signal::wire::FrameJson;
use photophone_signal::wire::binary::{EncodeError, SampleFormat, write_frame};
use photophone_signal::{AudioFrame, Gap, SampleIndex};

use super::{Content, Representation, sse};

/// Frames as they are published.
#[derive(Debug, Default)]
pub(super) struct FrameRepresentation;

impl Representation for FrameRepresentation {
    fn add(&mut self, frame: &Arc<AudioFrame>, events: &mut Vec<Box<dyn Content>>) {
        events.push(Box::new(Arc::clone(frame)));
    }

    fn interrupt(&mut self, gap: &Gap, _events: &mut Vec<Box<dyn Content>>) -> Gap {
        *gap
    }
}

impl Content for Arc<AudioFrame> {
    fn id(&self) -> SampleIndex {
        self.index()
    }

    fn end(&self) -> SampleIndex {
        AudioFrame::end(self)
    }

    fn duration_us(&self) -> u64 {
        AudioFrame::duration_us(self)
    }

    fn size_bytes(&self) -> usize {
        // The feed may keep a frame for longer than the stream does.
        AudioFrame::size_bytes(self)
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        // 12 bytes hold most samples; room for them saves growing by copies.
        out.reserve(12 * (self.channel_a.len() + self.channel_b.len()) + 512);
        sse::write_json(out, &FrameJson::from(&**self));
    }

    fn write_message(&self, feed: u32, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        write_frame(out, feed, self, SampleFormat::F32)
    }
}
