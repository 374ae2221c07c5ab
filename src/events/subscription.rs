//! A subscription: which events somebody wants to see.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::event::RealtimeEvent;
use super::filter::SubscriptionFilter;
use super::operator::Operator;
use crate::text;

/// The id of a subscription that was given none.
pub const DEFAULT_SUBSCRIPTION: &str = "default";

/// Most names of events in a subscription.
const NAMES_MAX: usize = 100;

/// Longest id, in bytes: it stands in each delivery.
const ID_BYTES_MAX: usize = 64;

/// Longest name of an event and environment, in bytes.
const WORD_BYTES_MAX: usize = 200;

/// Most filters of a subscription.
const FILTERS_MAX: usize = 20;

/// Which events somebody wants to see: those with one of the names, in the environment, for which all filters hold.
///
/// A name is exact (`daemon.state`), or all below a word (`daemon.*`: at any depth, but not `daemon` itself), or all
/// (`*`). It may be made of anything; [`Self::check`] says whether it can be meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subscription {
    /// Names it among those of its connection.
    pub id: String,
    /// Names of events; none is all.
    pub events: Vec<String>,
    /// Conditions, all of which must hold.
    pub filters: Vec<SubscriptionFilter>,
    /// Whether each event is to tell what is known of its person.
    pub include_person: bool,
    /// The one environment; all, when there is none.
    pub environment: Option<String>,
}

/// Why a subscription cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SubscriptionError {
    /// A star stands where none may.
    #[error(
        "events: {0:?} is no name: a star stands alone (*) or after the last dot (daemon.*), for all that is below"
    )]
    Star(String),
    /// There are too many names.
    #[error("events: {0} names, at most {NAMES_MAX} in a subscription")]
    TooManyNames(usize),
    /// There are too many filters.
    #[error("filters: {0} of them, at most {FILTERS_MAX} in a subscription")]
    TooManyFilters(usize),
    /// A word is empty or too long.
    #[error("{key}: {word:?} must have 1 to {bytes_max} bytes")]
    Word {
        /// Where it stands.
        key: &'static str,
        /// The word, cut when long.
        word: String,
        /// As many as it may have.
        bytes_max: usize,
    },
    /// The connection has as many as it may.
    #[error("{0} subscriptions on this connection, as many as there may be; replace one by its id, or end one")]
    TooManyOfConnection(usize),
    /// The connection has as many patterns as it may.
    #[error("filters: at most {0} with operator regex in all subscriptions of a connection; end one that has them")]
    TooManyPatterns(usize),
}

impl Default for Subscription {
    /// All events.
    fn default() -> Self {
        Self {
            id: DEFAULT_SUBSCRIPTION.to_owned(),
            events: Vec::new(),
            filters: Vec::new(),
            include_person: false,
            environment: None,
        }
    }
}

impl Subscription {
    /// Whether the names can be meant and everything is within its bounds.
    ///
    /// # Errors
    /// [`SubscriptionError`], which says what is wrong and what would be right.
    pub fn check(&self) -> Result<(), SubscriptionError> {
        check_word("id", &self.id, ID_BYTES_MAX)?;
        if let Some(environment) = &self.environment {
            check_word("environment", environment, WORD_BYTES_MAX)?;
        }
        if self.events.len() > NAMES_MAX {
            return Err(SubscriptionError::TooManyNames(self.events.len()));
        }
        for name in &self.events {
            check_word("events", name, WORD_BYTES_MAX)?;
            NamePattern::parse(name).ok_or_else(|| SubscriptionError::Star(text::shown(name)))?;
        }
        match self.filters.len() {
            0..=FILTERS_MAX => Ok(()),
            more => Err(SubscriptionError::TooManyFilters(more)),
        }
    }

    /// Whether the event is one of those. A name in which a star stands where none may is nobody's.
    pub fn matches(&self, event: &RealtimeEvent) -> bool {
        self.environment.as_ref().is_none_or(|environment| *environment == event.environment)
            && self.names().any(|name| name.is_of(&event.event))
            && self.filters.iter().all(|filter| filter.matches(&event.properties))
    }

    /// The names that can be meant; all events, when none stands here.
    pub(super) fn names(&self) -> impl Iterator<Item = NamePattern<'_>> {
        let all = self.events.is_empty().then_some(NamePattern::All);
        all.into_iter().chain(self.events.iter().filter_map(|name| NamePattern::parse(name)))
    }

    /// How many patterns were compiled for it.
    pub(super) fn patterns(&self) -> usize {
        self.filters.iter().filter(|filter| filter.operator() == Operator::Regex).count()
    }
}

fn check_word(key: &'static str, word: &str, bytes_max: usize) -> Result<(), SubscriptionError> {
    let is_right = !word.is_empty() && word.len() <= bytes_max;
    if is_right { Ok(()) } else { Err(SubscriptionError::Word { key, word: text::shown(word), bytes_max }) }
}

/// Which names of events are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NamePattern<'a> {
    All,
    /// Those that go on with a dot after this.
    Below(&'a str),
    Exact(&'a str),
}

impl<'a> NamePattern<'a> {
    /// None when a star stands where none may.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        if name == "*" {
            return Some(Self::All);
        }
        let (word, is_below) = name.strip_suffix(".*").map_or((name, false), |word| (word, true));
        match (word.contains('*'), is_below) {
            (false, true) if !word.is_empty() => Some(Self::Below(word)),
            (false, false) => Some(Self::Exact(word)),
            _ => None,
        }
    }

    fn is_of(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Below(word) => name.strip_prefix(word).is_some_and(|rest| rest.starts_with('.')),
            Self::Exact(word) => word == name,
        }
    }
}

#[cfg(test)]
#[path = "subscription_tests.rs"]
mod tests;
