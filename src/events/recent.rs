//! The newest events in memory, bounded in count and bytes: to be shown, and to resume from.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;

use super::event::RealtimeEvent;
use super::published::PublishedEvent;

/// Most events of a page of the history: reading them keeps publishers waiting.
const PAGE_EVENTS: u64 = 256;

/// Memory that these may hold, in bytes.
const PAGE_BYTES: usize = 256 * 1024;

/// Not all events after the one that was named are in memory, or there never was such an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the events in memory begin with {oldest}, and do not follow on the one that was named")]
pub struct OutOfHistory {
    /// The number of the oldest event that is there; of the next one, when none is.
    pub oldest: u64,
}

/// A part of the history.
#[derive(Debug)]
pub struct HistoryPage {
    /// How many events before these are no longer in memory.
    pub missed: u64,
    /// In order, and without holes.
    pub events: Vec<Arc<PublishedEvent>>,
    /// The number behind which the next page begins.
    pub end: u64,
}

/// The newest events; their numbers have no holes.
pub(super) struct Recent {
    events: VecDeque<Arc<PublishedEvent>>,
    bytes: usize,
    events_max: usize,
    bytes_max: usize,
    last_seq: u64,
}

impl Recent {
    pub(super) fn new(events_max: usize, bytes_max: usize) -> Self {
        Self { events: VecDeque::new(), bytes: 0, events_max, bytes_max, last_seq: 0 }
    }

    /// Gives the event its number.
    pub(super) fn push(&mut self, event: RealtimeEvent, json: Bytes) -> Arc<PublishedEvent> {
        self.last_seq += 1;
        let published = Arc::new(PublishedEvent::new(self.last_seq, event, json));
        self.bytes += published.size_bytes();
        self.events.push_back(Arc::clone(&published));
        while self.events.len() > self.events_max || self.bytes > self.bytes_max {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.size_bytes();
        }
        published
    }

    /// The newest number.
    pub(super) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// The newest first, at most `count`.
    pub(super) fn newest(&self, count: usize) -> Vec<Arc<PublishedEvent>> {
        self.events.iter().rev().take(count).cloned().collect()
    }

    /// The events after this number, in order.
    pub(super) fn after(&self, seq: u64) -> Result<Vec<Arc<PublishedEvent>>, OutOfHistory> {
        self.page(seq, usize::MAX)
    }

    /// The first `count` events after this number, in order.
    pub(super) fn page(&self, seq: u64, count: usize) -> Result<Vec<Arc<PublishedEvent>>, OutOfHistory> {
        let oldest = self.oldest();
        if seq > self.last_seq || seq + 1 < oldest {
            return Err(OutOfHistory { oldest });
        }
        Ok(self.events.range((seq + 1 - oldest) as usize..).take(count).cloned().collect())
    }

    /// The first events after the one numbered `after`, up to the one numbered `until`.
    pub(super) fn span(&self, after: u64, until: u64) -> HistoryPage {
        let until = until.min(self.last_seq);
        let start = after.max(self.oldest() - 1).min(until.max(after));
        let mut bytes = 0;
        let mut has_room = |event: &&Arc<PublishedEvent>| {
            let is_first = bytes == 0;
            bytes += event.size_bytes();
            is_first || bytes <= PAGE_BYTES
        };
        let count = until.saturating_sub(start).min(PAGE_EVENTS) as usize;
        let first = (start + 1).saturating_sub(self.oldest()) as usize;
        let events: Vec<_> = self.events.iter().skip(first).take(count).take_while(|e| has_room(e)).cloned().collect();
        HistoryPage { missed: start.saturating_sub(after), end: start + events.len() as u64, events }
    }

    /// The number of the oldest event; of the next one, when there is none.
    pub(super) fn oldest(&self) -> u64 {
        self.last_seq + 1 - self.events.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::published::encode;
    use crate::events::test_events::event;

    fn push(recent: &mut Recent, name: &str) -> usize {
        let event = event(name);
        let json = encode(&event);
        recent.push(event, json).size_bytes()
    }

    fn numbers(events: Vec<Arc<PublishedEvent>>) -> Vec<u64> {
        events.iter().map(|event| event.seq).collect()
    }

    #[test]
    fn the_newest_stay_and_what_is_gone_is_told() {
        let mut recent = Recent::new(3, usize::MAX);
        assert_eq!(recent.after(0).map(numbers), Ok(vec![]));
        assert_eq!(recent.after(1).map(numbers), Err(OutOfHistory { oldest: 1 }));
        for _ in 0..5 {
            push(&mut recent, "x");
        }
        assert_eq!(numbers(recent.newest(2)), [5, 4]);
        assert_eq!(numbers(recent.newest(9)), [5, 4, 3]);
        assert_eq!(recent.after(2).map(numbers), Ok(vec![3, 4, 5]));
        assert_eq!(recent.after(5).map(numbers), Ok(vec![]));
        for unknown in [0, 1, 6, u64::MAX] {
            assert_eq!(recent.after(unknown).map(numbers), Err(OutOfHistory { oldest: 3 }), "{unknown}");
        }
    }

    #[test]
    fn the_history_is_read_page_by_page() {
        let mut recent = Recent::new(1000, usize::MAX);
        let nothing = |page: HistoryPage| (page.missed, page.events.len(), page.end) == (0, 0, 0);
        assert!(nothing(recent.span(0, 0)) && nothing(recent.span(0, 9)));
        for _ in 0..1500 {
            push(&mut recent, "x");
        }
        let (mut after, mut read, mut missed) = (100, Vec::new(), 0);
        while after < 1400 {
            let page = recent.span(after, 1400);
            assert!(page.events.len() <= 256 && page.end > after);
            (after, missed) = (page.end, missed + page.missed);
            read.extend(numbers(page.events));
        }
        assert_eq!((missed, read), (400, (501..=1400).collect()));
        let gone = recent.span(100, 300);
        assert_eq!((gone.missed, gone.events.len(), gone.end), (200, 0, 300), "not more than was asked for");
        assert!(recent.span(1500, 1500).events.is_empty() && recent.span(1400, 1300).events.is_empty());
        let long = "x".repeat(200 * 1024);
        for _ in 0..3 {
            push(&mut recent, &long);
        }
        assert_eq!(recent.span(1500, 1503).events.len(), 1, "what is long comes alone");
    }

    #[test]
    fn memory_is_bounded() {
        let mut recent = Recent::new(usize::MAX, 5000);
        let size_bytes = push(&mut recent, "x");
        for _ in 0..50 {
            push(&mut recent, "x");
        }
        assert_eq!(recent.newest(99).len(), 5000 / size_bytes);
        push(&mut recent, &"x".repeat(5000));
        assert!(recent.newest(99).is_empty() && recent.bytes == 0, "it alone is too much");
        assert_eq!(recent.after(52).map(numbers), Ok(vec![]));
        assert_eq!(recent.after(51).map(numbers), Err(OutOfHistory { oldest: 53 }));
        push(&mut recent, "x");
        assert_eq!(recent.after(52).map(numbers), Ok(vec![53]));
    }

    #[test]
    fn what_takes_little_json_and_much_memory_counts_as_much_memory() {
        let zeros: serde_json::Value = vec![0; 1000].into();
        let properties = [("a".to_owned(), zeros)].into();
        let event = RealtimeEvent { properties, ..event("x") };
        assert!(event.size_bytes() > 1000 * size_of::<serde_json::Value>());
    }
}
