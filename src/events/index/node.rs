//! A node of the index: the subscriptions of one name, by a value that a property must have where they say one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Entry, remove_key};
use crate::events::event::RealtimeEvent;
use crate::events::filter::SubscriptionFilter;
use crate::events::operator::Operator;
use crate::events::property::{self, Scalar};
use crate::events::subscription::Subscription;

/// Most places that a subscription takes up in the index; one that would take more is asked each time.
const PLACES_MAX: usize = 1000;

/// By what a subscription is found.
pub(super) enum Access {
    /// By its name alone.
    Name,
    /// By one of these values of the property, which one of the filters asks for.
    Value { filter: usize, path: Box<str>, values: Vec<Scalar> },
}

pub(super) struct Node<T> {
    /// By path.
    of_value: HashMap<Box<str>, HashMap<Scalar, Entries<T>>>,
    of_any: Entries<T>,
}

type Entries<T> = Vec<Arc<Entry<T>>>;

impl Access {
    pub(super) fn of(subscription: &Subscription) -> Self {
        let names = subscription.events.len().max(1);
        let filters = subscription.filters.iter().enumerate();
        let mut values: Vec<_> =
            filters.filter_map(|(at, filter)| Some((at, filter, wanted_values(filter)?))).collect();
        values.retain(|(.., values)| values.len() * names <= PLACES_MAX);
        match values.into_iter().min_by_key(|(.., values)| values.len()) {
            Some((at, filter, values)) => Self::Value { filter: at, path: filter.property().into(), values },
            None => Self::Name,
        }
    }

    /// The filter that holds for whatever is found.
    pub(super) fn filter(&self) -> Option<usize> {
        match self {
            Self::Name => None,
            Self::Value { filter, .. } => Some(*filter),
        }
    }
}

/// The values of which the property must have one, when they can be looked up.
fn wanted_values(filter: &SubscriptionFilter) -> Option<Vec<Scalar>> {
    match filter.operator() {
        Operator::Equals => Some(vec![Scalar::of(filter.value())?]),
        Operator::In => {
            let values: Option<HashSet<_>> = filter.value().as_array()?.iter().map(Scalar::of).collect();
            Some(values?.into_iter().collect())
        }
        _ => None,
    }
}

impl<T> Node<T> {
    pub(super) fn insert(&mut self, entry: &Arc<Entry<T>>) {
        match &entry.access {
            Access::Name => self.of_any.push(Arc::clone(entry)),
            Access::Value { path, values, .. } => {
                for value in values {
                    let of_path = self.of_value.entry(path.clone()).or_default();
                    of_path.entry(value.clone()).or_default().push(Arc::clone(entry));
                }
            }
        }
    }

    pub(super) fn remove(&mut self, entry: &Arc<Entry<T>>) {
        let Access::Value { path, values, .. } = &entry.access else { return remove_from(&mut self.of_any, entry) };
        let Some(of_path) = self.of_value.get_mut(path) else { return };
        for value in values {
            let Some(entries) = of_path.get_mut(value) else { continue };
            remove_from(entries, entry);
            if entries.is_empty() {
                remove_key(of_path, value);
            }
        }
        if of_path.is_empty() {
            remove_key(&mut self.of_value, path);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.of_any.is_empty() && self.of_value.is_empty()
    }

    /// Appends the entries whose filters the event passes.
    pub(super) fn find<'a>(&'a self, event: &RealtimeEvent, found: &mut Vec<&'a Arc<Entry<T>>>) {
        found.extend(self.of_any.iter().filter(|entry| entry.accepts(event)));
        for (path, of_path) in &self.of_value {
            let value = property::find(&event.properties, path).and_then(Scalar::of);
            let entries = value.and_then(|value| of_path.get(&value));
            found.extend(entries.into_iter().flatten().filter(|entry| entry.accepts(event)));
        }
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        let of_path =
            |values: &HashMap<_, Vec<_>>| values.capacity() + values.values().map(Vec::capacity).sum::<usize>();
        self.of_any.capacity() + self.of_value.capacity() + self.of_value.values().map(of_path).sum::<usize>()
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { of_value: HashMap::new(), of_any: Vec::new() }
    }
}

/// Takes an entry out of a list, which gives memory back when little of it is used.
fn remove_from<T>(entries: &mut Entries<T>, entry: &Arc<Entry<T>>) {
    if let Some(at) = entries.iter().position(|other| Arc::ptr_eq(other, entry)) {
        entries.swap_remove(at);
    }
    if entries.capacity() > 4 * entries.len() {
        entries.shrink_to(2 * entries.len());
    }
}
