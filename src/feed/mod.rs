//! Feeds: a representation of the stream, computed and encoded once for all its viewers.
//!
//! A feed is one thread that reads the stream, makes the bytes of each event and hands them round as shared
//! [`Bytes`]; a viewer costs a position in a ring, never a copy or a serialisation. It knows no HTTP: see
//! `http::sse` for what is private to a viewer.

mod frames;
mod spectra;
pub mod sse;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use photophone_signal::{AudioFrame, Gap};

pub use frames::FrameRepresentation;
pub use spectra::SpectrumRepresentation;

use crate::clock::SharedClock;
use crate::lifecycle;
use crate::logging::LogEvery;
use crate::stream::{
    Claim, Covers, Extent, Fanout, Idle, Next, SharedAudioStream, StateChange, StreamItem, Subscriber,
};

/// A feed that falls behind does so because the machine is overloaded: its log must not add to it.
const LAG_LOG_INTERVAL: Duration = Duration::from_secs(1);

/// What a feed makes of frames.
pub trait Representation: Send + 'static {
    /// Takes the next frame. Writes the event that stands for it to `event` when somebody is watching (`wanted`) and
    /// there is one; a representation that needs the past keeps it either way.
    fn add(&mut self, frame: &AudioFrame, wanted: bool, event: &mut Vec<u8>);

    /// Samples are missing before the next frame.
    fn interrupt(&mut self);
}

/// One event as it goes over the wire, shared by all viewers.
#[derive(Clone, Debug)]
pub struct FeedEvent {
    /// The bytes of a whole server-sent event.
    pub bytes: Bytes,
    extent: Option<Extent>,
}

impl Covers for FeedEvent {
    fn extent(&self) -> Option<Extent> {
        self.extent
    }
}

/// A running feed; cheap to clone.
#[derive(Clone)]
pub struct Feed {
    shared: Arc<Shared>,
}

struct Shared {
    fanout: Fanout<FeedEvent>,
    /// The feed's own claim on the stream; its watchers are the viewers.
    claim: Arc<Claim>,
    /// The state that holds where the feed is, as an event. Locked while a new one is published and while a viewer
    /// enters, so that no viewer starts with another state than that of its place.
    state: Mutex<Bytes>,
}

impl Shared {
    fn lock_state(&self) -> MutexGuard<'_, Bytes> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A viewer's place in a feed. At pace `fast` the source waits for it.
pub struct Viewer {
    events: Subscriber<FeedEvent>,
    state: Bytes,
    feed: Arc<Shared>,
}

impl Feed {
    /// Starts a feed on a thread named `name`, whose viewers may lag `capacity` events behind. It ends with the stream.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(
        name: &str,
        stream: &SharedAudioStream,
        clock: SharedClock,
        settings: FeedSettings,
        representation: impl Representation,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let source = stream.subscribe_internally();
        let shared = Arc::new(Shared {
            fanout: Fanout::new(settings.capacity, Arc::clone(stream.audience())),
            claim: Arc::clone(source.claim()),
            state: Mutex::new(sse::named_event("state", &*stream.state()).into()),
        });
        let worker = Worker {
            shared: Arc::clone(&shared),
            stream: stream.clone(),
            lag_log: LogEvery::new(Arc::clone(&clock), LAG_LOG_INTERVAL),
            clock,
            fast_patience_us: settings.fast_patience_us,
            representation,
            size_hint_bytes: 0,
        };
        let thread = lifecycle::spawn_thread(name, move || worker.run(source))?;
        Ok((Self { shared }, thread))
    }

    /// A viewer that gets every event from now on.
    pub fn view(&self) -> Viewer {
        let state = self.shared.lock_state();
        let events = self.shared.fanout.subscribe();
        self.shared.claim.add_watcher();
        Viewer { events, state: state.clone(), feed: Arc::clone(&self.shared) }
    }
}

/// Bounds of a feed.
#[derive(Clone, Copy, Debug)]
pub struct FeedSettings {
    /// Events that a viewer may lag behind before it loses some.
    pub capacity: usize,
    /// At pace `fast`: how long the feed waits for a viewer that takes nothing, in microseconds.
    pub fast_patience_us: u64,
}

impl Viewer {
    /// The state that held when this viewer entered, as an event: all that it gets later happened later.
    pub fn initial_state(&self) -> &Bytes {
        &self.state
    }

    /// The next event or loss; none once the stream has ended. Cancel-safe.
    pub async fn next(&mut self) -> Option<Next<FeedEvent>> {
        self.events.next().await
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.feed.claim.remove_watcher();
    }
}

