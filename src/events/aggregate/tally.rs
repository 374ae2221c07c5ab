//! How often each of a bounded number of names came, second by second.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Where what is counted without its name stands among the names.
pub const OTHER: &str = "other";

/// What a tally keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct TallyBounds {
    /// Names at a time; what comes under another is counted without its name.
    pub names_max: usize,
    /// Longest name in bytes; what has a longer one is counted without it.
    pub name_bytes_max: usize,
    /// Seconds that are kept.
    pub remembered_secs: u32,
}

/// Counts of names per second. A name gives up its place when it did not come for as long as seconds are kept.
///
/// Memory: the names, and 8 bytes for each second and name that came in it.
pub(super) struct Tally {
    places: HashMap<Arc<str>, u16>,
    names: Vec<Name>,
    free: Vec<u16>,
    seconds: VecDeque<Second>,
    bounds: TallyBounds,
}

struct Name {
    name: Arc<str>,
    /// Over the seconds that are kept.
    count: u64,
    /// The last second in which it came, and where it stands there.
    last: (u32, usize),
}

struct Second {
    second: u32,
    counts: Vec<(u16, u32)>,
    unnamed: u32,
}

/// The counts of one window.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// By name, without order.
    pub named: Vec<(Arc<str>, u64)>,
    /// What found no place for its name.
    pub unnamed: u64,
}

impl Counts {
    /// Everything that came.
    pub(super) fn total(&self) -> u64 {
        self.unnamed + self.named.iter().map(|(_, count)| count).sum::<u64>()
    }

    /// By name, what has none under [`OTHER`].
    pub(super) fn into_map(self) -> HashMap<String, u64> {
        let mut map: HashMap<String, u64> =
            self.named.into_iter().map(|(name, count)| (name.as_ref().to_owned(), count)).collect();
        if self.unnamed > 0 {
            *map.entry(OTHER.to_owned()).or_default() += self.unnamed;
        }
        map
    }
}

impl Tally {
    /// Nothing yet. There are at most 65 535 names, whatever `bounds` say.
    pub(super) fn new(bounds: TallyBounds) -> Self {
        let names_max = bounds.names_max.min(usize::from(u16::MAX));
        Self {
            places: HashMap::new(),
            names: Vec::new(),
            free: Vec::new(),
            seconds: VecDeque::new(),
            bounds: TallyBounds { names_max, ..bounds },
        }
    }

    /// One more came under this name. Seconds never fall from call to call.
    pub(super) fn insert(&mut self, name: &str, second: u32) {
        self.expire(second);
        let place = self.place_of(name);
        let newest = newest_second(&mut self.seconds, second);
        let Some(place) = place else {
            newest.unnamed += 1;
            return;
        };
        let entry = &mut self.names[usize::from(place)];
        if entry.count == 0 || entry.last.0 != second {
            entry.last = (second, newest.counts.len());
            newest.counts.push((place, 0));
        }
        newest.counts[entry.last.1].1 += 1;
        entry.count += 1;
    }

    /// Drops the seconds before the longest window that ends in the second `now`.
    pub(super) fn expire(&mut self, now: u32) {
        let kept = self.bounds.remembered_secs;
        while let Some(gone) = self.seconds.pop_front_if(|oldest| oldest.second + kept <= now) {
            for (place, count) in gone.counts {
                self.give_back(place, count);
            }
        }
    }

    /// What came in the second `from` and after it.
    pub(super) fn since(&self, from: u32) -> Counts {
        let mut sums = vec![0; self.names.len()];
        let mut unnamed = 0;
        for second in self.seconds.iter().rev().take_while(|second| second.second >= from) {
            unnamed += u64::from(second.unnamed);
            for &(place, count) in &second.counts {
                sums[usize::from(place)] += u64::from(count);
            }
        }
        let came = self.names.iter().zip(sums).filter(|&(_, sum)| sum > 0);
        Counts { named: came.map(|(name, sum)| (Arc::clone(&name.name), sum)).collect(), unnamed }
    }

    /// How often this name came in the second `from` and after it.
    pub(super) fn count_since(&self, name: &str, from: u32) -> u64 {
        let Some(place) = self.places.get(name) else { return 0 };
        let recent = self.seconds.iter().rev().take_while(|second| second.second >= from);
        recent.flat_map(|second| &second.counts).filter(|(at, _)| at == place).map(|&(_, count)| u64::from(count)).sum()
    }

    /// The place of this name, a new one when there is room.
    fn place_of(&mut self, name: &str) -> Option<u16> {
        if let Some(place) = self.places.get(name) {
            return Some(*place);
        }
        if name.len() > self.bounds.name_bytes_max || self.places.len() >= self.bounds.names_max {
            return None;
        }
        let entry = Name { name: Arc::from(name), count: 0, last: (0, 0) };
        let shared = Arc::clone(&entry.name);
        let place = match self.free.pop() {
            Some(place) => {
                self.names[usize::from(place)] = entry;
                place
            }
            None => {
                self.names.push(entry);
                (self.names.len() - 1) as u16
            }
        };
        self.places.insert(shared, place);
        Some(place)
    }

    fn give_back(&mut self, place: u16, count: u32) {
        let entry = &mut self.names[usize::from(place)];
        entry.count -= u64::from(count);
        if entry.count == 0 {
            self.places.remove(&entry.name);
            self.free.push(place);
        }
    }
}

fn newest_second(seconds: &mut VecDeque<Second>, second: u32) -> &mut Second {
    if seconds.back().is_none_or(|newest| newest.second != second) {
        seconds.push_back(Second { second, counts: Vec::new(), unnamed: 0 });
    }
    let newest = seconds.len() - 1;
    &mut seconds[newest]
}
