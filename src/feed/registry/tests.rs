//! Who gets in at once, who waits for a feed, and what becomes of one that fails.

use std::future;

use super::*;
use crate::clock::ManualClock;
use crate::feed::test_frames::frame;
use crate::stream::{FrameTally, Reader, StreamItem};

const BOUNDS: Bounds = Bounds { lag_items: 10, history_us: 0, history_bytes: u64::MAX };

const LIVE: ViewOptions<'_> =
    ViewOptions { subject: "a", start: Start::Newest, lateness: Lateness::Skip, form: Form::Sse };

/// A feed of frames, and the test in place of its thread.
struct Threadless {
    stream: SharedAudioStream,
    clock: Arc<ManualClock>,
    feeds: Feeds,
    source: Reader<StreamItem>,
    shared: Arc<Shared>,
}

impl Threadless {
    fn new() -> Self {
        let clock = ManualClock::starting_at(0);
        let stream = SharedAudioStream::new(BOUNDS, clock.clone());
        let settings = FeedsSettings {
            bounds: BOUNDS,
            feeds_max: 1,
            feeds_per_subject: 1,
            cores_per_feed: 1.0,
            fast_patience_us: 0,
        };
        let feeds = Feeds::new(stream.clone(), clock.clone(), settings);
        let (source, _) = stream.subscribe_internally(Start::Newest, Lateness::Skip);
        let shared = Shared::new(0, BOUNDS, &stream, &source, clock.clone());
        feeds.inner.lock().feeds.insert(FeedSpec::FRAMES, Arc::clone(&shared));
        Self { stream, clock, feeds, source, shared }
    }

    fn publish(&self, frames: std::ops::Range<u64>) {
        frames.for_each(|number| self.stream.publish_frame(frame(number, number * 10, 10), FrameTally::default()));
    }

    /// The feed takes all that there is.
    fn take_all(&mut self) {
        while self.source.position() < self.shared.claim.head() {
            self.source.next_blocking();
            self.shared.set_taken(self.source.position());
        }
    }
}

/// A viewer, if it gets in without having to wait.
async fn at_once(view: &mut (impl Future<Output = Result<Viewer, FeedError>> + Unpin)) -> Option<Viewer> {
    tokio::select! {
        biased;
        viewer = view => viewer.ok(),
        () = future::ready(()) => None,
    }
}

#[tokio::test]
async fn at_pace_fast_a_viewer_waits_for_a_feed_that_was_overtaken_only() {
    let mut lab = Threadless::new();
    lab.stream.gate().set_shut(true);
    lab.publish(0..10);
    let feeds = lab.feeds.clone();
    let mut view = Box::pin(feeds.view(&FeedSpec::FRAMES, LIVE));
    let first = at_once(&mut view).await;
    assert!(first.is_some(), "far behind, it has lost nothing");
    drop(first);
    lab.publish(10..20);
    let mut view = Box::pin(feeds.view(&FeedSpec::FRAMES, LIVE));
    assert!(at_once(&mut view).await.is_none());
    lab.take_all();
    assert!(at_once(&mut view).await.is_some(), "it is level");
}

#[tokio::test]
async fn in_real_time_a_viewer_waits_for_no_feed_and_has_lost_nothing_before_it_enters() {
    let lab = Threadless::new();
    for frames in [0..10, 10..20] {
        lab.publish(frames);
        let mut view = Box::pin(lab.feeds.view(&FeedSpec::FRAMES, LIVE));
        assert!(at_once(&mut view).await.is_some());
        assert_eq!(lab.stream.stats().dropped_frames, 0);
    }
}

#[tokio::test]
async fn a_feed_whose_thread_panics_is_gone_and_refused_for_a_while() {
    let Threadless { stream, clock, feeds, shared, .. } = Threadless::new();
    let retiring = Retiring::new(Arc::clone(&feeds.inner), FeedSpec::FRAMES, Arc::clone(&shared));
    let feeds_of_thread = feeds.clone();
    let thread = std::thread::Builder::new().spawn(move || {
        let _retiring = retiring;
        assert!(feeds_of_thread.list().is_empty(), "this thread panics");
    });
    assert!(thread.unwrap().join().is_err());
    assert_eq!((feeds.list(), shared.end_reason()), (Vec::new(), Some(EndReason::Failed)));
    assert!(matches!(feeds.view(&FeedSpec::FRAMES, LIVE).await, Err(FeedError::Failed)));
    assert_eq!(feeds.list(), [], "nothing was started");
    clock.advance_us(REFUSED_US);
    assert!(feeds.view(&FeedSpec::FRAMES, LIVE).await.is_ok());
    stream.close();
    feeds.end().into_iter().for_each(|thread| thread.join().unwrap());
}
