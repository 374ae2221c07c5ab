//! What clients may publish: each event held to its bounds, and to who sent it.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use super::event::RealtimeEvent;
use crate::text::cut;

/// Longest id, name, user, session and environment, in bytes.
const WORD_BYTES_MAX: usize = 200;

/// Longest properties as JSON, in bytes.
const PROPERTIES_BYTES_MAX: usize = 32 * 1024;

/// How deep properties may lie within each other.
const DEPTH_MAX: usize = 8;

/// By how much the clock of who sends may be ahead of the server's.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(5);

/// How late an event may come: a page that was without network sends what it kept.
const LATE_MAX: TimeDelta = TimeDelta::hours(24);

/// First words of names that the server alone gives: nobody else may say that a device was lost.
const OWN_WORDS: [&str; 8] = ["auth", "config", "daemon", "server", "source", "stream", "user", "viewer"];

/// An event as a client sends it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `event` and what else is known of it")]
pub struct CapturedEvent {
    /// Made up by the server, when it is missing; who sends an event again gives it the same.
    pub id: Option<String>,
    /// Its name.
    pub event: String,
    /// Whom it is of; who sends it, when it is missing.
    pub distinct_id: Option<String>,
    /// When it happened; now, when it is missing.
    pub timestamp: Option<DateTime<Utc>>,
    /// What else is known.
    #[serde(default)]
    pub properties: HashMap<String, Value>,
    /// The visit that it belongs to.
    pub session_id: Option<String>,
    /// The installation; that of the server, when it is missing.
    pub environment: Option<String>,
}

/// Who sends events.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// Whom the token is for.
    pub subject: &'a str,
    /// May speak for others, and as the server does.
    pub is_admin: bool,
}

/// Why an event is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CaptureError {
    /// A word is empty, too long, or holds what is no text.
    #[error("{key}: {word:?} must have 1 to {WORD_BYTES_MAX} bytes and no control characters")]
    Word {
        /// Where it stands.
        key: &'static str,
        /// The word, cut when long.
        word: String,
    },
    /// The name has a star.
    #[error("event: {0:?} has a star, which stands for several names in subscriptions")]
    Star(String),
    /// The name could not be asked for.
    #[error("event: {0:?} has a comma or begins or ends with a blank, which lists of names cannot have")]
    Unlistable(String),
    /// The name is one of the server's own.
    #[error("event: names that begin with {0}. are the server's own; give it another first word")]
    OwnName(String),
    /// It is of somebody else.
    #[error("distinct_id: {0:?} is not who the token is for; leave it out, or use a token with the scope admin")]
    Foreign(String),
    /// It happened too long ago, or will.
    #[error("timestamp: {told} is not within 24 hours before and 5 minutes after the server's time, {now}")]
    Time {
        /// When it is said to have happened.
        told: DateTime<Utc>,
        /// Now, as the server knows it.
        now: DateTime<Utc>,
    },
    /// The properties are too much.
    #[error("properties: {0} bytes of JSON, at most {PROPERTIES_BYTES_MAX}")]
    TooLarge(usize),
    /// The properties lie too deep.
    #[error("properties: more than {DEPTH_MAX} objects or arrays within each other")]
    TooDeep,
}

impl CaptureError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Word { .. } | Self::Star(_) | Self::Unlistable(_) => "event_word_invalid",
            Self::OwnName(_) => "event_name_reserved",
            Self::Foreign(_) => "distinct_id_foreign",
            Self::Time { .. } => "timestamp_out_of_range",
            Self::TooLarge(_) | Self::TooDeep => "properties_too_large",
        }
    }
}

impl CapturedEvent {
    /// The event, sent by `sender` to the server of this environment at `now`.
    ///
    /// # Errors
    /// [`CaptureError`]: what is wrong with it.
    pub fn accept(
        self,
        sender: Sender<'_>,
        environment: &str,
        now: DateTime<Utc>,
    ) -> Result<RealtimeEvent, CaptureError> {
        let Self { id, event, distinct_id, timestamp, properties, session_id, environment: given } = self;
        for (key, word) in [
            ("id", id.as_ref()),
            ("event", Some(&event)),
            ("distinct_id", distinct_id.as_ref().filter(|id| *id != sender.subject)),
            ("session_id", session_id.as_ref()),
            ("environment", given.as_ref()),
        ] {
            word.map_or(Ok(()), |word| check_word(key, word))?;
        }
        check_name(&event, sender)?;
        check_properties(&properties)?;
        let foreign = distinct_id.as_ref().filter(|id| *id != sender.subject && !sender.is_admin);
        if let Some(id) = foreign {
            return Err(CaptureError::Foreign(cut(id).into_owned()));
        }
        Ok(RealtimeEvent {
            id: id.unwrap_or_else(|| Uuid::new_v4().to_string()),
            event,
            distinct_id: distinct_id.unwrap_or_else(|| sender.subject.to_owned()),
            timestamp: timestamp.map_or(Ok(now), |told| check_time(told, now))?,
            properties,
            session_id,
            environment: given.unwrap_or_else(|| environment.to_owned()),
        })
    }
}

fn check_word(key: &'static str, word: &str) -> Result<(), CaptureError> {
    let is_right = (1..=WORD_BYTES_MAX).contains(&word.len()) && !word.chars().any(char::is_control);
    if is_right { Ok(()) } else { Err(CaptureError::Word { key, word: cut(word).into_owned() }) }
}

fn check_name(event: &str, sender: Sender<'_>) -> Result<(), CaptureError> {
    if event.contains('*') {
        return Err(CaptureError::Star(event.to_owned()));
    }
    if event.contains(',') || event.trim() != event {
        return Err(CaptureError::Unlistable(event.to_owned()));
    }
    match event.split_once('.') {
        Some((word, _)) if OWN_WORDS.contains(&word) && !sender.is_admin => Err(CaptureError::OwnName(word.to_owned())),
        _ => Ok(()),
    }
}

