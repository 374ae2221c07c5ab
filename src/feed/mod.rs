//! Feeds: a representation of the stream, computed and encoded once for all its viewers.
//!
//! [`Feeds`] keeps the running ones, by their [`FeedSpec`]. A feed is one thread that reads the stream, makes events of it
//! and writes each once in every form that is wanted; a viewer costs a position in a ring, never a copy, and writes
//! only what nobody wanted when it was made. It knows no HTTP: see `http::delivery` for what is private to a viewer.

mod cost;
pub mod decimate;
pub mod envelope;
mod event;
mod form;
mod framed;
mod frames;
pub mod gzip;
mod head;
mod holders;
mod joining;
mod late;
pub mod levels;
mod lockin;
pub mod message;
mod registry;
mod run;
pub mod slicer;
mod slices;
mod spec;
mod spectra;
pub mod sse;
mod viewer;
mod worker;

#[cfg(test)]
mod end_tests;
#[cfg(test)]
mod test_events;
#[cfg(test)]
mod test_frames;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use photophone_signal::{AudioFrame, Gap, SampleIndex};
use tokio::sync::{Semaphore, watch};

pub use event::{Content, FeedEvent};
pub use form::Form;
pub use framed::{FramedMessage, append_text_frame};
pub use head::Head;
pub use registry::{FeedError, FeedStatus, Feeds, FeedsSettings, ViewOptions};
pub use spec::{
    Channels, ColumnSamples, EnvelopeSpec, Factor, FeedSpec, Flow, Format, FrameShape, FramesQuery, FramesSpec,
    LevelsSpec, MaxKbps, NotAValue, TooLong,
};
pub use spectra::estimate_spec::{EstimateBasis, EstimateSpec};
pub use viewer::Viewer;

use crate::clock::SharedClock;
use crate::stream::{Bounds, Claim, History, Reader, SharedAudioStream, StreamItem};
use cost::SharedLoad;
use form::Forms;
use holders::Holders;

/// What a feed makes of the stream.
pub trait Representation: Send {
    /// Takes the next frame and appends the events that it completes.
    fn add(&mut self, frame: &Arc<AudioFrame>, events: &mut Vec<Box<dyn Content>>);

    /// Samples are missing before the next frame: appends what has to go before the gap, and answers the gap as the
    /// viewers of this representation see it.
    fn interrupt(&mut self, gap: &Gap, events: &mut Vec<Box<dyn Content>>) -> Gap;

    /// No sample follows that continues those taken, and perhaps none at all: appends what is held, and answers the gap
    /// over the samples at the end that no event stands for, if there are any. A gap of the stream may come later, and
    /// begins where these samples end.
    fn finish(&mut self, _events: &mut Vec<Box<dyn Content>>) -> Option<Gap> {
        None
    }

    /// Up to where no event will ever stand for the samples of `frame`, which completed none: who enters next has not
    /// missed them. None when a later event will stand for them.
    fn passes_over(&self, frame: &AudioFrame) -> Option<SampleIndex> {
        Some(frame.end())
    }

    /// Why nothing can be made of frames such as the last one, when that is so: the source is not one for what was asked.
    fn refusal(&self) -> Option<String> {
        None
    }
}

/// Why a feed has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The stream has.
    StreamEnded,
    /// Nobody watched.
    Unwatched,
    /// It needed more than its share of the processor.
    TooCostly,
    /// Nothing can be made of the source that runs now, and why.
    Refused(Arc<str>),
    /// A fault in the program ended its thread.
    Failed,
}

/// What the thread of a feed shares with its viewers.
struct Shared {
    number: u32,
    stream: SharedAudioStream,
    ring: Arc<History<FeedEvent>>,
    /// The feed's own claim on the stream; its watchers are the viewers.
    claim: Arc<Claim>,
    forms: Forms,
    /// One viewer at a time has written what is large and nobody wanted before; the others wait for it without a thread.
    late_writer: Arc<Semaphore>,
    load: SharedLoad,
    clock: SharedClock,
    holders: Holders,
    unheld_since_us: AtomicU64,
    /// Its place went to another feed.
    is_dismissed: AtomicBool,
    /// Where the feed has made its events of all that was there when it started.
    caught_up_at: u64,
    /// Up to where it has made its events; everything, once it has ended.
    taken: watch::Sender<u64>,
    ended: OnceLock<EndReason>,
}

impl Shared {
    fn new(
        number: u32,
        bounds: Bounds,
        stream: &SharedAudioStream,
        source: &Reader<StreamItem>,
        clock: SharedClock,
    ) -> Arc<Self> {
        Arc::new(Self {
            number,
            stream: stream.clone(),
            ring: History::new(bounds, Arc::clone(stream.audience())),
            claim: Arc::clone(source.claim()),
            forms: Forms::default(),
            late_writer: Arc::new(Semaphore::new(1)),
            load: SharedLoad::default(),
            holders: Holders::default(),
            unheld_since_us: AtomicU64::new(clock.now_us()),
            is_dismissed: AtomicBool::new(false),
            clock,
            // Not the stream's head of later: at pace fast that may stay ahead for ever.
            caught_up_at: source.claim().head(),
            taken: watch::Sender::new(source.position()),
            ended: OnceLock::new(),
        })
    }

    /// Waits until the feed has made its events of everything before `position` of the stream, or has ended.
    async fn taken(&self, position: u64) {
        // The sender is `self`: it cannot be gone.
        self.taken.subscribe().wait_for(|taken| *taken >= position).await.map(drop).unwrap_or_default();
    }

    fn set_taken(&self, position: u64) {
        self.taken.send_replace(position);
    }

    fn is_watched(&self) -> bool {
        self.claim.watchers() > 0
    }

    /// Since when nobody watches this feed or waits to, if so.
    fn unheld_since_us(&self) -> Option<u64> {
        self.holders.is_empty().then(|| self.unheld_since_us.load(Ordering::SeqCst))
    }

    fn is_unheld_for(&self, span_us: u64) -> bool {
        self.unheld_since_us().is_some_and(|since_us| self.clock.now_us().saturating_sub(since_us) >= span_us)
    }

    fn cores(&self) -> Option<f64> {
        self.load.get()
    }

    fn end_reason(&self) -> Option<EndReason> {
        self.ended.get().cloned()
    }

    fn end(&self, reason: EndReason) {
        self.ended.get_or_init(|| reason);
        self.ring.close();
        self.set_taken(u64::MAX);
    }

    fn status(&self, spec: &FeedSpec) -> FeedStatus {
        let (history_events, history_bytes, history_us) = self.ring.held();
        FeedStatus {
            feed: self.number,
            kind: spec.kind(),
            parameters: spec.to_string(),
            viewers: self.claim.watchers(),
            history_events,
            history_bytes,
            history_secs: history_us as f64 * 1e-6,
            cores: self.cores(),
        }
    }
}
