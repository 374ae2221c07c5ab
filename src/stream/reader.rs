//! The reader: a position in a ring, and what its owner is told when items are gone before it took them.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use photophone_signal::{Gap, GapCause, SampleIndex};
use tokio::sync::watch;

use super::gate::{Claim, Holder, Reached};
use super::history::{Covers, History, Log, Mark};

/// What a reader gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Next<T> {
    /// The next item.
    Item(T),
    /// Items were gone before this reader took them.
    Missed(Gap),
}

/// Where a reader starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the next item that is published.
    Newest,
    /// With the oldest item that is kept.
    Oldest,
    /// After the frame of this id, or of the next larger one; when that is not kept any more, with a gap that says what
    /// is missing, then the oldest.
    After(SampleIndex),
}

/// How far a reader may be behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lateness {
    /// As many items as the ring's `lag_items`, once it has caught up; then it skips to the newest.
    Skip,
    /// As far as the ring reaches.
    CatchUp,
}

/// A reader of a ring.
pub struct Reader<T: Covers> {
    ring: Arc<History<T>>,
    claim: Arc<Claim>,
    head: watch::Receiver<u64>,
    position: u64,
    mark: Mark,
    /// What has to be told before the next item: gaps, then the state that was missed with them.
    pending: VecDeque<Next<T>>,
    lateness: Lateness,
    is_catching_up: bool,
}

/// Where a reader begins, and what it is told first.
pub(super) struct Place {
    pub(super) position: u64,
    mark: Mark,
    gaps: VecDeque<Gap>,
}

impl Place {
    pub(super) fn reached(&self) -> Reached {
        Reached { position: self.position, frames: self.mark.frames }
    }
}

enum Taken<T> {
    Next(Next<T>),
    Nothing,
    Closed,
}

impl<T: Covers> Reader<T> {
    pub(super) fn new(ring: Arc<History<T>>, place: Place, claim: Arc<Claim>, head: watch::Receiver<u64>) -> Self {
        let Place { position, mark, gaps } = place;
        let is_catching_up = position < *head.borrow();
        let pending = gaps.into_iter().map(Next::Missed).collect();
        Self { ring, claim, head, position, mark, pending, lateness: Lateness::Skip, is_catching_up }
    }

    /// The same reader with another patience.
    pub fn with_lateness(mut self, lateness: Lateness) -> Self {
        self.lateness = lateness;
        self
    }

    /// The next item or loss; none once the publisher is gone. Cancel-safe: a dropped future loses nothing.
    pub async fn next(&mut self) -> Option<Next<T>> {
        loop {
            // Before the look, so that what is published after it wakes.
            self.head.borrow_and_update();
            match self.take() {
                Taken::Next(next) => return Some(next),
                Taken::Closed => return None,
                Taken::Nothing => self.head.changed().await.ok()?,
            }
        }
    }

    /// As [`Self::next`], for a thread that may block.
    pub fn next_blocking(&mut self) -> Option<Next<T>> {
        loop {
            match self.next_within(Duration::MAX) {
                Ok(Some(next)) => return Some(next),
                Ok(None) => {}
                Err(Ended) => return None,
            }
        }
    }

    /// As [`Self::next_blocking`]; `Ok(None)` when nothing came in time.
    ///
    /// # Errors
    /// [`Ended`] once the publisher is gone.
    pub fn next_within(&mut self, patience: Duration) -> Result<Option<Next<T>>, Ended> {
        if self.pending.is_empty() {
            self.wait(patience);
        }
        match self.take() {
            Taken::Next(next) => Ok(Some(next)),
            Taken::Nothing => Ok(None),
            Taken::Closed => Err(Ended),
        }
    }

    /// The first sample that nothing stands for which this reader got or came too late for.
    pub fn end(&self) -> Option<SampleIndex> {
        self.mark.end
    }

    /// Number of the item that this reader takes next.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Items published that this reader has not taken.
    pub fn behind(&self) -> u64 {
        self.claim.behind()
    }

    /// The claim by which this reader can hold the publisher at pace `fast`.
    pub fn claim(&self) -> &Arc<Claim> {
        &self.claim
    }