fn check_time(told: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, CaptureError> {
    let is_near = told <= now + AHEAD_MAX && told >= now - LATE_MAX;
    if is_near { Ok(told) } else { Err(CaptureError::Time { told, now }) }
}

fn check_properties(properties: &HashMap<String, Value>) -> Result<(), CaptureError> {
    if properties.values().any(|value| depth(value) > DEPTH_MAX) {
        return Err(CaptureError::TooDeep);
    }
    // What was read from JSON can be written as JSON.
    match serde_json::to_vec(properties).map_or(usize::MAX, |json| json.len()) {
        0..=PROPERTIES_BYTES_MAX => Ok(()),
        bytes => Err(CaptureError::TooLarge(bytes)),
    }
}

/// Objects and arrays within each other; the reader of JSON bounds how many there can be.
fn depth(value: &Value) -> usize {
    let inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(values) => Box::new(values.iter()),
        Value::Object(entries) => Box::new(entries.values()),
        _ => return 0,
    };
    1 + inner.map(depth).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const USER: Sender<'_> = Sender { subject: "ada", is_admin: false };
    const ADMIN: Sender<'_> = Sender { subject: "root", is_admin: true };

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn accept(sender: Sender<'_>, event: Value) -> Result<RealtimeEvent, CaptureError> {
        let captured: CapturedEvent = serde_json::from_value(event).unwrap();
        captured.accept(sender, "production", now())
    }

    #[test]
    fn what_is_missing_is_filled_in() {
        let event = accept(USER, json!({ "event": "$pageview", "properties": { "path": "/live" } })).unwrap();
        assert_eq!(
            (event.distinct_id.as_str(), event.environment.as_str(), event.timestamp),
            ("ada", "production", now())
        );
        assert_eq!((event.properties["path"].as_str(), event.session_id), (Some("/live"), None));
        assert!(Uuid::parse_str(&event.id).is_ok());
        let other = accept(USER, json!({ "event": "$pageview" })).unwrap();
        assert_ne!(event.id, other.id);
    }

    #[test]
    fn what_is_given_is_kept() {
        let all = json!({ "id": "7", "event": "note", "distinct_id": "ada", "timestamp": "2027-01-15T08:00:00.250Z",
            "properties": {}, "session_id": "s", "environment": "staging" });
        let event = accept(USER, all.clone()).unwrap();
        assert_eq!(serde_json::to_value(event).unwrap(), all);
    }

    #[test]
    fn nobody_speaks_for_others_or_as_the_server_but_an_admin() {
        let foreign = json!({ "event": "note", "distinct_id": "grace" });
        assert_eq!(accept(USER, foreign.clone()), Err(CaptureError::Foreign("grace".into())));
        assert_eq!(accept(ADMIN, foreign).unwrap().distinct_id, "grace");
        for word in OWN_WORDS {
            let own = json!({ "event": format!("{word}.anything") });
            assert_eq!(accept(USER, own.clone()), Err(CaptureError::OwnName(word.to_owned())));
            assert!(accept(ADMIN, own).is_ok());
        }
        assert!(accept(USER, json!({ "event": "daemon" })).is_ok(), "a word of its own is below nothing");
    }

    #[test]
    fn words_are_bounded() {
        for key in ["id", "event", "distinct_id", "session_id", "environment"] {
            for word in [String::new(), "x".repeat(WORD_BYTES_MAX + 1), "a\nb".into()] {
                let mut event = json!({ "event": "note" });
                event[key] = word.into();
                assert!(matches!(accept(ADMIN, event), Err(CaptureError::Word { key: found, .. }) if found == key));
            }
        }
        assert_eq!(accept(USER, json!({ "event": "a.*" })), Err(CaptureError::Star("a.*".into())));
        for name in ["a,b", " a", "a "] {
            assert_eq!(accept(USER, json!({ "event": name })), Err(CaptureError::Unlistable(name.into())));
        }
        let long = "x".repeat(256);
        let sender = Sender { subject: &long, is_admin: false };
        assert_eq!(accept(sender, json!({ "event": "a", "distinct_id": long })).unwrap().distinct_id, long);
    }

    #[test]
    fn clocks_may_differ_by_so_much() {
        let at = |time: DateTime<Utc>| accept(USER, json!({ "event": "note", "timestamp": time }));
        for near in [now() + AHEAD_MAX, now() - LATE_MAX] {
            assert_eq!(at(near).unwrap().timestamp, near);
        }
        for far in [now() + AHEAD_MAX + TimeDelta::microseconds(1), now() - LATE_MAX - TimeDelta::microseconds(1)] {
            assert_eq!(at(far), Err(CaptureError::Time { told: far, now: now() }));
        }
    }

    #[test]
    fn properties_are_bounded() {
        let nested = |levels| (1..levels).fold(json!({}), |inner, _| json!([inner]));
        let with = |value| accept(USER, json!({ "event": "note", "properties": { "p": value } }));
        assert!(with(nested(DEPTH_MAX)).is_ok());
        assert_eq!(with(nested(DEPTH_MAX + 1)), Err(CaptureError::TooDeep));
        let text = |bytes: usize| json!("x".repeat(bytes - r#"{"p":""}"#.len()));
        assert!(with(text(PROPERTIES_BYTES_MAX)).is_ok());
        assert_eq!(with(text(PROPERTIES_BYTES_MAX + 1)), Err(CaptureError::TooLarge(PROPERTIES_BYTES_MAX + 1)));
    }
}
