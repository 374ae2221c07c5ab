//! One publisher, many readers: the newest items of a stream in memory, in which each reader holds a position.
//!
//! The ring carries anything that stands for samples ([`Covers`]): frames and gaps of the stream itself, and the
//! encoded events of a feed. It keeps a span of signal, bounded in bytes; a reader costs a position, never a queue. At
//! real-time pace the publisher never waits. At pace `fast` it does: see [`super::gate`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use photophone_signal::{Epoch, SampleIndex};
use tokio::sync::watch;

use super::Audience;
use super::audience::Losses;
use super::gate::{Claim, Gate, Holder};
use super::items::Items;
use super::reader::{Lateness, Patience, Reader, Start};

/// An item that stands for samples, so that whoever missed some can be told which.
pub trait Covers: Clone + Send + Sync + 'static {
    /// The first sample that neither this item nor any before it stands for; none for an item that stands for no
    /// samples, such as a change of state.
    fn end(&self) -> Option<SampleIndex>;

    /// The id by which a reader that comes back names this item; none for what is no frame.
    fn id(&self) -> Option<SampleIndex>;

    /// The epoch that begins or goes on, when the item tells a state.
    fn state_epoch(&self) -> Option<Epoch>;

    /// Memory that the item holds.
    fn size_bytes(&self) -> usize;

    /// Time that its samples last, in microseconds.
    fn duration_us(&self) -> u64;
}

/// What a ring keeps.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Items that a reader which must keep up may be behind; so many are kept however long they last.
    pub lag_items: u64,
    /// Time of signal that is kept, in microseconds.
    pub history_us: u64,
    /// Memory that the items may hold, whatever the other bounds say.
    pub history_bytes: u64,
}

impl Default for Bounds {
    /// As config.yaml has it.
    fn default() -> Self {
        Self { lag_items: 100, history_us: 30_000_000, history_bytes: 64 << 20 }
    }
}

/// What a waiting reader looks at without the lock on the items.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head {
    /// Number of the item that comes next.
    pub(super) number: u64,
    /// None comes any more.
    pub(super) is_closed: bool,
}

/// The ring.
pub struct History<T> {
    items: Mutex<Items<T>>,
    grown: Condvar,
    head: watch::Sender<Head>,
    bounds: Bounds,
    gate: Arc<Gate>,
    audience: Arc<Audience>,
    /// Frames lost that readers have noticed, summed over whoever watched. Changes with the lock on the items held.
    noticed_frames: Arc<AtomicU64>,
    late_bytes: Arc<AtomicU64>,
}

impl<T: Covers> History<T> {
    /// An empty ring whose readers are counted in `audience`.
    pub fn new(bounds: Bounds, audience: Arc<Audience>) -> Arc<Self> {
        let ring = Arc::new(Self {
            items: Mutex::default(),
            grown: Condvar::new(),
            head: watch::Sender::default(),
            gate: Arc::new(Gate::new(&bounds)),
            bounds,
            audience,
            noticed_frames: Arc::default(),
            late_bytes: Arc::default(),
        });
        let losses: Weak<dyn Losses> = Arc::downgrade(&(Arc::clone(&ring) as Arc<dyn Losses>));
        ring.audience.watch(losses, Arc::clone(&ring.noticed_frames));
        ring
    }

    /// Hands an item to all readers. Never waits for them.
    pub fn publish(&self, item: T) {
        let mut items = self.lock();
        items.push(item);
        self.evict(&mut items);
        self.gate.set_head(items.head(), items.head_mark().bytes);
        self.head.send_replace(Head { number: items.head(), is_closed: items.is_closed() });
        self.grown.notify_all();
    }

    /// The sum in which items count the memory that they came to hold after they were published, while they are there.
    pub fn late_bytes(&self) -> &Arc<AtomicU64> {
        &self.late_bytes
    }

    /// Drops what is too much by now.
    pub fn trim(&self) {
        self.evict(&mut self.lock());
    }

