//! One publisher, many readers: the newest items of a stream in memory, in which each reader holds a position.
//!
//! The ring carries anything that stands for samples ([`Covers`]): frames and gaps of the stream itself, and the
//! encoded events of a feed. It keeps a span of signal, bounded in bytes; a reader costs a position, never a queue. At
//! real-time pace the publisher never waits. At pace `fast` it does: see [`super::gate`].

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use photophone_signal::{Epoch, SampleIndex};
use tokio::sync::watch;

use super::Audience;
use super::audience::Losses;
use super::gate::{Claim, Gate, Holder};
use super::reader::{Reader, Start};

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

/// The ring.
pub struct History<T> {
    log: Mutex<Log<T>>,
    grown: Condvar,
    head: watch::Sender<u64>,
    bounds: Bounds,
    gate: Arc<Gate>,
    audience: Arc<Audience>,
}

/// The items, numbered from the stream's beginning.
pub(super) struct Log<T> {
    slots: VecDeque<Slot<T>>,
    /// Number of the oldest item that is kept.
    base: u64,
    /// Everything up to `base`.
    before: Mark,
    /// The youngest frame that is not kept any more.
    evicted: Option<Evicted>,
    /// The state that held at `base`.
    evicted_state: Option<T>,
    closed: bool,
}

/// What is remembered of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evicted {
    pub(super) id: SampleIndex,
    /// The first sample that neither it nor any item before it stands for.
    pub(super) end: Option<SampleIndex>,
}

pub(super) struct Slot<T> {
    pub(super) item: T,
    /// Everything up to and with this item.
    pub(super) end: Mark,
}

/// Sums over all items before a place in the ring.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    pub(super) frames: u64,
    /// Changes of state.
    pub(super) states: u64,
    bytes: u64,
    signal_us: u64,
    /// The first sample that is not covered.
    pub(super) end: Option<SampleIndex>,
}

impl<T: Covers> History<T> {
    /// An empty ring whose readers are counted in `audience`.
    pub fn new(bounds: Bounds, audience: Arc<Audience>) -> Arc<Self> {
        let log = Log {
            slots: VecDeque::new(),
            base: 0,
            before: Mark::default(),
            evicted: None,
            evicted_state: None,
            closed: false,
        };
        let (head, _) = watch::channel(0);
        let gate = Arc::new(Gate::new(bounds.lag_items));
        let ring = Arc::new(Self { log: Mutex::new(log), grown: Condvar::new(), head, bounds, gate, audience });
        let losses: Weak<dyn Losses> = Arc::downgrade(&(Arc::clone(&ring) as Arc<dyn Losses>));
        ring.audience.watch(losses);
        ring
    }

    /// Hands an item to all readers. Never waits for them.
    pub fn publish(&self, item: T) {
        let mut log = self.lock();
        log.push(item);
        log.evict(&self.bounds);
        self.gate.set_head(log.head());
        self.head.send_replace(log.head());
        self.grown.notify_all();
    }

    /// Notes that nothing is published for the samples up to `end`: whoever joins next begins there.
    pub fn skip(&self, end: SampleIndex) {
        let mut log = self.lock();
        match log.slots.back_mut() {
            Some(slot) => slot.end.end = Some(end),
            None => log.before.end = Some(end),
        }
    }

    /// Ends the stream: readers get what is left, then the end.
    pub fn close(&self) {
        let mut log = self.lock();
        log.closed = true;
        self.gate.set_shut(false);
        // A head that moved wakes those who wait; there is nothing at it.
        self.head.send_modify(|_| {});
        self.grown.notify_all();
    }

    /// Whether the stream has ended.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// The gate at which the publisher waits at pace `fast`.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// What the ring holds now: items, bytes and microseconds of signal.
    pub fn held(&self) -> (u64, u64, u64) {
        let log = self.lock();
        let head = log.head_mark();
        (log.slots.len() as u64, head.bytes - log.before.bytes, head.signal_us - log.before.signal_us)
    }

    /// A reader that counts as audience, and the state that held where it starts. The publisher waits for it at pace
    /// `fast`.
    pub fn subscribe(self: &Arc<Self>, start: Start) -> (Reader<T>, Option<T>) {
        self.attach(start, Holder::Audience)
    }

    /// A reader inside the program, such as a feed: not audience itself. Nobody waits for it, and what it loses counts
    /// for nothing, until its claim has watchers.
    pub fn subscribe_internally(self: &Arc<Self>, start: Start) -> (Reader<T>, Option<T>) {
        self.attach(start, Holder::Program)
    }

