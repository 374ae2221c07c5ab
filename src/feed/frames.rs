//! The representation of a frame as itself: its JSON.

use photophone_signal::AudioFrame;
use photophone_signal::wire::FrameJson;

use super::{Representation, sse};

/// Frames as JSON.
#[derive(Debug, Default)]
pub struct FrameRepresentation;

impl Representation for FrameRepresentation {
    fn add(&mut self, frame: &AudioFrame, wanted: bool, event: &mut Vec<u8>) {
        if wanted {
            sse::write_data_event(event, frame.epoch, frame.first_sample, &FrameJson::from(frame));
        }
    }

    fn interrupt(&mut self) {}
}
