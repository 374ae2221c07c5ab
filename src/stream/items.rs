//! The items that a history keeps: numbered from the stream's beginning, each with sums over all up to it.

use std::collections::VecDeque;

use photophone_signal::{Epoch, SampleIndex};

use super::gate::{Reached, Standing};
use super::history::{Bounds, Covers};

/// A reader that the end of the history has overtaken leaves out one in so many of the items that are kept.
const HEADSTART_DIVISOR: u64 = 8;

/// The items of one history.
pub(super) struct Items<T> {
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
    pub(super) bytes: u64,
    pub(super) signal_us: u64,
    /// The first sample that is not covered.
    pub(super) end: Option<SampleIndex>,
}

impl Mark {
    /// A reader that goes on here, at `position`.
    pub(super) fn reached(&self, position: u64) -> Reached {
        Reached { position, frames: self.frames, bytes: self.bytes }
    }
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self {
            slots: VecDeque::new(),
            base: 0,
            before: Mark::default(),
            evicted: None,
            evicted_state: None,
            closed: false,
        }
    }
}

impl<T: Covers> Items<T> {
    /// Number of the next item.
    pub(super) fn head(&self) -> u64 {
        self.base + self.slots.len() as u64
    }

    pub(super) fn base(&self) -> u64 {
        self.base
    }

    pub(super) fn len(&self) -> u64 {
        self.slots.len() as u64
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
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

    /// Where a reader at `position` goes on that may be `allowance` items behind. One that was late skips to the
    /// newest; one that the end of the history has overtaken, which moves on with each item, gets ahead of it: just at
    /// the end, a slow reader would lose as much, but in as many gaps as frames.
    pub(super) fn floor(&self, position: u64, allowance: u64) -> u64 {
        let head = self.head();
        if head.saturating_sub(position) > allowance {
            self.base.max(head - 1)
        } else if position < self.base {
            self.base + self.len() / HEADSTART_DIVISOR
        } else {
            position
        }
    }

    /// Whether the reader of a claim will not get all and has not noticed.
    pub(super) fn has_overtaken(&self, Standing { reached, allowance, .. }: Standing) -> bool {
        self.floor(reached.position, allowance) > reached.position
    }

    /// Frames that the reader of a claim will not get and has not noticed.
    pub(super) fn unnoticed_frames(&self, Standing { reached, allowance, .. }: Standing) -> u64 {
        let floor = self.floor(reached.position, allowance);
        if floor > reached.position { self.mark_before(floor).frames.saturating_sub(reached.frames) } else { 0 }
    }

    /// The epoch that goes on at the head.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        let told = self.slots.iter().rev().find_map(|slot| slot.item.state_epoch());
        told.or_else(|| self.evicted_state.as_ref()?.state_epoch())
    }

    pub(super) fn head_mark(&self) -> Mark {
        self.slots.back().map_or(self.before, |slot| slot.end)
    }

    /// The state that holds before `position`.
    pub(super) fn state_at(&self, position: u64) -> Option<T> {
        let before = self.slots().take_while(|(number, _)| *number < position).map(|(_, slot)| &slot.item);
        before.filter(|item| item.state_epoch().is_some()).last().or(self.evicted_state.as_ref()).cloned()
    }

    /// Notes that nothing is published for the samples up to `end`.
    pub(super) fn skip(&mut self, end: SampleIndex) {
        match self.slots.back_mut() {
            Some(slot) => slot.end.end = Some(end),
            None => self.before.end = Some(end),
        }
    }

    pub(super) fn push(&mut self, item: T) {
        let before = self.head_mark();
        // With the word that it begins, an epoch can lose samples.
        let begun = item.state_epoch().filter(|epoch| before.end.is_none_or(|end| end.epoch != *epoch));
        let begun = begun.map(|epoch| SampleIndex { epoch, sample: 0 });
        let end = Mark {
            frames: before.frames + u64::from(item.id().is_some()),
            states: before.states + u64::from(item.state_epoch().is_some()),
            bytes: before.bytes + item.size_bytes() as u64,
            signal_us: before.signal_us + item.duration_us(),
            end: item.end().or(begun).or(before.end),
        };
        self.slots.push_back(Slot { item, end });
    }

    /// Drops the oldest beyond the bounds. `late_bytes` says what the items hold beside what they did when they came.
    pub(super) fn evict(&mut self, bounds: &Bounds, late_bytes: impl Fn() -> u64) {
        let head = self.head_mark();
        while let Some(oldest) = self.slots.front() {
            let is_old = self.slots.len() as u64 > bounds.lag_items
                && head.signal_us - oldest.end.signal_us >= bounds.history_us;
            let bytes = head.bytes - self.before.bytes + late_bytes();
            let is_large = self.slots.len() > 1 && bytes > bounds.history_bytes;
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
