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

    /// The JSON object of a delivery: the event, the subscriptions that it is delivered for, and what is known of its
    /// person, if that is given. The event is not encoded again.
    pub fn delivery_json<P: Serialize>(&self, subscription_ids: &[String], person: Option<&P>) -> Vec<u8> {
        let open = self.json.strip_suffix(b"}").unwrap_or(&self.json);
        let mut out = Vec::with_capacity(open.len() + 64);
        out.extend_from_slice(open);
        append(&mut out, "subscription_ids", &subscription_ids);
        if let Some(person) = person {
            append(&mut out, "person", person);
        }
        out.push(b'}');
        out
    }
}

/// Appends a member to an object that has one already; nothing, when the value cannot be encoded.
fn append(out: &mut Vec<u8>, name: &str, value: &impl Serialize) {
    let before = out.len();
    out.extend_from_slice(format!(",\"{name}\":").as_bytes());
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(before);
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
        let ids = ["a".to_owned(), "\"".to_owned()];
        expected["subscription_ids"] = json!(ids);
        let read = |json: Vec<u8>| serde_json::from_slice::<Value>(&json).unwrap();
        assert_eq!(read(published.delivery_json(&ids, None::<&()>)), expected);
        expected["person"] = json!({"distinct_id": "user-1"});
        assert_eq!(read(published.delivery_json(&ids, Some(&json!({"distinct_id": "user-1"})))), expected);
    }
}
