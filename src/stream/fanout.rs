//! One publisher, many subscribers: a bounded broadcast ring in which whoever falls behind is told what it missed.
//!
//! The ring carries anything that covers a range of samples ([`Covers`]): frames and gaps of the stream itself, and
//! the encoded events of a feed. At real-time pace the publisher never waits. At pace `fast` it does: see
//! [`super::gate`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use photophone_signal::{Epoch, Gap, GapCause};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::Audience;
use super::gate::{Claim, Gate, Holder};

/// An item that stands for a range of samples, so that a subscriber which missed some can say which.
pub trait Covers: Clone {
    /// The range, or none for an item that covers no samples, such as a change of state.
    fn extent(&self) -> Option<Extent>;
}

/// Samples `from..to` of an epoch; `to` is none for a gap in which the epoch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Epoch in which the indices count.
    pub epoch: Epoch,
    /// First sample.
    pub from: u64,
    /// First sample after it.
    pub to: Option<u64>,
    /// Number of the frame, when the item is or stands for one.
    pub frame_number: Option<u64>,
}

/// What a subscriber gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Next<T> {
    /// The next item.
    Item(T),
    /// Items were overwritten before this subscriber took them.
    Missed(Gap),
}

/// The sending half.
pub struct Fanout<T> {
    head: Mutex<Head<T>>,
    gate: Arc<Gate>,
    audience: Arc<Audience>,
}

struct Head<T> {
    /// None once the stream has ended.
    sender: Option<broadcast::Sender<T>>,
    /// What was published last, where a new subscriber begins.
    last: Option<Extent>,
}

impl<T: Covers> Fanout<T> {
    /// A ring for `capacity` items (rounded up to a power of two) whose subscribers are counted in `audience`.
    pub fn new(capacity: usize, audience: Arc<Audience>) -> Self {
        let (sender, _) = broadcast::channel(capacity);
        let head = Mutex::new(Head { sender: Some(sender), last: None });
        let gate = Arc::new(Gate::new(capacity));
        audience.watch(&gate);
        Self { head, gate, audience }
    }

    /// Hands an item to all subscribers. Never waits for them.
    pub fn publish(&self, item: T) {
        let mut head = self.lock();
        head.last = item.extent().map(|extent| extent.after(head.last)).or(head.last);
        self.gate.count_published();
        if let Some(sender) = &head.sender {
            // Without subscribers nobody wants the item.
            sender.send(item).ok();
        }
    }

    /// Notes that nothing is published for these samples: whoever subscribes next begins after them.
    pub fn skip(&self, extent: Extent) {
        let mut head = self.lock();
        head.last = Some(extent.after(head.last));
    }

    /// Ends the stream: subscribers get what is left in the ring, then the end.
    pub fn close(&self) {
        self.lock().sender = None;
        self.gate.set_shut(false);
    }

    /// Whether the stream has ended.
    pub fn is_closed(&self) -> bool {
        self.lock().sender.is_none()
    }

    /// The gate at which the publisher waits at pace `fast`.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// A subscriber that gets all items from now on and counts as audience. The publisher waits for it at pace `fast`.
    pub fn subscribe(&self) -> Subscriber<T> {
        self.audience.enter();
        let subscriber = self.attach(true);
        subscriber.claim.add_watcher();
        subscriber
    }

    /// A subscriber inside the program, such as a feed: not audience itself. Nobody waits for it, and what it loses
    /// counts for nothing, until its claim has watchers.
    pub fn subscribe_internally(&self) -> Subscriber<T> {
        self.attach(false)
    }