    /// One of those who watch `claim` leaves. What it has lost stays counted, though nobody has noticed it yet.
    pub fn release(&self, claim: &Claim) {
        self.audience.release(claim, || unnoticed_by(claim, &self.lock()));
    }

    fn attach(self: &Arc<Self>, start: Start, holder: Holder) -> (Reader<T>, Option<T>) {
        let log = self.lock();
        let place = start.place(&log);
        let state = log.state_at(place.position);
        let claim = self.gate.enter(holder, place.reached());
        if holder == Holder::Audience {
            claim.add_watcher();
            self.audience.enter();
        }
        let reader = Reader::new(Arc::clone(self), place, claim, self.head.subscribe());
        (reader, state)
    }

    pub(super) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    pub(super) fn audience(&self) -> &Arc<Audience> {
        &self.audience
    }

    pub(super) fn grown(&self) -> &Condvar {
        &self.grown
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Log<T>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Covers> Losses for History<T> {
    fn unnoticed_frames(&self) -> u64 {
        let log = self.lock();
        self.gate.claims().iter().map(|claim| unnoticed_by(claim, &log) * claim.watchers()).sum()
    }
}

/// Frames that are gone before the reader of `claim` took them, which it has not noticed.
fn unnoticed_by<T: Covers>(claim: &Claim, log: &Log<T>) -> u64 {
    let (reached, allowance) = claim.reached();
    let floor = log.base.max(log.head().saturating_sub(allowance));
    let is_behind = floor > reached.position;
    if is_behind { log.mark_before(floor).frames - reached.frames } else { 0 }
}

impl<T: Covers> Log<T> {
    /// Number of the next item.
    pub(super) fn head(&self) -> u64 {
        self.base + self.slots.len() as u64
    }

    pub(super) fn base(&self) -> u64 {
        self.base
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn evicted(&self) -> Option<Evicted> {
        self.evicted
    }

    /// The items that are kept, each with its number.
    pub(super) fn slots(&self) -> impl DoubleEndedIterator<Item = (u64, &Slot<T>)> {
        self.slots.iter().enumerate().map(|(index, slot)| (self.base + index as u64, slot))
    }

    pub(super) fn get(&self, position: u64) -> Option<&Slot<T>> {
        self.slots.get(position.checked_sub(self.base)? as usize)
    }

    /// The sums before `position`, which is within the ring.
    pub(super) fn mark_before(&self, position: u64) -> Mark {
        let slot = position.checked_sub(1).and_then(|before| self.get(before));
        slot.map_or(self.before, |slot| slot.end)
    }

    /// The epoch that goes on at the head.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        let told = self.slots.iter().rev().find_map(|slot| slot.item.state_epoch());
        told.or_else(|| self.evicted_state.as_ref()?.state_epoch())
    }

    fn head_mark(&self) -> Mark {
        self.slots.back().map_or(self.before, |slot| slot.end)
    }

    /// The state that holds before `position`.
    pub(super) fn state_at(&self, position: u64) -> Option<T> {
        let before = self.slots().take_while(|(number, _)| *number < position).map(|(_, slot)| &slot.item);
        before.filter(|item| item.state_epoch().is_some()).last().or(self.evicted_state.as_ref()).cloned()
    }

    fn push(&mut self, item: T) {
        let before = self.head_mark();
        let end = Mark {
            frames: before.frames + u64::from(item.id().is_some()),
            states: before.states + u64::from(item.state_epoch().is_some()),
            bytes: before.bytes + item.size_bytes() as u64,
            signal_us: before.signal_us + item.duration_us(),
            end: item.end().or(before.end),
        };
        self.slots.push_back(Slot { item, end });
    }

    fn evict(&mut self, bounds: &Bounds) {
        let head = self.head_mark();
        while let Some(oldest) = self.slots.front() {
            let is_old = self.slots.len() as u64 > bounds.lag_items
                && head.signal_us - oldest.end.signal_us >= bounds.history_us;
            let is_large = self.slots.len() > 1 && head.bytes - self.before.bytes > bounds.history_bytes;
            if !is_old && !is_large {
                break;
            }
            if let Some(Slot { item, end }) = self.slots.pop_front() {
                self.base += 1;
                self.before = end;
                self.evicted = item.id().map(|id| Evicted { id, end: end.end }).or(self.evicted);
                if item.state_epoch().is_some() {
                    self.evicted_state = Some(item);
                }
            }
        }
    }
}
