//! Tells as events what happens to the stream: states of the daemon, gaps, clipping.

use std::sync::Arc;

use photophone_signal::{AudioFrame, Epoch};
use serde::Serialize;

use crate::events::{Events, SERVER};
use crate::stream::{Lateness, Next, SharedAudioStream, Start, StateChange, StreamItem};

/// Clipping that pauses for less is told once.
const CLIPPING_PAUSE_US: u64 = 1_000_000;

/// Where clipping began.
#[derive(Serialize)]
struct Clipping {
    epoch: Epoch,
    first_sample: u64,
    frame_number: u64,
}

/// Reads the stream, and tells what happens to it. Ends with the stream.
pub(crate) async fn tell_of_stream(stream: SharedAudioStream, events: Events) {
    let (mut reader, state) = stream.subscribe_internally(Start::Oldest, Lateness::CatchUp);
    if let Some(state) = state {
        tell_state(&events, &state);
    }
    let mut clipping = ClippingWatch::default();
    while let Some(next) = reader.next().await {
        match next {
            Next::Item(StreamItem::Frame(frame)) => {
                if clipping.begins(&frame) {
                    let AudioFrame { epoch, first_sample, frame_number, .. } = *frame;
                    events.tell("source.clipping", SERVER, &Clipping { epoch, first_sample, frame_number });
                }
            }
            Next::Item(StreamItem::Gap(gap)) => events.tell("stream.gap", SERVER, &gap),
            Next::Item(StreamItem::State(state)) => tell_state(&events, &state),
            // Frames that this reader was too late for are lost to nobody else.
            Next::Missed(_) => {}
        }
    }
}

fn tell_state(events: &Events, state: &Arc<StateChange>) {
    events.tell("daemon.state", SERVER, &**state);
}

/// Tells the beginning of clipping from what is more of it.
#[derive(Default)]
struct ClippingWatch {
    last_us: Option<u64>,
}

impl ClippingWatch {
    fn begins(&mut self, frame: &AudioFrame) -> bool {
        if !frame.flags.clipped {
            return false;
        }
        let last_us = self.last_us.replace(frame.monotonic_us);
        last_us.is_none_or(|last_us| frame.monotonic_us.saturating_sub(last_us) > CLIPPING_PAUSE_US)
    }
}
