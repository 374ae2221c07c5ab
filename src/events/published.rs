//! An event that was published: numbered, and encoded once for all who get it.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use super::event::RealtimeEvent;

/// An event as the hub has it; shared by all who get it.
#[derive(Debug)]
pub struct PublishedEvent {
    /// Its number in this run of the program: 1 for the first, one more for each that follows.
    pub seq: u64,
    /// The event.
    pub event: RealtimeEvent,
    /// The event as a JSON object, encoded once.
    pub json: Bytes,
    size_bytes: usize,
}

impl PublishedEvent {
    /// The event under this number, with its JSON as [`encode`] makes it.
    pub(super) fn new(seq: u64, event: RealtimeEvent, json: Bytes) -> Self {
        let size_bytes = event.size_bytes() + json.len();
        Self { seq, event, json, size_bytes }
    }

    /// Memory that it holds, in bytes: a measure, as of [`RealtimeEvent::size_bytes`].
    pub fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// The JSON object of a delivery in two pieces: the members of the event, which is not encoded again, and behind them
    /// those of `beside`, an object that has some.
    pub fn delivery_json(&self, beside: &impl Serialize) -> (&[u8], Vec<u8>) {
        let open = self.json.strip_suffix(b"}").unwrap_or(&self.json);
        // Written over the brace that begins it; our own types cannot fail to serialise into memory.
        let mut rest = serde_json::to_vec(beside).unwrap_or_default();
        match rest.first_mut() {
            Some(first) => *first = b',',
            None => rest.push(b'}'),
        }
        (open, rest)
    }
}

/// The event as a JSON object.
#[expect(clippy::expect_used, reason = "its keys are texts and its numbers finite, and memory takes any length")]
pub(super) fn encode(event: &RealtimeEvent) -> Bytes {
    serde_json::to_vec(event).expect("an event is always JSON").into()
}

/// What a subscriber receives.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// An event, once for a connection, however many of its subscriptions mean it.
    Event {
        /// The event.
        event: Arc<PublishedEvent>,
        /// The ids of these subscriptions.
        subscription_ids: Arc<[String]>,
        /// Whether one of them wants to be told of the person.
        include_person: bool,
    },
    /// Events that did not fit into the queue of this connection: those before the next that it receives.
    Lagged {
        /// How many.
        missed: u64,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::events::test_events::event_with;

    #[test]
    fn a_delivery_is_the_event_with_its_subscriptions() {
        let event = event_with("a \"quoted\" name}", json!({"x": {"y": "}"}}));
        let published = PublishedEvent::new(7, event.clone(), encode(&event));
        let mut expected = serde_json::to_value(&event).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&published.json).unwrap(), expected);
        let beside = json!({"subscription_ids": ["a", "\""], "person": {"distinct_id": "user-1"}});
        expected.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
        let (event, rest) = published.delivery_json(&beside);
        assert_eq!(serde_json::from_slice::<Value>(&[event, &rest].concat()).unwrap(), expected);
    }
}
