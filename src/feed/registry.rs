//! The running feeds: each started by its first viewer and ended when nobody has watched it for a while.

mod running;

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

use running::{Refusal, Running};

use super::cost::CostMeter;
use super::holders::Hold;
use super::viewer::Watching;
use super::worker::Worker;
use super::{EndReason, FeedSpec, Form, Shared, Viewer};
use crate::clock::SharedClock;
use crate::lifecycle;
use crate::stream::{Bounds, Lateness, SharedAudioStream, Start};

/// After a feed has cost too much or failed: time for which it is refused, in microseconds.
const REFUSED_US: u64 = 60_000_000;

/// Bounds of all feeds.
#[derive(Clone, Copy, Debug)]
pub struct FeedsSettings {
    /// What each feed keeps of its events; one that nobody has watched for `history_us` ends.
    pub bounds: Bounds,
    /// Feeds that run at once. One more takes the place of the one that nobody has watched for the longest time.
    pub feeds_max: usize,
    /// Feeds that a subject may take of them.
    pub feeds_per_subject: usize,
    /// Cores that a feed may keep busy.
    pub cores_per_feed: f64,
    /// At pace `fast`: how long a feed waits for a viewer that takes nothing, in microseconds.
    pub fast_patience_us: u64,
}

/// How a viewer wants to see a feed.
#[derive(Clone, Copy, Debug)]
pub struct ViewOptions<'a> {
    /// In whose name.
    pub subject: &'a str,
    /// Where it starts.
    pub start: Start,
    /// How far it may fall behind.
    pub lateness: Lateness,
    /// In what form it takes the events.
    pub form: Form,
}

/// Why a feed cannot be viewed.
#[derive(Debug, Error)]
pub enum FeedError {
    /// As many as allowed run.
    #[error("{0} feeds run, as many as stream.feeds_max allows; one that is watched already is still free")]
    TooMany(usize),
    /// The subject has taken its share.
    #[error(
        "{0} feeds are watched in the name of this subject, as many as stream.feeds_per_subject allows; one that is \
        watched already is still free"
    )]
    TooManyOfSubject(usize),
    /// It has cost too much.
    #[error("this feed needed more than {0} cores (stream.cores_per_feed) and was ended; ask for less of it")]
    TooCostly(f64),
    /// A fault in the program ended it.
    #[error("a fault in the program ended this feed, and it is not tried again for a minute; the log says more")]
    Failed,
    /// The stream has ended.
    #[error("the stream has ended")]
    Ended,
    /// The system has no more threads.
    #[error("no thread for the feed: {0}")]
    Thread(#[from] io::Error),
}

/// One running feed, for who asks what runs.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FeedStatus {
    /// Number of the feed in this run of the program, from 1 on.
    pub feed: u32,
    /// What it makes of the stream.
    pub kind: &'static str,
    /// Its parameters, as a query.
    pub parameters: String,
    /// Viewers now.
    pub viewers: u64,
    /// Events kept for viewers that fall behind or come back.
    pub history_events: u64,
    /// Memory that they hold.
    pub history_bytes: u64,
    /// Time of signal that they cover, in seconds.
    pub history_secs: f64,
    /// Cores that it keeps busy at real-time pace; null before it has seen 5 s of signal.
    pub cores: Option<f64>,
}

/// All feeds of a stream; cheap to clone.
#[derive(Clone)]
pub struct Feeds {
    inner: Arc<Inner>,
}

struct Inner {
    stream: SharedAudioStream,
    clock: SharedClock,
    settings: FeedsSettings,
    running: Mutex<Running>,
}

/// What becomes of the wish to view a feed.
enum Found {
    Feed(Hold),
    /// There is room once this one has ended.
    Dismissed(Arc<Shared>),
}

impl Feeds {
    /// No feeds yet, of `stream`.
    pub fn new(stream: SharedAudioStream, clock: SharedClock, settings: FeedsSettings) -> Self {
        Self { inner: Arc::new(Inner { stream, clock, settings, running: Mutex::default() }) }
    }

    /// A viewer of the feed, which is started when it does not run yet and then first catches up with the stream's
    /// history. At pace `fast` it also waits for a feed that the source has overtaken, so that it does not begin with a
    /// gap.
    ///
    /// # Errors
    /// [`FeedError`], when there is no feed to be had.
    pub async fn view(&self, spec: &FeedSpec, options: ViewOptions<'_>) -> Result<Viewer, FeedError> {
        loop {
            let hold = match self.inner.find(spec, options.subject)? {
                Found::Feed(hold) => hold,
                Found::Dismissed(feed) => {
                    feed.taken(u64::MAX).await;
                    continue;
                }
            };
            let shared = Arc::clone(hold.feed());
            shared.taken(shared.caught_up_at).await;
            let Some(viewer) = self.inner.enter(spec, &shared, options) else { continue };
            if !viewer.is_before_loss() || !self.inner.stream.gate().is_shut() {
                return Ok(viewer);
            }
            // Others have driven the source past a feed that nobody watched. It waits now that somebody does, and the
            // feed would wait for a viewer that has its place already.
            let watching = Watching::begin(Arc::clone(&shared));
            drop(viewer);
            shared.taken(shared.claim.head()).await;
            return Ok(Viewer::enter(shared, Some(watching), options));
        }
    }

    /// The running feeds, oldest first.
    pub fn list(&self) -> Vec<FeedStatus> {
        let running = self.inner.lock();
        let mut list: Vec<_> = running.feeds.iter().map(|(spec, shared)| shared.status(spec)).collect();
        list.sort_by_key(|status| status.feed);
        list
    }

    /// The threads of all feeds, which end with the stream. No feed is started from here on.
    pub fn end(&self) -> Vec<JoinHandle<()>> {
        let mut running = self.inner.lock();
        running.is_over = true;
        std::mem::take(&mut running.threads)
    }
}

