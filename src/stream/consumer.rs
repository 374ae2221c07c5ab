//! The consumer: reads the shared stream frame by frame and is told of every gap, its own lag included.

use std::sync::Arc;

use photophone_signal::{AudioFrame, Gap};

use super::{Next, SharedAudioStream, StateChange, StreamItem, Subscriber};

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

/// Reads a [`SharedAudioStream`] from the moment of its creation.
pub struct AudioStreamConsumer {
    subscriber: Subscriber<StreamItem>,
}

impl AudioStreamConsumer {
    /// Subscribes to `stream`. At pace `fast` the source then waits for this consumer.
    pub fn new(stream: &SharedAudioStream) -> Self {
        Self { subscriber: stream.inner.fanout.subscribe() }
    }

    /// The next frame, gap or state change; none once the stream is gone. Cancel-safe.
    pub async fn next(&mut self) -> Option<StreamEvent> {
        self.subscriber.next().await.map(StreamEvent::from)
    }

    /// As [`Self::next`], for a thread that may block.
    pub fn next_blocking(&mut self) -> Option<StreamEvent> {
        self.subscriber.next_blocking().map(StreamEvent::from)
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