    fn wait(&self, patience: Duration) {
        let log = self.ring.lock();
        let is_idle = |log: &mut Log<T>| log.head() == self.position && !log.is_closed();
        let waited = self.ring.grown().wait_timeout_while(log, patience, is_idle);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn take(&mut self) -> Taken<T> {
        let ring = Arc::clone(&self.ring);
        loop {
            let log = ring.lock();
            let floor = self.floor(&log);
            if floor > self.position {
                let (mark, state) = (log.mark_before(floor), log.state_at(floor));
                drop(log);
                self.skip_to(floor, mark, state);
                continue;
            }
            if let Some(next) = self.pending.pop_front() {
                return Taken::Next(next);
            }
            let Some(slot) = log.get(self.position) else {
                return if log.is_closed() { Taken::Closed } else { Taken::Nothing };
            };
            self.mark = slot.end;
            self.position += 1;
            self.is_catching_up &= self.position < log.head();
            let item = slot.item.clone();
            drop(log);
            self.claim.move_to(self.place(), self.allowance());
            return Taken::Next(Next::Item(item));
        }
    }

    /// The first item that this reader may still have.
    fn floor(&self, log: &Log<T>) -> u64 {
        let is_late = log.head() - self.position.min(log.head()) > self.allowance();
        if is_late { log.base().max(log.head() - 1) } else { log.base() }
    }

    /// Items that it may be behind.
    fn allowance(&self) -> u64 {
        match self.lateness {
            Lateness::Skip if !self.is_catching_up => self.ring.bounds().lag_items,
            _ => u64::MAX,
        }
    }

    /// Goes on at `position`, before which `state` holds.
    fn skip_to(&mut self, position: u64, mark: Mark, state: Option<T>) {
        let missed = mark.frames - self.mark.frames;
        self.pending.extend(missing(self.mark.end, mark.end, GapCause::Subscriber).map(Next::Missed));
        let has_missed_state = mark.states > self.mark.states;
        self.pending.extend(state.filter(|_| has_missed_state).map(Next::Item));
        (self.position, self.mark) = (position, mark);
        self.ring.audience().settle(&self.claim, self.place(), self.allowance(), missed);
    }

    fn place(&self) -> Reached {
        Reached { position: self.position, frames: self.mark.frames }
    }
}

impl<T: Covers> Drop for Reader<T> {
    fn drop(&mut self) {
        // Whoever leaves while behind has lost what was dropped since.
        let log = self.ring.lock();
        let floor = log.base().max(log.head().saturating_sub(self.allowance())).max(self.position);
        let frames = log.mark_before(floor).frames;
        drop(log);
        let reached = Reached { position: Reached::GONE, frames };
        self.ring.audience().settle(&self.claim, reached, self.allowance(), frames - self.mark.frames);
        if self.claim.holder() == Holder::Audience {
            self.claim.remove_watcher();
            self.ring.audience().leave();
        }
    }
}

/// The publisher is gone, and everything that it left was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended;

impl Start {
    pub(super) fn place<T: Covers>(self, log: &Log<T>) -> Place {
        let at = |position, gaps| Place { position, mark: log.mark_before(position), gaps };
        match self {
            Self::Newest => at(log.head(), VecDeque::new()),
            Self::Oldest => at(log.base(), VecDeque::new()),
            Self::After(id) => {
                let (position, gaps) = after(id, log);
                at(position, gaps)
            }
        }
    }
}

/// Where a reader goes on that has the frame `id`, and what it is told to be missing.
fn after<T: Covers>(id: SampleIndex, log: &Log<T>) -> (u64, VecDeque<Gap>) {
    let (base, none) = (log.base(), VecDeque::new);
    let frames = || log.slots().filter_map(|(number, slot)| Some((number, slot.item.id()?)));
    if let Some((number, _)) = frames().find(|(_, kept)| *kept == id) {
        return (number + 1, none());
    }
    let evicted = log.evicted().filter(|evicted| evicted.id.epoch == id.epoch);
    let start = log.mark_before(base).end;
    let of_epoch = || frames().filter(|(_, kept)| kept.epoch == id.epoch);
    let older = of_epoch().rfind(|(_, kept)| kept.sample < id.sample);
    if let Some((number, _)) = older {
        // The id of an event of other parameters.
        return (number + 1, none());
    }
    match (of_epoch().next(), evicted, log.epoch()) {
        // Of what went after that frame only gaps are not kept either.
        (_, Some(evicted), _) if evicted.id.sample <= id.sample => {
            (base, missing(evicted.end, start, GapCause::History).collect())
        }
        (Some(_), ..) | (_, Some(_), _) => (base, missing_history(id, start)),
        (None, None, Some(epoch)) if epoch != id.epoch => {
            let next = start.filter(|start| start.epoch != id.epoch).unwrap_or(SampleIndex { epoch, sample: 0 });
            (base, missing_history(id, Some(next)))
        }
        (None, None, _) => (log.head(), none()),
    }
}

/// The frame `id` ended where nobody knows any more, so the gap counts from its beginning.
fn missing_history(id: SampleIndex, next: Option<SampleIndex>) -> VecDeque<Gap> {
    missing(Some(id), next, GapCause::History).map(|gap| Gap { exact: false, ..gap }).collect()
}

/// What lies between two places of the stream. A reader that saw nothing yet joined before anything was published, so the
/// epoch's beginning is missing.
fn missing(from: Option<SampleIndex>, to: Option<SampleIndex>, cause: GapCause) -> impl Iterator<Item = Gap> {
    let within = move |epoch, from_sample, to_sample| {
        (to_sample > from_sample).then_some(Gap {
            epoch,
            from_sample,
            to_sample: Some(to_sample),
            cause,
            exact: true,
            next_epoch: None,
        })
    };
    let across = move |from: SampleIndex, next| Gap {
        epoch: from.epoch,
        from_sample: from.sample,
        to_sample: None,
        cause,
        exact: true,
        next_epoch: Some(next),
    };
    let (first, second) = match (from, to) {
        (_, None) => (None, None),
        (Some(from), Some(to)) if from.epoch == to.epoch => (within(to.epoch, from.sample, to.sample), None),
        (Some(from), Some(to)) => (Some(across(from, to.epoch)), within(to.epoch, 0, to.sample)),
        (None, Some(to)) => (within(to.epoch, 0, to.sample), None),
    };
    first.into_iter().chain(second)
}
