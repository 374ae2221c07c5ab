//! The event: what happened, to whom, when, with which properties.

use std::collections::HashMap;
use std::mem::size_of;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an entry of a map takes beyond its key and value, in bytes: a measure, as maps keep some room.
const MAP_ENTRY_BYTES: usize = 16;

/// Something that happened in the lab or on one of its pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RealtimeEvent {
    /// Names this event and no other, so that one that is sent twice counts once.
    pub id: String,
    /// What happened: words with dots between, from the general to the particular, such as `daemon.state`.
    pub event: String,
    /// Who did it, or to whom it happened.
    pub distinct_id: String,
    /// When, in RFC 3339 on the wire.
    pub timestamp: DateTime<Utc>,
    /// What else is known.
    pub properties: HashMap<String, Value>,
    /// The visit that it belongs to.
    pub session_id: Option<String>,
    /// The installation that it comes from, such as `production`.
    pub environment: String,
}

impl RealtimeEvent {
    /// Memory that the event holds, in bytes: a measure to bound with, right to a factor of about two.
    pub fn size_bytes(&self) -> usize {
        let texts = [&self.id, &self.event, &self.distinct_id, &self.environment].into_iter().chain(&self.session_id);
        let properties = self.properties.iter().map(|(key, value)| entry_bytes(key, value));
        size_of::<Self>() + texts.map(String::len).sum::<usize>() + properties.sum::<usize>()
    }
}

fn entry_bytes(key: &str, value: &Value) -> usize {
    MAP_ENTRY_BYTES + size_of::<String>() + key.len() + value_bytes(value)
}

fn value_bytes(value: &Value) -> usize {
    let held = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(value_bytes).sum(),
        Value::Object(entries) => entries.iter().map(|(key, value)| entry_bytes(key, value)).sum(),
    };
    size_of::<Value>() + held
}
