//! The shared audio stream: what the daemon publishes and everybody else reads.
//!
//! [`SharedAudioStream`] is the handle that the program holds; [`AudioStreamConsumer`] reads frames and gaps in
//! order; [`StreamStats`] counts. Frames travel as `Arc<AudioFrame>`: nobody copies samples to deliver them.

mod audience;
mod consumer;
mod gate;
mod history;
mod items;
mod ledger;
mod levels;
mod reader;
mod state;
mod stats;
mod summary;

#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use photophone_signal::{AudioFrame, Epoch, Gap, SampleIndex};

pub use audience::Audience;
pub use consumer::{AudioStreamConsumer, StreamEvent};
pub use gate::{Claim, Demand, Gate, Idle};
pub use history::{Bounds, Covers, History};
pub use reader::{Ended, Lateness, Next, Reader, Start};
pub use state::{DaemonState, StateChange, StateReason};
pub use stats::{FrameTally, PerChannel, SamplesLost, StreamStats};
pub(crate) use summary::Summary;

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
    fn end(&self) -> Option<SampleIndex> {
        match self {
            Self::Frame(frame) => Some(frame.end()),
            Self::Gap(gap) => end_of_gap(gap),
            Self::State(_) => None,
        }
    }

    fn id(&self) -> Option<SampleIndex> {
        match self {
            Self::Frame(frame) => Some(frame.index()),
            Self::Gap(_) | Self::State(_) => None,
        }
    }

    fn state_epoch(&self) -> Option<Epoch> {
        match self {
            Self::State(change) => change.epoch,
            Self::Frame(_) | Self::Gap(_) => None,
        }
    }

    fn size_bytes(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.size_bytes(),
            Self::Gap(_) | Self::State(_) => size_of::<Self>(),
        }
    }

    fn duration_us(&self) -> u64 {
        match self {
            Self::Frame(frame) => frame.duration_us(),
            Self::Gap(_) | Self::State(_) => 0,
        }
    }
}

/// The first sample after a gap; of the next epoch, when this one ended within it.
pub fn end_of_gap(gap: &Gap) -> Option<SampleIndex> {
    match (gap.to_sample, gap.next_epoch) {
        (Some(sample), _) => Some(SampleIndex { epoch: gap.epoch, sample }),
        (None, Some(epoch)) => Some(SampleIndex { epoch, sample: 0 }),
        (None, None) => None,
    }
}

/// The stream as everybody but the daemon sees it; cheap to clone.
#[derive(Clone)]
pub struct SharedAudioStream {
    inner: Arc<Inner>,
}

struct Inner {
    ring: Arc<History<StreamItem>>,
    audience: Arc<Audience>,
    latest: ArcSwapOption<AudioFrame>,
    ledger: Ledger,
}

impl SharedAudioStream {
    /// A stream that keeps what `bounds` say for those who lag behind or come back.
    pub fn new(bounds: Bounds, clock: SharedClock) -> Self {
        let audience = Arc::new(Audience::default());
        let inner = Inner {
            ring: History::new(bounds, Arc::clone(&audience)),
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

    /// A reader inside the program that is not counted as audience, such as a feed, and the state that held where it
    /// starts, if one was told before.
    pub fn subscribe_internally(
        &self,
        start: Start,
        lateness: Lateness,
    ) -> (Reader<StreamItem>, Option<Arc<StateChange>>) {
        let (reader, state) = self.inner.ring.subscribe_internally(start, lateness);
        let state = state.and_then(|item| match item {
            StreamItem::State(state) => Some(state),
            StreamItem::Frame(_) | StreamItem::Gap(_) => None,
        });
        (reader, state)
    }

    /// One more watches `claim`, the claim of an internal reader: what that loses from here on counts for it. Says
    /// whether the reader has lost something that it has not noticed yet.
    pub fn watch(&self, claim: &Claim) -> bool {
        self.inner.ring.watch(claim)
    }

    /// One of those who watch `claim`, the claim of an internal reader, leaves.
    pub fn release(&self, claim: &Claim) {
        self.inner.ring.release(claim);
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
        self.inner.ring.gate()
    }

    pub(crate) fn publish_frame(&self, frame: AudioFrame, tally: FrameTally) {
        let frame = Arc::new(frame);
        self.inner.ledger.count_frame(&frame, tally);
        self.inner.latest.store(Some(Arc::clone(&frame)));
        self.inner.ring.publish(StreamItem::Frame(frame));
    }

    pub(crate) fn publish_gap(&self, gap: Gap, lost_samples: u64) {
        self.inner.ledger.count_gap(gap.cause, lost_samples);
        self.inner.ring.publish(StreamItem::Gap(gap));
    }

    pub(crate) fn publish_state(&self, change: StateChange, source: Option<Arc<SourceInfo>>) {
        self.tell_state(self.set_state(change, source));
    }

    /// Sets the state for who asks. Those who read the stream know it once the item that this answers is told.
    pub(crate) fn set_state(&self, change: StateChange, source: Option<Arc<SourceInfo>>) -> StreamItem {
        let change = Arc::new(change);
        self.inner.ledger.set_state(Arc::clone(&change), source);
        StreamItem::State(change)
    }

    pub(crate) fn tell_state(&self, state: StreamItem) {
        self.inner.ring.publish(state);
    }

    pub(crate) fn set_measured_rate_hz(&self, rate_hz: Option<f64>) {
        self.inner.ledger.set_measured_rate_hz(rate_hz);
    }

    /// Ends the stream: subscribers get what is left in the ring, then the end.
    pub fn close(&self) {
        self.inner.ring.close();
    }

    /// Whether the stream has ended.
    pub fn is_closed(&self) -> bool {
        self.inner.ring.is_closed()
    }
}
