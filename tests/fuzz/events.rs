//! Fuzz body for what clients say of events: no text panics as a command, a captured event or a filter; what is accepted is
//! delivered to whom a plain look finds that it is for, and a filter is written as a text that reads as the same.
//!
//! A plain function for libFuzzer and for the seeded runs of `make test`.

use std::collections::HashMap;

use photophone::clock::SystemClock;
use photophone::events::{
    CapturedEvent, Command, Delivery, Events, EventsSettings, HubSettings, RealtimeEvent, Sender, Subscription,
    SubscriptionFilter,
};
use serde_json::{Value, json};

/// The events of a lab in which few are kept.
pub(crate) struct Bench {
    events: Events,
    /// Reaches many filters.
    sample: RealtimeEvent,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let hub = HubSettings { recent_events: 2, ..HubSettings::default() };
        let settings = EventsSettings { environment: "production".to_owned(), hub, user_timeout_secs: 60 };
        let events = Events::new(settings, SystemClock::shared());
        let properties: HashMap<String, Value> =
            [("n", json!(3)), ("a", json!({"b": "xyz", "c": [1, null]})), ("a.d", json!(null))]
                .map(|(key, value)| (key.to_owned(), value))
                .into();
        let sample = RealtimeEvent {
            id: "1".to_owned(),
            event: "note.made".to_owned(),
            distinct_id: "ada".to_owned(),
            timestamp: events.now(),
            properties,
            session_id: None,
            environment: "production".to_owned(),
        };
        Self { events, sample }
    }

    /// Reads `data` as each of them.
    pub(crate) fn events(&self, data: &[u8]) {
        let Ok(text) = std::str::from_utf8(data) else { return };
        if let Ok(Command::Subscribe { subscription, .. }) = serde_json::from_str(text) {
            self.deliver(&subscription, &self.sample);
        }
        if let Ok(event) = serde_json::from_str::<CapturedEvent>(text) {
            self.take(event);
        }
        if let Ok(filter) = serde_json::from_str::<SubscriptionFilter>(text) {
            let written = serde_json::to_string(&filter).unwrap();
            let read: SubscriptionFilter = serde_json::from_str(&written).unwrap();
            assert_eq!(read.matches(&self.sample.properties), filter.matches(&self.sample.properties), "{written}");
        }
    }

    fn take(&self, event: CapturedEvent) {
        let sender = Sender { subject: "ada", is_admin: false };
        let Ok(event) = event.accept(sender, "production", self.events.now()) else { return };
        assert!(event.distinct_id == "ada" && !event.event.contains('*'), "{event:?}");
        let named = Subscription { events: vec![event.event.clone()], ..Subscription::default() };
        self.deliver(&named, &event);
        let written = serde_json::to_vec(&event).unwrap();
        assert_eq!(serde_json::from_slice::<RealtimeEvent>(&written).unwrap(), event);
    }

    /// What can be subscribed to is delivered when a plain look says that it is meant.
    fn deliver(&self, subscription: &Subscription, event: &RealtimeEvent) {
        let mut subscriber = self.events.hub().connect();
        if subscriber.set(subscription.clone()).is_err() {
            return;
        }
        self.events.hub().publish_now(event.clone());
        let is_told = matches!(subscriber.try_recv(), Some(Delivery::Event { .. }));
        assert_eq!(is_told, subscription.matches(event), "{subscription:?} {event:?}");
    }
}

/// Commands, events and filters of all kinds.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let seeds = [
        r#"{"type":"subscribe","id":"a","events":["note.*","daemon.state"],"include_person":true,"after":"x:1"}"#,
        r#"{"type":"subscribe","environment":"production","filters":[{"property":"n","operator":"gte","value":2.5}]}"#,
        r#"{"type":"subscribe","filters":[{"property":"a.b","operator":"regex","value":"^x(y|z){2,9}$"}]}"#,
        r#"{"type":"subscribe","events":["*"],"filters":[{"property":"a.c","operator":"contains","value":null}]}"#,
        r#"{"type":"unsubscribe","id":"a"}"#,
        r#"{"type":"ping","echo":{"sent":[1,2.5,null,"x"]}}"#,
        r#"{"event":"note.made","id":"7","properties":{"a":{"b":[[[[1]]]]},"n":1e300},"session_id":"s"}"#,
        r#"{"event":"daemon.state","distinct_id":"bob","timestamp":"2026-01-01T00:00:00.5+02:00","environment":"e"}"#,
        r#"{"property":"n","operator":"in","value":[1,3,"x"]}"#,
        r#"{"property":"a.d","operator":"is_set"}"#,
        r#"{"property":"a.b","operator":"starts_with","value":"\u0078y"}"#,
        r#"{"property":"n","operator":"equals","value":3.0}"#,
    ];
    seeds.map(|seed| seed.as_bytes().to_vec()).into()
}
