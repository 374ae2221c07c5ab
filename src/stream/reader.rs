//! The reader: a position in a ring, and what its owner is told when items are gone before it took them.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use photophone_signal::{Gap, GapCause, SampleIndex};
use tokio::sync::watch;

use super::gate::{Claim, Holder, Reached};
use super::history::{Bounds, Covers, Head, History};
use super::items::{Items, Mark};

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
    /// With what follows the frame of this id, or the last one before it; when that is not kept any more, with a gap that
    /// says what is missing, then the oldest.
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
    head: watch::Receiver<Head>,
    /// Number of the item that is taken next from the ring; before it, what is pending.
    position: u64,
    mark: Mark,
    /// What was found at once and is told first: after a loss gaps, the state that was missed, and the item at which the
    /// reader goes on.
    pending: VecDeque<Next<T>>,
    /// It came back to a gap and got nothing behind it yet: what the ring passes over until then is missing, too.
    is_behind_gap: bool,
    patience: Patience,
}

/// How far the ring waits for a reader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    lateness: Lateness,
    is_catching_up: bool,
    lag_items: u64,
}

impl Patience {
    pub(super) fn new(lateness: Lateness, is_behind: bool, bounds: &Bounds) -> Self {
        Self { lateness, is_catching_up: is_behind, lag_items: bounds.lag_items }
    }

    /// Items that the reader may be behind.
    pub(super) fn allowance(&self) -> u64 {
        match self.lateness {
            Lateness::Skip if !self.is_catching_up => self.lag_items,
            _ => u64::MAX,
        }
    }
}

/// Where a reader begins, and what it is told first.
pub(super) struct Place {
    pub(super) position: u64,
    mark: Mark,
    gaps: VecDeque<Gap>,
}

impl Place {
    pub(super) fn reached(&self) -> Reached {
        self.mark.reached(self.position)
    }
}

enum Taken<T> {
    Next(Next<T>),
    Nothing,
    Closed,
}

impl<T: Covers> Reader<T> {
    pub(super) fn new(
        ring: Arc<History<T>>,
        place: Place,
        claim: Arc<Claim>,
        head: watch::Receiver<Head>,
        patience: Patience,
    ) -> Self {
        let Place { position, mark, gaps } = place;
        let is_behind_gap = !gaps.is_empty();
        let pending = gaps.into_iter().map(Next::Missed).collect();
        Self { ring, claim, head, position, mark, pending, is_behind_gap, patience }
    }

