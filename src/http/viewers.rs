//! Who watches what: every viewer that is there, and why the last ones went. A viewer that takes nothing cannot be told
//! why it is closed, so it stands here and in the log.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::SharedClock;
use crate::feed::{FeedSpec, Form};
use crate::stream::Audience;

/// Viewers that have gone and are remembered.
const REMEMBERED: usize = 100;

/// Of the time after which a stalled viewer is closed, the part that shows that it was: the kernel's clock is not ours.
const STALLED_PART: f64 = 0.9;

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
    /// Seconds since it last took something or was ready to.
    idle_secs: f64,
    /// Why and when it went; null while it is there.
    gone: Option<Gone>,
}

/// The end of a viewer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct Gone {
    at_us: u64,
    /// `stalled`: it took nothing for `server.stall_secs`. What it was told last: `end`, `shutdown` or `reauth`. Else
    /// `closed`: its connection was, or it unsubscribed.
    reason: &'static str,
}

/// Who asks to watch.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) subject: String,
    pub(super) address: Option<IpAddr>,
}

/// All viewers.
pub(super) struct Viewers {
    clock: SharedClock,
    stall: Duration,
    audience: Arc<Audience>,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    entered: u64,
    here: HashMap<u64, Arc<Entry>>,
    gone: VecDeque<ViewerStatus>,
}

struct Entry {
    number: u64,
    visitor: Visitor,
    feed: u32,
    spec: FeedSpec,
    form: Form,
    since_us: u64,
    events: AtomicU64,
    bytes: AtomicU64,
    active_us: AtomicU64,
    /// Whether it has taken all that it was given.
    waits: AtomicBool,
}

/// One viewer's place in the book; its end is noted when this is dropped.
pub(super) struct Signed {
    viewers: Arc<Viewers>,
    entry: Arc<Entry>,
    farewell: Option<&'static str>,
}

impl Viewers {
    /// Nobody yet; `stall` is the time for which a viewer may take nothing.
    pub(super) fn new(clock: SharedClock, stall: Duration, audience: Arc<Audience>) -> Arc<Self> {
        Arc::new(Self { clock, stall, audience, book: Mutex::default() })
    }

    /// Enters a viewer.
    pub(super) fn sign(self: &Arc<Self>, visitor: Visitor, feed: u32, spec: &FeedSpec, form: Form) -> Signed {
        let mut book = self.lock();
        let number = book.entered;
        book.entered += 1;
        let entry = Arc::new(Entry {
            number,
            visitor,
            feed,
            spec: spec.clone(),
            form,
            since_us: self.clock.utc_us(),
            events: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            active_us: AtomicU64::new(self.clock.now_us()),
            waits: AtomicBool::new(false),
        });
        book.here.insert(number, Arc::clone(&entry));
        Signed { viewers: Arc::clone(self), entry, farewell: None }
    }

    /// Who is there, oldest first, and then who went, the last one first.
    pub(super) fn list(&self) -> Vec<ViewerStatus> {
        let book = self.lock();
        let mut list: Vec<_> = book.here.values().map(|entry| self.status(entry, None)).collect();
        list.sort_by_key(|status| status.viewer);
        list.extend(book.gone.iter().cloned());
        list
    }

    fn status(&self, entry: &Entry, gone: Option<Gone>) -> ViewerStatus {
        ViewerStatus {
            viewer: entry.number,
            subject: entry.visitor.subject.clone(),
            address: entry.visitor.address,
            feed: entry.feed,
            kind: entry.spec.kind(),
            parameters: entry.spec.to_string(),
            form: entry.form.name(),
            since_us: entry.since_us,
            events: entry.events.load(Ordering::Relaxed),
            bytes: entry.bytes.load(Ordering::Relaxed),
            idle_secs: self.idle(entry).as_secs_f64(),
            gone,
        }
    }

    fn idle(&self, entry: &Entry) -> Duration {
        if entry.waits.load(Ordering::Relaxed) {
            return Duration::ZERO;
        }
        Duration::from_micros(self.clock.now_us().saturating_sub(entry.active_us.load(Ordering::Relaxed)))
    }

    fn part(&self, entry: &Entry, farewell: Option<&'static str>) {
        let is_stalled = self.idle(entry) >= self.stall.mul_f64(STALLED_PART);
        let reason = if is_stalled { "stalled" } else { farewell.unwrap_or("closed") };
        let status = self.status(entry, Some(Gone { at_us: self.clock.utc_us(), reason }));
        if is_stalled {
            self.audience.note_stalled_viewer();
            log::warn!(viewer = status.viewer, subject = status.subject.as_str(), feed = status.feed,
                idle_secs = status.idle_secs; "Viewer took nothing and was closed");
        }
        let mut book = self.lock();
        book.here.remove(&entry.number);
        book.gone.push_front(status);
        book.gone.truncate(REMEMBERED);
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Signed {
    /// It has taken everything so far and waits for more.
    pub(super) fn note_waiting(&self) {
        self.touch(true);
    }

    /// It is given an event of `bytes`.
    pub(super) fn note_event(&self, bytes: usize) {
        self.entry.events.fetch_add(1, Ordering::Relaxed);
        self.entry.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.touch(false);
    }

    /// It is given what keeps the connection alive.
    pub(super) fn note_idle(&self) {
        self.touch(false);
    }

    /// The last it is told.
    pub(super) fn note_farewell(&mut self, event: &'static str) {
        self.farewell = Some(event);
    }

    fn touch(&self, waits: bool) {
        self.entry.active_us.store(self.viewers.clock.now_us(), Ordering::Relaxed);
        self.entry.waits.store(waits, Ordering::Relaxed);
    }
}

impl Drop for Signed {
    fn drop(&mut self) {
        self.viewers.part(&self.entry, self.farewell);
    }
}
