//! Events for the tests of this module.

use std::collections::HashMap;

use chrono::DateTime;
use serde_json::Value;

use super::RealtimeEvent;

/// An event of this name without properties.
pub(super) fn event(name: &str) -> RealtimeEvent {
    RealtimeEvent {
        id: "1".to_owned(),
        event: name.to_owned(),
        distinct_id: "user-1".to_owned(),
        timestamp: DateTime::from_timestamp_micros(1_700_000_000_250_000).unwrap(),
        properties: HashMap::new(),
        session_id: None,
        environment: "production".to_owned(),
    }
}

/// An event of this name with the properties of a JSON object.
pub(super) fn event_with(name: &str, properties: Value) -> RealtimeEvent {
    RealtimeEvent { properties: serde_json::from_value(properties).unwrap(), ..event(name) }
}
