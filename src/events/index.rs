//! The index of subscriptions: finds those that an event matches without asking the others.
//!
//! A subscription stands below its environment and each of its names, and there, if it has such a filter, below one
//! value that a property must have. An event asks for its environment and all; for its name, each word that it is below
//! and all; for the values of the properties that subscriptions found there look at. What that finds is asked for the
//! rest of its filters.

mod node;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use node::{Access, Node};

use super::event::RealtimeEvent;
use super::subscription::{NamePattern, Subscription};

/// A subscription in the index, and to whom its events go.
pub(super) struct Entry<T> {
    pub(super) subscription: Arc<Subscription>,
    /// Entries are found together by this, and in its order.
    pub(super) group: u64,
    pub(super) target: T,
    /// Rises with each entry.
    number: u64,
    access: Access,
}

/// All subscriptions.
pub(super) struct Index<T> {
    of_environment: HashMap<Box<str>, Names<T>>,
    of_all: Names<T>,
    last_number: u64,
    generation: u64,
}

struct Names<T> {
    exact: HashMap<Box<str>, Node<T>>,
    below: HashMap<Box<str>, Node<T>>,
    all: Node<T>,
}

impl<T> Index<T> {
    /// Of how many changes this is the outcome.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn insert(&mut self, subscription: Arc<Subscription>, group: u64, target: T) -> Arc<Entry<T>> {
        self.generation += 1;
        self.last_number += 1;
        let access = Access::of(&subscription);
        let entry = Arc::new(Entry { subscription, group, target, number: self.last_number, access });
        let names = match &entry.subscription.environment {
            Some(environment) => self.of_environment.entry(environment.as_str().into()).or_default(),
            None => &mut self.of_all,
        };
        for name in distinct_names(&entry.subscription) {
            names.node(name).insert(&entry);
        }
        entry
    }

    /// Takes an entry out; nothing of it stays.
    pub(super) fn remove(&mut self, entry: &Arc<Entry<T>>) {
        self.generation += 1;
        let environment = entry.subscription.environment.as_deref();
        let names = match environment {
            Some(environment) => self.of_environment.get_mut(environment),
            None => Some(&mut self.of_all),
        };
        let Some(names) = names else { return };
        for name in distinct_names(&entry.subscription) {
            names.remove(name, entry);
        }
        if let Some(environment) = environment.filter(|_| names.is_empty()) {
            remove_key(&mut self.of_environment, environment);
        }
    }

    /// The subscriptions that the event matches, by group and in the order in which they came.
    pub(super) fn matches(&self, event: &RealtimeEvent) -> Vec<Arc<Entry<T>>> {
        let mut found = Vec::new();
        let environment = self.of_environment.get(event.environment.as_str());
        for names in environment.into_iter().chain([&self.of_all]) {
            names.find(event, &mut found);
        }
        found.sort_unstable_by_key(|entry| (entry.group, entry.number));
        // Several names of one subscription may mean the event.
        found.dedup_by_key(|entry| entry.number);
        found.into_iter().cloned().collect()
    }

    /// How many places the index has for subscriptions, empty ones included.
    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        let of = |names: &Names<T>| {
            let maps = [&names.exact, &names.below];
            let nodes = maps.into_iter().flat_map(HashMap::values).chain([&names.all]);
            nodes.map(Node::places).sum::<usize>() + names.exact.capacity() + names.below.capacity()
        };
        self.of_environment.capacity() + self.of_environment.values().chain([&self.of_all]).map(of).sum::<usize>()
    }
}

impl<T> Entry<T> {
    /// Whether the event passes the filters, but for the one by which the entry was found.
    fn accepts(&self, event: &RealtimeEvent) -> bool {
        let filters = self.subscription.filters.iter().enumerate();
        filters.into_iter().all(|(at, filter)| self.access.filter() == Some(at) || filter.matches(&event.properties))
    }
}

impl<T> Names<T> {
    fn node(&mut self, name: NamePattern<'_>) -> &mut Node<T> {
        match name {
            NamePattern::All => &mut self.all,
            NamePattern::Below(word) => self.below.entry(word.into()).or_default(),
            NamePattern::Exact(word) => self.exact.entry(word.into()).or_default(),
        }
    }

    fn remove(&mut self, name: NamePattern<'_>, entry: &Arc<Entry<T>>) {
        let (nodes, word) = match name {
            NamePattern::All => return self.all.remove(entry),
            NamePattern::Below(word) => (&mut self.below, word),
            NamePattern::Exact(word) => (&mut self.exact, word),
        };
        let Some(node) = nodes.get_mut(word) else { return };
        node.remove(entry);
        if node.is_empty() {
            remove_key(nodes, word);
        }
    }

    fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.below.is_empty() && self.all.is_empty()
    }

    fn find<'a>(&'a self, event: &RealtimeEvent, found: &mut Vec<&'a Arc<Entry<T>>>) {
        self.all.find(event, found);
        if let Some(node) = self.exact.get(event.event.as_str()) {
            node.find(event, found);
        }
        if self.below.is_empty() {
            return;
        }
        for (end, _) in event.event.match_indices('.') {
            if let Some(node) = self.below.get(&event.event[..end]) {
                node.find(event, found);
            }
        }
    }
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self { of_environment: HashMap::new(), of_all: Names::default(), last_number: 0, generation: 0 }
    }
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { exact: HashMap::new(), below: HashMap::new(), all: Node::default() }
    }
}

/// Each name once; where all events are meant, that alone.
fn distinct_names(subscription: &Subscription) -> Vec<NamePattern<'_>> {
    let mut names: Vec<_> = subscription.names().collect();
    if names.contains(&NamePattern::All) {
        return vec![NamePattern::All];
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Takes a key out of a map, which gives memory back when little of it is used.
fn remove_key<K: Borrow<Q> + Eq + Hash, Q: Eq + Hash + ?Sized, V>(map: &mut HashMap<K, V>, key: &Q) {
    map.remove(key);
    if map.capacity() > 4 * map.len() {
        map.shrink_to(2 * map.len());
    }
}

#[cfg(test)]
mod tests;
