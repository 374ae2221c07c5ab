//! What a window tells: counts, rates, users, and the values that came most often.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::tally::Counts;
use super::unique::UniqueUsers;

/// Values of a property that a summary lists.
const TOP_MAX: usize = 10;

/// The events of a window that ends now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Seconds of the window, the one that has just begun among them.
    pub window_secs: u64,
    /// Events.
    pub total: u64,
    /// Events per second, over the time of the window that there has been so far; never over less than a second.
    pub rate_per_sec: f64,
    /// Events by name. Those that found no place for their name are under [`super::OTHER`].
    pub counts: HashMap<String, u64>,
    /// How many found no place for their name.
    pub unnamed: u64,
    /// Users.
    pub unique_users: UniqueUsers,
    /// The values that came most often, by property.
    pub top_values: BTreeMap<String, TopValues>,
}

/// The values of a property that came most often.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TopValues {
    /// Up to ten, the most frequent first, equals by name.
    pub values: Vec<ValueCount>,
    /// How many found no place for their value, and may hide one that belongs here.
    pub unnamed: u64,
}

/// How often a value came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// The value.
    pub value: String,
    /// How often.
    pub count: u64,
}

impl TopValues {
    pub(super) fn of(counts: Counts) -> Self {
        let mut named = counts.named;
        named.sort_unstable_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
        named.truncate(TOP_MAX);
        let values = named.into_iter().map(|(value, count)| ValueCount { value: value.as_ref().to_owned(), count });
        Self { values: values.collect(), unnamed: counts.unnamed }
    }
}
