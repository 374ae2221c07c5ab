//! Who watches what: every viewer that is there, and why the last ones went. A viewer that takes nothing cannot be told
//! why it is closed, so it stands here and in the log.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::activity::Activity;
use crate::clock::SharedClock;
use crate::events::Events;
use crate::feed::{FeedSpec, Form};
use crate::logging::LogEvery;
use crate::stream::Audience;

/// Viewers that have gone and are remembered.
const REMEMBERED: usize = 100;

/// Of the time after which a stalled viewer is closed, the part that shows that it was: the kernel's clock is not ours.
const STALLED_PART: f64 = 0.9;

/// Many viewers stall at once when a network does.
const STALL_LOG_INTERVAL: Duration = Duration::from_secs(1);

/// One viewer of one feed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ViewerStatus {
    /// Number of the viewer in this run of the program.
    viewer: u64,
    /// Whom the token belongs to.
    subject: String,
    /// From where it connected, as far as this machine sees.
    #[schema(value_type = Option<String>)]
    address: Option<IpAddr>,
    /// Number of the feed.
    feed: u32,
    /// What that makes of the stream.
    kind: &'static str,
    /// The feed's parameters, as a query.
    parameters: String,
    /// In what form: `sse`, `gzip_sse` or `message`.
    form: &'static str,
    /// Since when, Unix time in microseconds.
    since_us: u64,
    /// Events that it was given.
    events: u64,
    /// Bytes of them, as they were sent.
    bytes: u64,
    /// Seconds for which it has taken nothing of what it was given; what fits into the buffers of both ends is not known
    /// to be untaken.
    idle_secs: f64,
    /// Why and when it went; null while it is there.
    gone: Option<Gone>,
}

/// The end of a viewer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct Gone {
    at_us: u64,
    /// `stalled`: it took nothing for `server.stall_secs`, as far as that is seen here. What it was told last: `end`, `shutdown` or `reauth`. Else
    /// `closed`: its connection was, or it unsubscribed.
    reason: &'static str,
}

/// Who asks to watch.
#[derive(Clone, Debug)]
pub(super) struct ViewerIdentity {
    pub(super) subject: String,
    pub(super) address: Option<IpAddr>,
}

/// All viewers.
pub(super) struct Viewers {
    lab: Events,
    clock: SharedClock,
    stall: Duration,
    audience: Arc<Audience>,
    book: Mutex<Book>,
}

struct Book {
    stall_log: LogEvery,
    entered: u64,
    here: HashMap<u64, Arc<ViewerEntry>>,
    gone: VecDeque<ViewerStatus>,
}

/// One viewer in the book.
pub(super) struct ViewerEntry {
    number: u64,
    identity: ViewerIdentity,
    feed: u32,
    spec: FeedSpec,
    form: Form,
    since_us: u64,
    events: AtomicU64,
    bytes: AtomicU64,
    activity: Arc<Activity>,
    farewell: OnceLock<&'static str>,
}

/// One viewer's place in the book; its end is noted when this is dropped.
pub(super) struct Signed {
    viewers: Arc<Viewers>,
    entry: Arc<ViewerEntry>,
}

impl Viewers {
    /// Nobody yet; `stall` is the time for which a viewer may take nothing.
    pub(super) fn new(lab: Events, clock: SharedClock, stall: Duration, audience: Arc<Audience>) -> Arc<Self> {
        let stall_log = LogEvery::new(Arc::clone(&clock), STALL_LOG_INTERVAL);
        let book = Book { stall_log, entered: 0, here: HashMap::new(), gone: VecDeque::new() };
        Arc::new(Self { lab, clock, stall, audience, book: Mutex::new(book) })
    }

    /// Enters a viewer of a connection with this activity.
    pub(super) fn sign(
        self: &Arc<Self>,
        identity: ViewerIdentity,
        (feed, spec): (u32, &FeedSpec),
        form: Form,
        activity: Arc<Activity>,
    ) -> Signed {
        let mut book = self.lock();
        let number = book.entered;
        book.entered += 1;
        let entry = Arc::new(ViewerEntry {
            number,
            identity,
            feed,
            spec: spec.clone(),
            form,
            since_us: self.clock.utc_us(),
            events: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            activity,
            farewell: OnceLock::new(),
        });
        book.here.insert(number, Arc::clone(&entry));
        drop(book);
        self.tell("viewer.joined", &self.status(&entry, None));
        Signed { viewers: Arc::clone(self), entry }
    }

    /// Who is there, oldest first, and then who went, the last one first.
    pub(super) fn list(&self) -> Vec<ViewerStatus> {
        let book = self.lock();
        let mut list: Vec<_> = book.here.values().map(|entry| self.status(entry, None)).collect();
        list.sort_by_key(|status| status.viewer);
        list.extend(book.gone.iter().cloned());
        list
    }

    fn status(&self, entry: &ViewerEntry, gone: Option<Gone>) -> ViewerStatus {
        ViewerStatus {
            viewer: entry.number,
            subject: entry.identity.subject.clone(),
            address: entry.identity.address,
            feed: entry.feed,
            kind: entry.spec.kind(),
            parameters: entry.spec.to_string(),
            form: entry.form.name(),
            since_us: entry.since_us,
            events: entry.events.load(Ordering::Relaxed),
            bytes: entry.bytes.load(Ordering::Relaxed),
            idle_secs: entry.activity.idle().as_secs_f64(),
            gone,
        }
    }

    fn remove(&self, entry: &ViewerEntry) {
        let idle = entry.activity.idle();
        let is_stalled = idle >= self.stall.mul_f64(STALLED_PART);
        let reason = if is_stalled { "stalled" } else { entry.farewell.get().copied().unwrap_or("closed") };
        let status = self.status(entry, Some(Gone { at_us: self.clock.utc_us(), reason }));
        let mut book = self.lock();
        if is_stalled {
            self.audience.note_stalled_viewer();
            if let Some(suppressed) = book.stall_log.pass() {
                log::warn!(viewer = status.viewer, subject = status.subject.as_str(), feed = status.feed,
                    idle_secs = status.idle_secs, suppressed; "Viewer took nothing and was closed");
            }
        }
        book.here.remove(&entry.number);
        book.gone.push_front(status.clone());
        book.gone.truncate(REMEMBERED);
        drop(book);
        self.tell("viewer.left", &status);
    }

    /// Tells of a viewer as an event, but for its address: who reads events need not know where others are.
    fn tell(&self, event: &str, viewer: &ViewerStatus) {
        self.lab.tell(event, &viewer.subject, &ViewerStatus { address: None, ..viewer.clone() });
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ViewerEntry {
    /// The last it is told; the first to be noted counts.
    pub(super) fn note_farewell(&self, event: &'static str) {
        self.farewell.get_or_init(|| event);
    }
}

impl Signed {
    /// It is given an event of `bytes`.
    pub(super) fn note_event(&self, bytes: usize) {
        self.entry.events.fetch_add(1, Ordering::Relaxed);
        self.entry.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn entry(&self) -> &Arc<ViewerEntry> {
        &self.entry
    }
}

impl Drop for Signed {
    fn drop(&mut self) {
        self.viewers.remove(&self.entry);
    }
}
