//! The consumer: reads the shared stream frame by frame and is told of every gap, its own lag included.

use std::sync::Arc;

use photophone_signal::{AudioFrame, Gap};

use super::{Lateness, Next, Reader, SharedAudioStream, Start, StateChange, StreamItem};

/// What a consumer reads, in order.
#[derive(Clone, Debug)]
pub enum StreamEvent {
    /// Samples.
    Frame(Arc<AudioFrame>),
    /// Samples that will not come: lost by the source, or by this consumer because it was slow.
    Gap(Gap),
    /// The daemon's state or the epoch has changed.
    State(Arc<StateChange>),
}

/// Reads a [`SharedAudioStream`] from the moment of its creation. It may fall behind as far as the stream's history
/// reaches.
pub struct AudioStreamConsumer {
    reader: Reader<StreamItem>,
}

impl AudioStreamConsumer {
    /// Subscribes to `stream`. At pace `fast` the source then waits for this consumer.
    pub fn new(stream: &SharedAudioStream) -> Self {
        let (reader, _) = stream.inner.ring.subscribe(Start::Newest, Lateness::CatchUp);
        Self { reader }
    }

    /// The next frame, gap or state change; none once the stream is gone. Cancel-safe.
    pub async fn next(&mut self) -> Option<StreamEvent> {
        self.reader.next().await.map(StreamEvent::from)
    }

    /// As [`Self::next`], for a thread that may block.
    pub fn next_blocking(&mut self) -> Option<StreamEvent> {
        self.reader.next_blocking().map(StreamEvent::from)
    }
}

impl From<Next<StreamItem>> for StreamEvent {
    fn from(next: Next<StreamItem>) -> Self {
        match next {
            Next::Missed(gap) | Next::Item(StreamItem::Gap(gap)) => Self::Gap(gap),
            Next::Item(StreamItem::Frame(frame)) => Self::Frame(frame),
            Next::Item(StreamItem::State(change)) => Self::State(change),
        }
    }
}
