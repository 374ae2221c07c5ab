//! What was not written when it was published is written for who comes later, and nothing else waits for that.

use std::future;
use std::sync::OnceLock;
use std::thread::{self, ThreadId};

use photophone_signal::SampleIndex;
use photophone_signal::wire::binary::EncodeError;

use super::*;
use crate::clock::ManualClock;
use crate::feed::Content;
use crate::feed::test_frames::epoch;
use crate::stream::{Bounds, Lateness, SharedAudioStream, Start};

/// Content that notes where it was written.
struct Noting {
    bytes: usize,
    written_in: Arc<OnceLock<ThreadId>>,
}

impl Content for Noting {
    fn id(&self) -> SampleIndex {
        SampleIndex { epoch: epoch(1), sample: 0 }
    }

    fn end(&self) -> SampleIndex {
        SampleIndex { epoch: epoch(1), sample: 1 }
    }

    fn duration_us(&self) -> u64 {
        0
    }

    fn size_bytes(&self) -> usize {
        self.bytes
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        self.written_in.set(thread::current().id()).expect("it is written once");
        out.resize(out.len() + self.bytes, b' ');
    }

    fn write_message(&self, _feed: u32, _out: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(())
    }
}

/// A viewer that has one event of this content to take, and where that is written.
fn viewer_of(bytes: usize) -> (Viewer, Arc<OnceLock<ThreadId>>) {
    let bounds = Bounds { lag_items: 10, history_us: 0, history_bytes: u64::MAX };
    let clock = ManualClock::starting_at(0);
    let stream = SharedAudioStream::new(bounds, clock.clone());
    let (source, _) = stream.subscribe_internally(Start::Newest, Lateness::Skip);
    let shared = Shared::new(1, bounds, &stream, &source, clock);
    let written_in = Arc::default();
    let event = FeedEvent::data(Box::new(Noting { bytes, written_in: Arc::clone(&written_in) }));
    event.count_late(shared.ring.late_bytes());
    shared.ring.publish(event);
    let options = ViewOptions { subject: "a", start: Start::Oldest, lateness: Lateness::CatchUp, form: Form::GzipSse };
    (Viewer::enter(shared, None, options), written_in)
}

#[tokio::test]
async fn a_large_event_is_written_beside_the_threads_that_serve() {
    for (bytes, beside) in [(100_000, true), (100, false)] {
        let (mut viewer, written_in) = viewer_of(bytes);
        let Some(Next::Item(event)) = viewer.next().await else { panic!("there is one") };
        event.gzip_sse();
        assert_eq!(*written_in.get().unwrap() != thread::current().id(), beside, "{bytes}");
    }
}

#[tokio::test]
async fn who_stops_to_wait_for_it_gets_it_the_next_time() {
    let (mut viewer, _) = viewer_of(100_000);
    tokio::select! {
        biased;
        _ = viewer.next() => panic!("it takes a while"),
        () = future::ready(()) => {}
    }
    assert!(matches!(viewer.next().await, Some(Next::Item(_))));
}

#[tokio::test]
async fn while_one_is_written_the_others_wait_without_a_thread() {
    let (mut viewer, written_in) = viewer_of(100_000);
    let shared = Arc::clone(viewer.hold.feed());
    let turn = Arc::clone(&shared.late_writer).acquire_owned().await.unwrap();
    let mut waiting = Box::pin(viewer.next());
    tokio::select! {
        biased;
        _ = &mut waiting => panic!("another one writes"),
        () = future::ready(()) => {}
    }
    assert_eq!(written_in.get(), None);
    drop(turn);
    assert!(matches!(waiting.await, Some(Next::Item(_))) && written_in.get().is_some());
}

#[tokio::test]
async fn what_is_written_later_counts_for_as_long_as_it_is_kept() {
    let (mut viewer, _) = viewer_of(100_000);
    let shared = Arc::clone(viewer.hold.feed());
    let before = shared.ring.held().1;
    let Some(Next::Item(event)) = viewer.next().await else { panic!("there is one") };
    let written = (event.sse().len() + event.gzip_sse().deflated().len()) as u64;
    assert_eq!(shared.ring.held().1, before + written);
    drop(event);
    // Kept are 10 items.
    (0..10)
        .for_each(|_| shared.ring.publish(FeedEvent::data(Box::new(Noting { bytes: 0, written_in: Arc::default() }))));
    assert_eq!(shared.ring.late_bytes().load(std::sync::atomic::Ordering::SeqCst), 0);
}
