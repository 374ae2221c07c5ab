//! The gate of pace `fast`: the publisher waits there until those who must see everything have taken enough.
//!
//! At real-time pace the gate stands open and costs the publisher two atomic stores per item. Shut, it lets an item
//! through when every claim is behind by less than half of what a reader may lag, and still finds all that it has not
//! taken. While nobody claims anything it holds the items back, so that a file played fast starts with its first
//! viewer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::Bounds;
use crate::clock::Clock;

/// Longest wait before the publisher looks whether it should stop.
const WAIT_SLICE: Duration = Duration::from_millis(50);

/// Where a publisher waits for its subscribers.
#[derive(Debug)]
pub struct Gate {
    shut: AtomicBool,
    /// Number of the next item.
    head: AtomicU64,
    /// Memory that all items up to the head have held.
    head_bytes: AtomicU64,
    /// Items that a claim may be behind: less than half of what a reader may lag. When the stream ends, a feed passes
    /// on without waiting what it has at hand and what it is behind; a viewer that is as far behind the feed loses
    /// nothing.
    behind_max: u64,
    /// Memory that the history may hold.
    bytes_max: u64,
    claims: Mutex<Vec<Weak<Claim>>>,
    moved: Condvar,
}

/// One reader's place in the ring, and its right to see everything.
#[derive(Debug)]
pub struct Claim {
    gate: Arc<Gate>,
    holder: Holder,
    /// Whoever loses what this subscriber loses: itself, or the viewers of the feed that it is.
    watchers: AtomicU64,
    standing: Mutex<Standing>,
}

/// What a gate knows of a reader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) reached: Reached,
    /// Items that it may be behind.
    pub(super) allowance: u64,
    /// It took nothing for too long; until it takes again nobody waits for it.
    is_given_up: bool,
}

/// How far a reader has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// Number of the item that it takes next.
    pub(super) position: u64,
    /// Frames before it, those included that were lost since and are counted already.
    pub(super) frames: u64,
    /// Memory that the items before it have held.
    pub(super) bytes: u64,
}

impl Reached {
    /// Position of a reader that is no more, though others may still hold its claim, as the viewers of a feed that has
    /// ended do: it loses nothing from here on, and nobody waits for it.
    pub(super) const GONE: u64 = u64::MAX;
}

/// Whose claim it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// A viewer or consumer, who may never come back.
    Audience,
    /// A part of the program, such as a feed. It waits for viewers itself and gives them up itself, so it always comes
    /// back, and must not be given up meanwhile: all its viewers would lose what one of them does not take.
    Program,
}

/// What a publisher does while nobody claims anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Wait for the first claim.
    Hold,
    /// Go on: there is nobody to wait for.
    Pass,
}

/// What is asked of a gate.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// Memory that the next item holds.
    pub bytes: usize,
    /// A viewer or consumer that takes nothing for so long is given up until it takes again, in microseconds.
    pub patience_us: u64,
    /// What to do while nobody claims anything.
    pub idle: Idle,
}

/// What the publisher found at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passage {
    /// There is room for one more item.
    Open,
    /// Nobody claims anything.
    Idle,
    /// Somebody who claims everything is too far behind. The sum of the positions of all who are: it grows while one of
    /// them takes something.
    Full(u64),
}

impl Gate {
    pub(super) fn new(bounds: &Bounds) -> Self {
        Self {
            shut: AtomicBool::new(false),
            head: AtomicU64::new(0),
            head_bytes: AtomicU64::new(0),
            behind_max: (bounds.lag_items.saturating_sub(1) / 2).max(1),
            bytes_max: bounds.history_bytes,
            claims: Mutex::new(Vec::new()),
            moved: Condvar::new(),
        }
    }

    /// Shuts the gate (pace `fast`) or opens it for good (real time).
    pub fn set_shut(&self, shut: bool) {
        self.shut.store(shut, Ordering::SeqCst);
        self.wake();
    }