    /// At pace `fast` the publisher waits for those who have yet to read, but not for what others write of the same items
    /// meanwhile: that must not drop what they have not read.
    fn evict(&self, items: &mut Items<T>) {
        items.evict(&self.bounds, || if self.gate.is_shut() { 0 } else { self.late_bytes.load(Ordering::SeqCst) });
    }

    /// Notes that nothing is published for the samples up to `end`: whoever joins next begins there.
    pub fn skip(&self, end: SampleIndex) {
        self.lock().skip(end);
    }

    /// Ends the stream: readers get what is left, then the end.
    pub fn close(&self) {
        let mut items = self.lock();
        items.close();
        self.gate.set_shut(false);
        self.head.send_modify(|head| head.is_closed = true);
        self.grown.notify_all();
    }

    /// Whether the stream has ended.
    pub fn is_closed(&self) -> bool {
        self.lock().is_closed()
    }

    /// The gate at which the publisher waits at pace `fast`.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// What the ring holds now: items, bytes and microseconds of signal.
    pub fn held(&self) -> (u64, u64, u64) {
        let items = self.lock();
        let (before, head) = (items.mark_before(items.base()), items.head_mark());
        let bytes = head.bytes - before.bytes + self.late_bytes.load(Ordering::SeqCst);
        (items.len(), bytes, head.signal_us - before.signal_us)
    }

    /// A reader that counts as audience, and the state that held where it starts. The publisher waits for it at pace
    /// `fast`.
    pub fn subscribe(self: &Arc<Self>, start: Start, lateness: Lateness) -> (Reader<T>, Option<T>) {
        self.attach(start, lateness, Holder::Audience)
    }

    /// A reader inside the program, such as a feed: not audience itself. Nobody waits for it, and what it loses counts
    /// for nothing, until somebody watches its claim.
    pub fn subscribe_internally(self: &Arc<Self>, start: Start, lateness: Lateness) -> (Reader<T>, Option<T>) {
        self.attach(start, lateness, Holder::Program)
    }

    /// One more watches `claim`. What was lost before counts for those who watched then. Says whether the reader has
    /// lost something that it has not noticed yet.
    pub fn watch(&self, claim: &Claim) -> bool {
        let items = self.lock();
        self.count_unnoticed(claim, &items);
        claim.add_watcher();
        items.has_overtaken(claim.standing())
    }

    /// One of those who watch `claim` leaves. What it has lost stays counted, though nobody has noticed it yet.
    pub fn release(&self, claim: &Claim) {
        let items = self.lock();
        self.count_unnoticed(claim, &items);
        claim.remove_watcher();
    }

    fn attach(self: &Arc<Self>, start: Start, lateness: Lateness, holder: Holder) -> (Reader<T>, Option<T>) {
        let items = self.lock();
        let place = start.place(&items);
        let state = items.state_at(place.position);
        let patience = Patience::new(lateness, place.position < items.head(), &self.bounds);
        let claim = self.gate.enter(holder, place.reached(), patience.allowance());
        if holder == Holder::Audience {
            claim.add_watcher();
            self.audience.enter();
        }
        drop(items);
        (Reader::new(Arc::clone(self), place, claim, self.head.subscribe(), patience), state)
    }

    /// Counts what is lost to the reader of `claim` so far, for those who watch it now.
    pub(super) fn count_unnoticed(&self, claim: &Claim, items: &Items<T>) {
        let frames = items.unnoticed_frames(claim.standing());
        self.noticed_frames.fetch_add(frames * claim.watchers(), Ordering::SeqCst);
        claim.note_counted(frames);
    }

    pub(super) fn audience(&self) -> &Arc<Audience> {
        &self.audience
    }

    pub(super) fn grown(&self) -> &Condvar {
        &self.grown
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Items<T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Covers> Losses for History<T> {
    fn lost_frames(&self) -> u64 {
        let items = self.lock();
        let lost_to = |claim: &Claim| items.unnoticed_frames(claim.standing()) * claim.watchers();
        let unnoticed: u64 = self.gate.claims().iter().map(|claim| lost_to(claim)).sum();
        self.noticed_frames.load(Ordering::SeqCst) + unnoticed
    }
}