struct Worker<R> {
    shared: Arc<Shared>,
    stream: SharedAudioStream,
    clock: SharedClock,
    fast_patience_us: u64,
    lag_log: LogEvery,
    representation: R,
    size_hint_bytes: usize,
}

impl<R: Representation> Worker<R> {
    fn run(mut self, mut source: Subscriber<StreamItem>) {
        while let Some(next) = source.next_blocking() {
            match next {
                Next::Item(StreamItem::Frame(frame)) => self.pass_frame(&frame),
                Next::Item(StreamItem::Gap(gap)) => self.pass_gap(&gap),
                Next::Item(StreamItem::State(change)) => self.pass_state(&change),
                Next::Missed(gap) => {
                    // At pace fast nobody waits for a feed that nobody watches: nothing is lost then.
                    let level = if self.is_watched() { log::Level::Error } else { log::Level::Debug };
                    if let Some(suppressed) = self.lag_log.pass() {
                        log::log!(level, from_sample = gap.from_sample, to_sample:? = gap.to_sample, suppressed;
                            "Feed fell behind the stream");
                    }
                    self.pass_gap(&gap);
                }
            }
        }
        self.shared.fanout.close();
    }

    fn is_watched(&self) -> bool {
        self.shared.claim.watchers() > 0
    }

    fn pass_frame(&mut self, frame: &AudioFrame) {
        let extent = Extent {
            epoch: frame.epoch,
            from: frame.first_sample,
            to: Some(frame.end_sample()),
            frame_number: Some(frame.frame_number),
        };
        let wanted = self.is_watched();
        let mut event = Vec::with_capacity(if wanted { self.size_hint_bytes } else { 0 });
        self.representation.add(frame, wanted, &mut event);
        if event.is_empty() {
            // Who enters next has not missed it.
            self.shared.fanout.skip(extent);
            return;
        }
        self.size_hint_bytes = event.len() + event.len() / 16;
        self.publish(event, Some(extent));
    }

    fn pass_gap(&mut self, gap: &Gap) {
        self.representation.interrupt();
        let extent = Extent { epoch: gap.epoch, from: gap.from_sample, to: gap.to_sample, frame_number: None };
        self.publish(sse::named_event("gap", gap), Some(extent));
    }

    fn pass_state(&self, change: &StateChange) {
        let bytes = Bytes::from(sse::named_event("state", change));
        self.wait_for_room();
        let mut state = self.shared.lock_state();
        *state = bytes.clone();
        self.shared.fanout.publish(FeedEvent { bytes, extent: None });
    }

    fn publish(&self, event: Vec<u8>, extent: Option<Extent>) {
        self.wait_for_room();
        self.shared.fanout.publish(FeedEvent { bytes: event.into(), extent });
    }

    fn wait_for_room(&self) {
        let fanout = &self.shared.fanout;
        let shut = self.stream.gate().is_shut();
        if fanout.gate().is_shut() != shut {
            fanout.gate().set_shut(shut);
        }
        let ended = || self.stream.is_closed();
        fanout.gate().wait_for_room(&*self.clock, self.fast_patience_us, Idle::Pass, ended);
    }
}

#[cfg(test)]
mod tests {
    use photophone_signal::Epoch;

    use super::*;
    use crate::clock::ManualClock;
    use crate::stream::DaemonState;

    fn change(state: DaemonState) -> StateChange {
        let epoch = Epoch::from_random_bytes([1; 16]);
        StateChange { state, reason: None, epoch, sample_rate: None, channels: None, at_us: 0 }
    }

    #[test]
    fn a_viewer_starts_with_the_state_of_its_place() {
        let clock = ManualClock::starting_at(0);
        let stream = SharedAudioStream::new(16, clock.clone());
        let settings = FeedSettings { capacity: 2, fast_patience_us: u64::MAX };
        let (feed, thread) = Feed::start("feed", &stream, clock, settings, FrameRepresentation).unwrap();
        stream.gate().set_shut(true);
        let idle = feed.view();
        // The third has no room while nobody takes the first two: the stream is ahead of its feed.
        for state in [DaemonState::Running, DaemonState::Silent, DaemonState::Finished] {
            stream.publish_state(change(state), None);
        }
        let late = feed.view();
        let text = String::from_utf8(late.initial_state().to_vec()).unwrap();
        assert!(text.starts_with("event: state\n") && !text.contains("finished"), "{text}");
        drop((idle, late));
        stream.close();
        thread.join().unwrap();
    }
}
