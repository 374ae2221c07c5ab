//! One event of a feed: what it stands for, and its bytes in each form that viewers take, each made once for all.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use photophone_signal::{Epoch, Gap, SampleIndex};

use super::sse;
use crate::stream::{Covers, StateChange, end_of_gap};

/// What an event carries, before it is written in any form.
pub trait Content: Send + Sync + 'static {
    /// The id: epoch and index of the first sample.
    fn id(&self) -> SampleIndex;

    /// The first sample that neither this event nor any before it stands for.
    fn end(&self) -> SampleIndex;

    /// Time that passes with this event, in microseconds.
    fn duration_us(&self) -> u64;

    /// Memory that it holds, in bytes.
    fn size_bytes(&self) -> usize;

    /// Writes the JSON object, on one line.
    fn write_json(&self, out: &mut Vec<u8>);
}

/// What happens in a feed.
enum Happening {
    Data(Box<dyn Content>),
    Gap(Gap),
    State(Arc<StateChange>),
}

/// An event, shared by all viewers.
#[derive(Clone)]
pub struct FeedEvent {
    inner: Arc<Inner>,
}

struct Inner {
    happening: Happening,
    sse: OnceLock<Bytes>,
}

impl FeedEvent {
    /// An event that carries `content`.
    pub fn data(content: Box<dyn Content>) -> Self {
        Self::new(Happening::Data(content))
    }

    /// An event that tells of a gap: to all viewers, or to one that lost samples by itself.
    pub fn gap(gap: Gap) -> Self {
        Self::new(Happening::Gap(gap))
    }

    pub(super) fn state(change: Arc<StateChange>) -> Self {
        Self::new(Happening::State(change))
    }

    fn new(happening: Happening) -> Self {
        Self { inner: Arc::new(Inner { happening, sse: OnceLock::new() }) }
    }

    /// The gap that this event tells, if it tells one.
    pub fn told_gap(&self) -> Option<&Gap> {
        match &self.inner.happening {
            Happening::Gap(gap) => Some(gap),
            Happening::Data(_) | Happening::State(_) => None,
        }
    }

    /// The bytes of a whole server-sent event. Written by whoever asks first: the feed, while it has viewers of this form.
    pub fn sse(&self) -> &Bytes {
        self.inner.sse.get_or_init(|| match &self.inner.happening {
            Happening::Data(content) => sse::data_event(content.id(), |out| content.write_json(out)).into(),
            Happening::Gap(gap) => sse::named_event("gap", gap).into(),
            Happening::State(change) => sse::named_event("state", &**change).into(),
        })
    }
}

impl Covers for FeedEvent {
    fn end(&self) -> Option<SampleIndex> {
        match &self.inner.happening {
            Happening::Data(content) => Some(content.end()),
            Happening::Gap(gap) => end_of_gap(gap),
            Happening::State(_) => None,
        }
    }

    fn id(&self) -> Option<SampleIndex> {
        match &self.inner.happening {
            Happening::Data(content) => Some(content.id()),
            Happening::Gap(_) | Happening::State(_) => None,
        }
    }

    fn state_epoch(&self) -> Option<Epoch> {
        match &self.inner.happening {
            Happening::State(change) => change.epoch,
            Happening::Data(_) | Happening::Gap(_) => None,
        }
    }

    /// As it is when it is published; one that nobody watched has no bytes yet.
    fn size_bytes(&self) -> usize {
        let content = match &self.inner.happening {
            Happening::Data(content) => content.size_bytes(),
            Happening::Gap(_) | Happening::State(_) => 0,
        };
        size_of::<Inner>() + content + self.inner.sse.get().map_or(0, Bytes::len)
    }

    fn duration_us(&self) -> u64 {
        match &self.inner.happening {
            Happening::Data(content) => content.duration_us(),
            Happening::Gap(_) | Happening::State(_) => 0,
        }
    }
}