/// Takes a feed from the list when its thread ends, however that comes.
struct Retiring {
    feeds: Arc<Inner>,
    spec: FeedSpec,
    shared: Arc<Shared>,
    reason: EndReason,
}

impl Retiring {
    fn new(feeds: Arc<Inner>, spec: FeedSpec, shared: Arc<Shared>) -> Self {
        Self { feeds, spec, shared, reason: EndReason::Failed }
    }

    fn end(mut self, reason: EndReason) {
        self.reason = reason;
    }

    fn is_due(&self) -> bool {
        self.shared.is_dismissed.load(Ordering::SeqCst) || self.feeds.retire_if_unheld(&self.spec, &self.shared)
    }
}

impl Drop for Retiring {
    fn drop(&mut self) {
        self.feeds.retire(&self.spec, &self.shared, self.reason.clone());
    }
}

impl Inner {
    /// Holds the feed, which is started when it does not run yet and there is room.
    fn find(self: &Arc<Self>, spec: &FeedSpec, subject: &str) -> Result<Found, FeedError> {
        let mut running = self.lock();
        if running.is_over || self.stream.is_closed() {
            return Err(FeedError::Ended);
        }
        let hold = |shared: &_| Ok(Found::Feed(Hold::new(shared, subject)));
        let shared = running.feeds.get(spec);
        if let Some(shared) = shared.filter(|shared| !shared.holders.is_empty()) {
            return hold(shared);
        }
        let of_subject = running.feeds_of(subject);
        if of_subject >= self.settings.feeds_per_subject {
            return Err(FeedError::TooManyOfSubject(of_subject));
        }
        if let Some(shared) = shared {
            return hold(shared);
        }
        let now_us = self.clock.now_us();
        running.refusals.retain(|_, refusal| refusal.until_us > now_us);
        if let Some(refusal) = running.refusals.get(spec) {
            return Err(match refusal.reason {
                EndReason::TooCostly => FeedError::TooCostly(self.settings.cores_per_feed),
                _ => FeedError::Failed,
            });
        }
        if running.feeds.len() + running.dismissed.len() >= self.settings.feeds_max {
            return running.make_room().map(Found::Dismissed).ok_or(FeedError::TooMany(running.feeds.len()));
        }
        hold(&self.start(spec, &mut running)?)
    }

    fn start(self: &Arc<Self>, spec: &FeedSpec, running: &mut Running) -> Result<Arc<Shared>, FeedError> {
        // 0 is what messages of no feed say.
        let number = running.started + 1;
        let (source, state) = self.stream.subscribe_internally(Start::Oldest, Lateness::Skip);
        let shared = Shared::new(number, self.settings.bounds, &self.stream, &source, Arc::clone(&self.clock));
        let worker = Worker::new(
            Arc::clone(&shared),
            spec.representation(),
            self.settings.fast_patience_us,
            CostMeter::new(self.settings.cores_per_feed),
        );
        let (feeds, spec_of_thread, of_thread) = (Arc::clone(self), spec.clone(), Arc::clone(&shared));
        let thread = lifecycle::spawn_thread(&format!("feed-{number}-{}", spec.kind()), move || {
            // Only here: its end takes the lock, which is held where no thread can be started.
            let retiring = Retiring::new(feeds, spec_of_thread, of_thread);
            let reason = worker.run(source, state, || retiring.is_due());
            retiring.end(reason);
        })?;
        running.threads.retain(|thread| !thread.is_finished());
        running.threads.push(thread);
        running.started = number;
        running.feeds.insert(spec.clone(), Arc::clone(&shared));
        log::info!(feed = number, kind = spec.kind(), parameters:% = spec; "Feed started");
        Ok(shared)
    }

    /// A viewer of `shared`, unless that has ended for those who come.
    fn enter(&self, spec: &FeedSpec, shared: &Arc<Shared>, options: ViewOptions<'_>) -> Option<Viewer> {
        // Under the lock, so that it does not end for want of viewers meanwhile.
        let running = self.lock();
        running.is_current(spec, shared).then(|| Viewer::enter(Arc::clone(shared), None, options))
    }

    /// Ends the feed for those who come when nobody has watched it for as long as its history lasts.
    fn retire_if_unheld(&self, spec: &FeedSpec, shared: &Arc<Shared>) -> bool {
        if !shared.is_unheld_for(self.settings.bounds.history_us) {
            return false;
        }
        let mut running = self.lock();
        let is_over = shared.is_unheld_for(self.settings.bounds.history_us);
        if is_over && running.is_current(spec, shared) {
            running.feeds.remove(spec);
        }
        is_over
    }

    fn retire(&self, spec: &FeedSpec, shared: &Arc<Shared>, reason: EndReason) {
        let mut running = self.lock();
        if running.is_current(spec, shared) {
            running.feeds.remove(spec);
        }
        running.dismissed.retain(|dismissed| !Arc::ptr_eq(dismissed, shared));
        let level = match reason {
            EndReason::TooCostly | EndReason::Failed => log::Level::Error,
            EndReason::StreamEnded | EndReason::Unwatched | EndReason::Refused(_) => log::Level::Info,
        };
        // Who waits to enter would start it again, and so on.
        if matches!(reason, EndReason::TooCostly | EndReason::Failed) {
            let refusal = Refusal { until_us: self.clock.now_us() + REFUSED_US, reason: reason.clone() };
            running.refusals.insert(spec.clone(), refusal);
        }
        log::log!(level, feed = shared.number, kind = spec.kind(), parameters:% = spec, reason:? = reason,
            cores = shared.cores(); "Feed ended");
        shared.end(reason);
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