    /// The next item or loss; none once the publisher is gone. Cancel-safe: a dropped future loses nothing.
    pub async fn next(&mut self) -> Option<Next<T>> {
        loop {
            // Before the look, so that what is published after it wakes.
            let head = *self.head.borrow_and_update();
            if head.number == self.position && !head.is_closed && self.pending.is_empty() {
                self.head.changed().await.ok()?;
                continue;
            }
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

    /// Number of the item that this reader takes next. After a loss that is the item at which it goes on, until all
    /// that comes before it was told.
    pub fn position(&self) -> u64 {
        self.position - u64::from(matches!(self.pending.back(), Some(Next::Item(_))))
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
        let items = self.ring.lock();
        let is_idle = |items: &mut Items<T>| items.head() == self.position && !items.is_closed();
        let waited = self.ring.grown().wait_timeout_while(items, patience, is_idle);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn take(&mut self) -> Taken<T> {
        if let Some(next) = self.pending.pop_front() {
            return Taken::Next(next);
        }
        let ring = Arc::clone(&self.ring);
        let items = ring.lock();
        let floor = items.floor(self.position, self.patience.allowance());
        let Some(slot) = items.get(floor) else {
            return if items.is_closed() { Taken::Closed } else { Taken::Nothing };
        };
        let mut mark = slot.end;
        if floor > self.position {
            self.miss(floor, &items);
            self.is_behind_gap = false;
        } else if self.is_behind_gap {
            let start = items.mark_before(floor).end;
            self.pending.extend(passed_over(self.mark.end, start).map(Next::Missed));
            self.is_behind_gap = slot.item.end().is_none();
            if self.is_behind_gap {
                // What the ring passed over behind this item is told with the next one.
                mark.end = start.filter(|start| mark.end.is_some_and(|end| end.epoch == start.epoch)).or(mark.end);
            }
        }
        self.pending.push_back(Next::Item(slot.item.clone()));
        (self.position, self.mark) = (floor + 1, mark);
        self.patience.is_catching_up &= self.position < items.head();
        // Before anybody can look: a frame that is taken is not lost.
        self.claim.move_to(self.mark.reached(self.position), self.patience.allowance());
        self.pending.pop_front().map_or(Taken::Nothing, Taken::Next)
    }

    /// Counts what is gone before `floor`, and lines up what is told of it.
    fn miss(&mut self, floor: u64, items: &Items<T>) {
        self.ring.count_unnoticed(&self.claim, items);
        let mark = items.mark_before(floor);
        self.pending.extend(missing(self.mark.end, mark.end, GapCause::Subscriber).map(Next::Missed));
        let has_missed_state = mark.states > self.mark.states;
        self.pending.extend(items.state_at(floor).filter(|_| has_missed_state).map(Next::Item));
    }
}

impl<T: Covers> Drop for Reader<T> {
    fn drop(&mut self) {
        let items = self.ring.lock();
        // Whoever leaves while behind has lost what was dropped since.
        self.ring.count_unnoticed(&self.claim, &items);
        self.claim.move_to(Reached { position: Reached::GONE, ..Reached::default() }, u64::MAX);
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
    pub(super) fn place<T: Covers>(self, items: &Items<T>) -> Place {
        let at = |position, gaps| Place { position, mark: items.mark_before(position), gaps };
        match self {
            Self::Newest => at(items.head(), VecDeque::new()),
            Self::Oldest => at(items.base(), VecDeque::new()),
            Self::After(id) => {
                let (position, gaps) = after(id, items);
                at(position, gaps)
            }
        }
    }
}

/// Where a reader goes on that has the frame `id`, and what it is told to be missing.
fn after<T: Covers>(id: SampleIndex, items: &Items<T>) -> (u64, VecDeque<Gap>) {
    let (base, head, none) = (items.base(), items.head(), VecDeque::new());
    let frames = || items.slots().filter_map(|(number, slot)| Some((number, slot.item.id()?)));
    let of_epoch = || frames().filter(|(_, kept)| kept.epoch == id.epoch);
    // Itself, or the one before when `id` is that of an event of other parameters.
    if let Some((number, _)) = of_epoch().rfind(|(_, kept)| kept.sample <= id.sample) {
        return (number + 1, none);
    }
    let evicted = items.evicted().filter(|evicted| evicted.id.epoch == id.epoch);
    let start = items.mark_before(base).end;
    match evicted {
        // Of what went after that frame only gaps are not kept either.
        Some(evicted) if evicted.id.sample <= id.sample => {
            return (base, missing(evicted.end, start, GapCause::History).collect());
        }
        Some(_) => return (base, missing_history(id, start)),
        None => {}
    }
    let Some(running) = items.epoch() else { return (head, none) };
    if let Some((number, _)) = of_epoch().next() {
        let before = items.mark_before(number).end.filter(|end| end.epoch == id.epoch);
        return (number, missing_history(id, before));
    }
    if running != id.epoch {
        let first = frames().next().map_or(running, |(_, first)| first.epoch);
        let next = start.filter(|start| start.epoch != id.epoch).unwrap_or(SampleIndex { epoch: first, sample: 0 });
        return (base, missing_history(id, Some(next)));
    }
    // Nothing was made of this epoch yet, such as a spectrum over a long window; or `id` was never given.
    (head, missing_history(id, items.head_mark().end.filter(|end| end.epoch == id.epoch)))
}

/// The frame `id` ended where nobody knows any more, so the gap counts from its beginning.
fn missing_history(id: SampleIndex, next: Option<SampleIndex>) -> VecDeque<Gap> {
    missing(Some(id), next, GapCause::History).map(|gap| Gap { exact: false, ..gap }).collect()
}

/// What lies between the end of a gap that was told and the next item, of which nothing is to be had in the ring.
fn passed_over(from: Option<SampleIndex>, start: Option<SampleIndex>) -> impl Iterator<Item = Gap> {
    let start = start.filter(|start| from.is_some_and(|from| from.epoch == start.epoch));
    missing(from, start, GapCause::History)
}

/// What lies between two places of the stream. A reader that saw nothing yet joined before the first word of any epoch, so
/// the beginning of the one that runs is missing.
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
        // How much of the old epoch there would have been nobody knows.
        exact: false,
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
