//! What a reader says over its connection: which events it wants from now on.

use serde::Deserialize;
use serde_json::Value;

use super::filter::SubscriptionFilter;
use super::subscription::{DEFAULT_SUBSCRIPTION, Subscription};

/// One message of a reader: a JSON object, told apart by `type`, without keys that are not known.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Word")]
pub enum Command {
    /// Adds a subscription, or replaces the one of the same id.
    Subscribe {
        /// Which events are meant; whether that can be is not said yet: see [`Subscription::check`].
        subscription: Subscription,
        /// The place of an event, after which it is to begin; now, when none is given.
        after: Option<String>,
    },
    /// Ends a subscription.
    Unsubscribe {
        /// Its id.
        id: String,
    },
    /// Asks for the server's time.
    Ping {
        /// What comes back with it.
        echo: Value,
    },
}

/// A command as it is written: where no id is given, the default subscription is meant.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Word {
    Subscribe {
        id: Option<String>,
        #[serde(default)]
        events: Vec<String>,
        #[serde(default)]
        filters: Vec<SubscriptionFilter>,
        #[serde(default)]
        include_person: bool,
        environment: Option<String>,
        after: Option<String>,
    },
    Unsubscribe {
        id: Option<String>,
    },
    Ping {
        #[serde(default)]
        echo: Value,
    },
}

impl Command {
    /// The values of `type`, for messages.
    pub const TYPES: &str = "subscribe, unsubscribe or ping";

    /// The id in a message that is no command, so that its sender can be told which it was.
    pub fn id_in(text: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        serde_json::from_str(text).ok().map(|Named { id }| id)
    }
}

impl From<Word> for Command {
    fn from(word: Word) -> Self {
        let or_default = |id: Option<String>| id.unwrap_or_else(|| DEFAULT_SUBSCRIPTION.to_owned());
        match word {
            Word::Subscribe { id, events, filters, include_person, environment, after } => {
                let subscription = Subscription { id: or_default(id), events, filters, include_person, environment };
                Self::Subscribe { subscription, after }
            }
            Word::Unsubscribe { id } => Self::Unsubscribe { id: or_default(id) },
            Word::Ping { echo } => Self::Ping { echo },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_out_is_the_default() {
        let read = |text: &str| serde_json::from_str::<Command>(text).unwrap();
        let plain = Command::Subscribe { subscription: Subscription::default(), after: None };
        assert_eq!(read(r#"{"type":"subscribe"}"#), plain);
        let whole = r#"{"after":"x","filters":[{"property":"a.b","operator":"in","value":[1]}],"environment":"e",
            "include_person":true,"events":["daemon.*"],"id":"a","type":"subscribe"}"#;
        let subscription = Subscription {
            id: "a".into(),
            events: vec!["daemon.*".into()],
            filters: vec![SubscriptionFilter::new("a.b", "in", json!([1])).unwrap()],
            include_person: true,
            environment: Some("e".into()),
        };
        assert_eq!(read(whole), Command::Subscribe { subscription, after: Some("x".into()) });
        assert_eq!(read(r#"{"type":"unsubscribe"}"#), Command::Unsubscribe { id: "default".into() });
        assert_eq!(read(r#"{"type":"ping","echo":{"a":1}}"#), Command::Ping { echo: json!({"a": 1}) });
        assert_eq!(read(r#"{"type":"ping"}"#), Command::Ping { echo: Value::Null });
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, names) in [
            (r#"{"type":"dance","id":"a"}"#, "`dance`"),
            (r#"{"type":"subscribe","id":"a","event":["x"]}"#, "`event`"),
            (r#"{"type":"unsubscribe","id":"a","events":["x"]}"#, "`events`"),
            (r#"{"type":"subscribe","id":"a","filters":[{"property":"p","operator":"like","value":1}]}"#, "like"),
            (
                r#"{"type":"subscribe","id":"a","filters":[{"property":"p","operator":"equals","values":1}]}"#,
                "`values`",
            ),
            (r#"{"id":"a"}"#, "`type`"),
        ] {
            let error = serde_json::from_str::<Command>(text).unwrap_err().to_string();
            assert!(error.contains(names), "{text}: {error}");
            assert_eq!(Command::id_in(text).as_deref(), Some("a"));
        }
        for text in [r#"{"id":7}"#, "[]", "{", r#"{"type":"ping"}"#] {
            assert_eq!(Command::id_in(text), None, "{text}");
        }
    }
}
