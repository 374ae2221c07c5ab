//! One event of a feed: what it stands for, and its bytes in each form that viewers take, each made once for all.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use photophone_signal::wire::binary::{EncodeError, kind};
use photophone_signal::{Epoch, Gap, GapCause, SampleIndex};

use super::framed::FramedMessage;
use super::gzip::{self, GzipSegment};
use super::late::LateBytes;
use super::{Form, message, sse};
use crate::stream::{Covers, StateChange, end_of_gap};

/// Content from which on a form is long to write: some 100 KB of JSON.
const LARGE_BYTES: usize = 16 * 1024;

/// What an event carries, before it is written in any form.
pub trait Content: Send + Sync + 'static {
    /// The id: epoch and index of the first sample.
    fn id(&self) -> SampleIndex;

    /// The first sample that neither this event nor any before it stands for.
    fn end(&self) -> SampleIndex;

    /// The first sample that this event stands for, where nothing may stand for some between the end of what was before
    /// and it: whoever joins next begins here.
    fn start(&self) -> Option<SampleIndex> {
        None
    }

    /// Time that passes with this event, in microseconds.
    fn duration_us(&self) -> u64;

    /// Memory that it holds, in bytes.
    fn size_bytes(&self) -> usize;

    /// Writes the JSON object, on one line.
    fn write_json(&self, out: &mut Vec<u8>);

    /// Appends the binary message with the same content, of the feed of this number.
    ///
    /// # Errors
    /// When it is longer than a message may be; `out` is then as before.
    fn write_message(&self, feed: u32, out: &mut Vec<u8>) -> Result<(), EncodeError>;
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
    gzip: OnceLock<GzipSegment>,
    message: OnceLock<FramedMessage>,
    /// Of forms that are written from its publication on.
    late: OnceLock<LateBytes>,
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
        let (sse, gzip, message, late) = Default::default();
        Self { inner: Arc::new(Inner { happening, sse, gzip, message, late }) }
    }

    /// The gap that this event tells, if it tells one.
    pub fn told_gap(&self) -> Option<&Gap> {
        match &self.inner.happening {
            Happening::Gap(gap) => Some(gap),
            Happening::Data(_) | Happening::State(_) => None,
        }
    }

    /// From here on, counts the bytes of forms that are written in `sum`, for as long as the event is there.
    pub(super) fn count_late(&self, sum: &Arc<AtomicU64>) {
        self.inner.late.get_or_init(|| LateBytes::new(sum));
    }

    /// Whether it takes long to write the form, which nobody has done yet.
    pub(super) fn is_long_to_write(&self, form: Form) -> bool {
        let is_written = match form {
            Form::Sse => self.inner.sse.get().is_some(),
            Form::GzipSse => self.inner.gzip.get().is_some(),
            Form::Message => self.inner.message.get().is_some(),
        };
        let is_large = |content: &dyn Content| content.size_bytes() >= LARGE_BYTES;
        !is_written && matches!(&self.inner.happening, Happening::Data(content) if is_large(&**content))
    }

    /// Writes the form, unless somebody did before. Viewers write what the feed has not, as nobody took that form then.
    pub(super) fn write(&self, form: Form, feed: u32) {
        match form {
            Form::Sse => drop(self.sse()),
            Form::GzipSse => drop(self.gzip_sse()),
            Form::Message => drop(self.framed(feed)),
        }
    }

    fn counted<T>(&self, form: T, bytes: impl FnOnce(&T) -> usize) -> T {
        if let Some(late) = self.inner.late.get() {
            late.add(bytes(&form));
        }
        form
    }

    /// The bytes of a whole server-sent event.
    pub fn sse(&self) -> &Bytes {
        self.inner.sse.get_or_init(|| match &self.inner.happening {
            Happening::Data(content) => {
                let event = sse::data_event(content.id(), |out| content.write_json(out));
                self.counted(event.into(), Bytes::len)
            }
            Happening::Gap(gap) => sse::named_event("gap", gap).into(),
            Happening::State(change) => sse::named_event("state", &**change).into(),
        })
    }

    /// The server-sent event, compressed.
    pub fn gzip_sse(&self) -> &GzipSegment {
        self.inner.gzip.get_or_init(|| self.counted(gzip::segment(self.sse()), |segment| segment.deflated().len()))
    }

    /// The bytes of a binary message of the feed of this number.
    pub fn message(&self, feed: u32) -> Bytes {
        self.framed(feed).message()
    }

    /// The same in the frame that carries it over a WebSocket.
    pub fn framed(&self, feed: u32) -> &FramedMessage {
        self.inner.message.get_or_init(|| match &self.inner.happening {
            Happening::Data(content) => {
                let framed = FramedMessage::write(|out| write_data(&**content, feed, out));
                self.counted(framed, |framed| framed.frame().len())
            }
            Happening::Gap(gap) => FramedMessage::write(|out| message::write_named(feed, kind::GAP, gap, out)),
            Happening::State(change) => {
                FramedMessage::write(|out| message::write_named(feed, kind::STATE, &**change, out))
            }
        })
    }
}

/// Appends the message of `content`. One that is too long becomes a gap: what does not travel is told.
fn write_data(content: &dyn Content, feed: u32, out: &mut Vec<u8>) {
    if let Err(error) = content.write_message(feed, out) {
        let (id, end) = (content.id(), content.end());
        log::error!(feed, epoch:% = id.epoch, first_sample = id.sample, error:% = error; "Event has no binary message");
        let gap = Gap {
            epoch: id.epoch,
            from_sample: id.sample,
            to_sample: Some(end.sample),
            cause: GapCause::Subscriber,
            exact: true,
            next_epoch: None,
        };
        message::write_named(feed, kind::GAP, &gap, out);
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

    /// As it is when it is published; one that nobody watched has no bytes yet. Those are counted as they come.
    fn size_bytes(&self) -> usize {
        let content = match &self.inner.happening {
            Happening::Data(content) => content.size_bytes(),
            Happening::Gap(_) | Happening::State(_) => 0,
        };
        let written = [
            self.inner.sse.get().map_or(0, Bytes::len),
            self.inner.gzip.get().map_or(0, |segment| segment.deflated().len()),
            self.inner.message.get().map_or(0, |framed| framed.frame().len()),
        ];
        size_of::<Inner>() + content + written.iter().sum::<usize>()
    }

    fn duration_us(&self) -> u64 {
        match &self.inner.happening {
            Happening::Data(content) => content.duration_us(),
            Happening::Gap(_) | Happening::State(_) => 0,
        }
    }
}