    fn attach(&self, is_audience: bool) -> Subscriber<T> {
        let head = self.lock();
        let holder = if is_audience { Holder::Audience } else { Holder::Program };
        // Of a channel whose sender is gone at once, for a stream that has ended.
        let receiver = head.sender.as_ref().map_or_else(|| broadcast::channel(1).1, broadcast::Sender::subscribe);
        Subscriber {
            receiver,
            claim: self.gate.enter(holder),
            audience: Arc::clone(&self.audience),
            is_audience,
            last: head.last,
            missed: 0,
            pending: None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Head<T>> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Extent {
    /// This extent as the newest after `last`: a gap carries on the number of the last frame.
    fn after(self, last: Option<Self>) -> Self {
        let of_last = || last.filter(|last| last.epoch == self.epoch).and_then(|last| last.frame_number);
        Self { frame_number: self.frame_number.or_else(of_last), ..self }
    }
}

/// The receiving half.
pub struct Subscriber<T: Covers> {
    receiver: broadcast::Receiver<T>,
    claim: Arc<Claim>,
    audience: Arc<Audience>,
    is_audience: bool,
    last: Option<Extent>,
    missed: u64,
    pending: Option<T>,
}

impl<T: Covers> Subscriber<T> {
    /// The next item or loss; none once the publisher is gone. Cancel-safe: a dropped future loses nothing.
    pub async fn next(&mut self) -> Option<Next<T>> {
        loop {
            if let Some(next) = self.take_pending() {
                return Some(next);
            }
            let received = self.receiver.recv().await;
            if let Some(next) = self.accept(received)? {
                return Some(next);
            }
        }
    }

    /// As [`Self::next`], for a thread that may block.
    pub fn next_blocking(&mut self) -> Option<Next<T>> {
        loop {
            if let Some(next) = self.take_pending() {
                return Some(next);
            }
            let received = self.receiver.blocking_recv();
            if let Some(next) = self.accept(received)? {
                return Some(next);
            }
        }
    }

    /// The claim by which this subscriber can hold the publisher at pace `fast`.
    pub fn claim(&self) -> &Arc<Claim> {
        &self.claim
    }

    fn take_pending(&mut self) -> Option<Next<T>> {
        self.pending.take().map(|item| self.pass(item))
    }

    /// None when the publisher is gone; `Some(None)` when the answer has to wait for the next item.
    fn accept(&mut self, received: Result<T, RecvError>) -> Option<Option<Next<T>>> {
        match received {
            Err(RecvError::Closed) => None,
            Err(RecvError::Lagged(items)) => {
                self.missed += items;
                Some(None)
            }
            Ok(item) => {
                let next = self.after_loss(item);
                self.claim.take(1);
                Some(Some(next))
            }
        }
    }

    /// Puts the gap in front of the first item that covers samples after a loss.
    fn after_loss(&mut self, item: T) -> Next<T> {
        let Some(next) = item.extent().filter(|_| self.missed > 0) else {
            return self.pass(item);
        };
        let missed_items = std::mem::take(&mut self.missed);
        self.settle(missed_items, next);
        match gap_before(next, self.last) {
            Some(gap) => {
                self.pending = Some(item);
                Next::Missed(gap)
            }
            None => self.pass(item),
        }
    }

    fn pass(&mut self, item: T) -> Next<T> {
        self.last = item.extent().map(|extent| extent.after(self.last)).or(self.last);
        Next::Item(item)
    }

    fn settle(&self, missed_items: u64, next: Extent) {
        let frames = match (self.last, next.frame_number) {
            (Some(Extent { epoch, frame_number: Some(last), .. }), Some(number)) if epoch == next.epoch => {
                number.saturating_sub(last + 1)
            }
            // Without a frame on both sides the number of items is the best bound.
            _ => missed_items,
        };
        self.audience.settle(&self.claim, missed_items, frames);
    }
}

impl<T: Covers> Drop for Subscriber<T> {
    fn drop(&mut self) {
        if self.is_audience {
            // Whoever leaves while behind has lost what the ring has overwritten since.
            let overwritten = self.claim.overwritten();
            self.audience.settle(&self.claim, overwritten, overwritten);
            self.claim.remove_watcher();
            self.audience.leave();
        }
    }
}

/// What is missing between `last` and `next`. A subscriber that saw nothing yet joined before anything was published, so
/// the epoch's beginning is missing.
fn gap_before(next: Extent, last: Option<Extent>) -> Option<Gap> {
    let gap = |epoch, from_sample, to_sample, next_epoch| Gap {
        epoch,
        from_sample,
        to_sample,
        cause: GapCause::Subscriber,
        exact: true,
        next_epoch,
    };
    match last {
        Some(last) if last.epoch != next.epoch => Some(gap(last.epoch, last.to?, None, Some(next.epoch))),
        last => {
            let from_sample = last.map_or(Some(0), |last| last.to)?;
            (next.from > from_sample).then(|| gap(next.epoch, from_sample, Some(next.from), None))
        }
    }
}