    /// Whether the publisher has to ask.
    pub fn is_shut(&self) -> bool {
        self.shut.load(Ordering::SeqCst)
    }

    /// Waits until one more item may be published; false when `stopping` says to give up. At real-time pace returns at
    /// once.
    pub fn wait_for_room(&self, clock: &dyn Clock, demand: Demand, stopping: impl Fn() -> bool) -> bool {
        if !self.is_shut() {
            return true;
        }
        let (mut since_us, mut progress) = (clock.now_us(), None);
        while !stopping() {
            match self.look_or_wait(&demand) {
                Passage::Open => return true,
                Passage::Idle => {}
                Passage::Full(now) if progress != Some(now) => (since_us, progress) = (clock.now_us(), Some(now)),
                Passage::Full(_) => {
                    if clock.now_us().saturating_sub(since_us) > demand.patience_us {
                        self.give_up_laggards(demand.bytes);
                    }
                }
            }
        }
        false
    }

    fn look_or_wait(&self, demand: &Demand) -> Passage {
        if !self.is_shut() {
            return Passage::Open;
        }
        let claims = self.lock();
        match self.look(&claims, demand.bytes) {
            Passage::Idle if demand.idle == Idle::Pass => Passage::Open,
            Passage::Open => Passage::Open,
            found => {
                drop(self.moved.wait_timeout(claims, WAIT_SLICE));
                found
            }
        }
    }

    fn give_up_laggards(&self, bytes: usize) {
        let claims = self.claims();
        let laggards = claims.iter().filter(|claim| claim.holder == Holder::Audience && claim.give_up_if_late(bytes));
        // Whoever reads the log may be slow, and viewers come and go under the lock on the claims.
        laggards.for_each(|_| log::warn!("Subscriber takes nothing at pace fast and will lose frames"));
    }

    pub(super) fn set_head(&self, head: u64, bytes: u64) {
        self.head_bytes.store(bytes, Ordering::SeqCst);
        self.head.store(head, Ordering::SeqCst);
    }

    /// The claims of all readers.
    pub(super) fn claims(&self) -> Vec<Arc<Claim>> {
        self.lock().iter().filter_map(Weak::upgrade).collect()
    }

    pub(super) fn enter(self: &Arc<Self>, holder: Holder, reached: Reached, allowance: u64) -> Arc<Claim> {
        let claim = Arc::new(Claim {
            gate: Arc::clone(self),
            holder,
            watchers: AtomicU64::new(0),
            standing: Mutex::new(Standing { reached, allowance, is_given_up: false }),
        });
        let mut claims = self.lock();
        claims.retain(|claim| claim.strong_count() > 0);
        claims.push(Arc::downgrade(&claim));
        claim
    }

    fn look(&self, claims: &[Weak<Claim>], bytes: usize) -> Passage {
        let active: Vec<_> = claims.iter().filter_map(Weak::upgrade).filter(|claim| claim.is_active()).collect();
        if active.is_empty() {
            return Passage::Idle;
        }
        let late = active.iter().map(|claim| claim.lock().reached).filter(|reached| !self.has_room(reached, bytes));
        let late: Vec<_> = late.map(|reached| reached.position).collect();
        if late.is_empty() { Passage::Open } else { Passage::Full(late.into_iter().fold(0, u64::wrapping_add)) }
    }

    /// Whether an item of `bytes` can follow without the loss of one that a reader at `reached` has not taken.
    fn has_room(&self, reached: &Reached, bytes: usize) -> bool {
        let unread = self.head_bytes.load(Ordering::SeqCst).saturating_sub(reached.bytes);
        match self.head.load(Ordering::SeqCst).saturating_sub(reached.position) {
            // Whatever its size, one item is always kept.
            0 => true,
            behind => behind < self.behind_max && unread.saturating_add(bytes as u64) <= self.bytes_max,
        }
    }

