//! The shared audio stream: what the daemon publishes and everybody else reads.
//!
//! [`SharedAudioStream`] is the handle that the program holds; [`AudioStreamConsumer`] reads frames and gaps in
//! order; [`StreamStats`] counts. Frames travel as `Arc<AudioFrame>`: nobody copies samples to deliver them.

mod audience;
mod consumer;
mod fanout;
mod gate;
mod ledger;
mod levels;
mod state;
mod stats;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use photophone_signal::{AudioFrame, Gap};

pub use audience::Audience;
pub use consumer::{AudioStreamConsumer, StreamEvent};
pub use fanout::{Covers, Extent, Fanout, Next, Subscriber};
pub use gate::{Claim, Gate, Idle};
pub use state::{DaemonState, StateChange, StateReason};
pub use stats::{FrameTally, PerChannel, SamplesLost, StreamStats};

use crate::clock::SharedClock;
use crate::source::SourceInfo;
use ledger::Ledger;

/// What travels through the stream, in order.
#[derive(Clone, Debug)]
pub enum StreamItem {
    /// Samples.
    Frame(Arc<AudioFrame>),
    /// Samples that will not come.
    Gap(Gap),
    /// The daemon's state or the epoch has changed.
    State(Arc<StateChange>),
}

impl Covers for StreamItem {
    fn extent(&self) -> Option<Extent> {
        match self {
            Self::Frame(frame) => Some(Extent {
                epoch: frame.epoch,
                from: frame.first_sample,
                to: Some(frame.end_sample()),
                frame_number: Some(frame.frame_number),
            }),
            Self::Gap(gap) => {
                Some(Extent { epoch: gap.epoch, from: gap.from_sample, to: gap.to_sample, frame_number: None })
            }
            Self::State(_) => None,
        }
    }
}

/// The stream as everybody but the daemon sees it; cheap to clone.
#[derive(Clone)]
pub struct SharedAudioStream {
    inner: Arc<Inner>,
}

struct Inner {
    fanout: Fanout<StreamItem>,
    audience: Arc<Audience>,
    latest: ArcSwapOption<AudioFrame>,
    ledger: Ledger,
}

impl SharedAudioStream {
    /// A stream whose subscribers may lag `capacity` items behind before they lose some.
    pub fn new(capacity: usize, clock: SharedClock) -> Self {
        let audience = Arc::new(Audience::default());
        let inner = Inner {
            fanout: Fanout::new(capacity, Arc::clone(&audience)),
            audience,
            latest: ArcSwapOption::empty(),
            ledger: Ledger::new(clock),
        };
        Self { inner: Arc::new(inner) }
    }

    /// A consumer that sees everything published from now on and counts as a subscriber.
    pub fn subscribe(&self) -> AudioStreamConsumer {
        AudioStreamConsumer::new(self)
    }

    /// A subscriber inside the program that is not counted as audience, such as a feed.
    pub fn subscribe_internally(&self) -> Subscriber<StreamItem> {
        self.inner.fanout.subscribe_internally()
    }

    /// The newest frame, if there was one in this run.
    pub fn latest(&self) -> Option<Arc<AudioFrame>> {
        self.inner.latest.load_full()
    }

    /// The daemon's last state change.
    pub fn state(&self) -> Arc<StateChange> {
        self.inner.ledger.state()
    }

    /// The source that was opened last, if one was.
    pub fn source(&self) -> Option<Arc<SourceInfo>> {
        self.inner.ledger.source()
    }

    /// All counters at this moment.
    pub fn stats(&self) -> StreamStats {
        self.inner.ledger.stats(&self.inner.audience)
    }

    /// Counters of those who read this stream, shared with its feeds.
    pub fn audience(&self) -> &Arc<Audience> {
        &self.inner.audience
    }

    /// The gate at which the daemon waits at pace `fast`.
    pub fn gate(&self) -> &Arc<Gate> {
        self.inner.fanout.gate()
    }

    pub(crate) fn publish_frame(&self, frame: AudioFrame, tally: FrameTally) {
        let frame = Arc::new(frame);
        self.inner.ledger.count_frame(&frame, tally);
        self.inner.latest.store(Some(Arc::clone(&frame)));
        self.inner.fanout.publish(StreamItem::Frame(frame));
    }

    pub(crate) fn publish_gap(&self, gap: Gap, lost_samples: u64) {
        self.inner.ledger.count_gap(gap.cause, lost_samples);
        self.inner.fanout.publish(StreamItem::Gap(gap));
    }

    pub(crate) fn publish_state(&self, change: StateChange, source: Option<Arc<SourceInfo>>) {
        let change = Arc::new(change);
        self.inner.ledger.set_state(Arc::clone(&change), source);
        self.inner.fanout.publish(StreamItem::State(change));
    }

    pub(crate) fn set_measured_rate_hz(&self, rate_hz: Option<f64>) {
        self.inner.ledger.set_measured_rate_hz(rate_hz);
    }

    /// Ends the stream: subscribers get what is left in the ring, then the end.
    pub fn close(&self) {
        self.inner.fanout.close();
    }

    /// Whether the stream has ended.
    pub fn is_closed(&self) -> bool {
        self.inner.fanout.is_closed()
    }

    /// Subscribers now: viewers of feeds and consumers, not the feeds themselves.
    pub fn subscribers(&self) -> usize {
        self.inner.audience.subscribers()
    }
}