    /// Under the lock, so that a publisher between its look and its wait is not missed.
    fn wake(&self) {
        let _claims = self.lock();
        self.moved.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Claim>>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claim {
    /// One more for whom the publisher waits.
    pub(super) fn add_watcher(&self) {
        self.watchers.fetch_add(1, Ordering::SeqCst);
        self.wake_gate();
    }

    /// One less for whom the publisher waits.
    pub(super) fn remove_watcher(&self) {
        self.watchers.fetch_sub(1, Ordering::SeqCst);
        self.wake_gate();
    }

    /// For how many the publisher waits here.
    pub fn watchers(&self) -> u64 {
        self.watchers.load(Ordering::SeqCst)
    }

    pub(super) fn holder(&self) -> Holder {
        self.holder
    }

    /// The reader has come to `reached` and may be `allowance` items behind.
    pub(super) fn move_to(&self, reached: Reached, allowance: u64) {
        *self.lock() = Standing { reached, allowance, is_given_up: false };
        self.wake_gate();
    }

    /// `frames` more that the reader will not get are counted.
    pub(super) fn note_counted(&self, frames: u64) {
        self.lock().reached.frames += frames;
    }

    /// What is known of the reader now.
    pub(super) fn standing(&self) -> Standing {
        *self.lock()
    }

    /// Number of the next item that is published.
    pub(crate) fn head(&self) -> u64 {
        self.gate.head.load(Ordering::SeqCst)
    }

    /// Items published that the reader has not taken.
    pub(super) fn behind(&self) -> u64 {
        self.head().saturating_sub(self.lock().reached.position)
    }

    /// In one step with the look, so that one which has just taken is not given up: nobody would wake it.
    fn give_up_if_late(&self, bytes: usize) -> bool {
        let mut standing = self.lock();
        let gives_up = self.watchers() > 0 && !standing.is_given_up && !self.gate.has_room(&standing.reached, bytes);
        standing.is_given_up |= gives_up;
        gives_up
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_active(&self) -> bool {
        let Standing { reached, is_given_up, .. } = self.standing();
        self.watchers() > 0 && reached.position != Reached::GONE && !is_given_up
    }

    fn wake_gate(&self) {
        if self.gate.is_shut() {
            self.gate.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    /// Whether a publisher without patience gets one item through. It asks for the end at its fourth look.
    fn passes(gate: &Gate, idle: Idle) -> bool {
        let looks = AtomicU64::new(0);
        gate.wait_for_room(&*SystemClock::shared(), Demand { bytes: 1, patience_us: 0, idle }, || {
            looks.fetch_add(1, Ordering::SeqCst) == 3
        })
    }

    fn shut_gate() -> Arc<Gate> {
        let gate = Arc::new(Gate::new(&Bounds { lag_items: 1, ..Bounds::default() }));
        gate.set_shut(true);
        gate
    }

    #[test]
    fn a_viewer_that_takes_nothing_is_given_up_until_it_takes_again() {
        let gate = shut_gate();
        let (slow, quick) = (
            gate.enter(Holder::Audience, Reached::default(), u64::MAX),
            gate.enter(Holder::Audience, Reached::default(), u64::MAX),
        );
        slow.add_watcher();
        quick.add_watcher();
        gate.set_head(1, 1);
        quick.move_to(Reached { position: 1, frames: 1, bytes: 1 }, 1);
        assert!(passes(&gate, Idle::Hold), "the slow one is given up");
        assert!(!slow.is_active() && quick.is_active());
        slow.move_to(Reached { position: 1, frames: 1, bytes: 1 }, 1);
        assert!(slow.is_active());
    }

    #[test]
    fn a_part_of_the_program_is_waited_for() {
        let gate = shut_gate();
        let feed = gate.enter(Holder::Program, Reached::default(), u64::MAX);
        feed.add_watcher();
        gate.set_head(1, 1);
        assert!(!passes(&gate, Idle::Pass));
        feed.move_to(Reached { position: 1, frames: 1, bytes: 1 }, 1);
        assert!(passes(&gate, Idle::Hold));
    }
}
