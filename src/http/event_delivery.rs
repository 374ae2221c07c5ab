//! What readers of events are told, whatever carries it: where they are, what a delivery has beside its event, and what
//! leaves together.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use rocket::http::Status;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::ApiError;
use crate::events::{Events, PublishedEvent, SubscriptionError};

/// Events that come close upon each other leave together: a write costs as much as many small events.
const COALESCE: Duration = Duration::from_millis(50);

/// As many bytes leave together; what is more follows at once.
const TOGETHER_BYTES: usize = 64 * 1024;

/// Where a reader is: an event, or the beginning of a run, written `<run>:<number>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) run: Uuid,
    pub(super) seq: u64,
}

/// What a reader has seen last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The event of this number in this run of the program.
    Here(u64),
    /// One of another run, of which nothing is known.
    Elsewhere,
}

impl Place {
    /// The place that a reader means who sends this text under that name.
    ///
    /// # Errors
    /// 400 for what is no place, and for one ahead of all events.
    pub(super) fn read(text: &str, name: &str, events: &Events) -> Result<Self, ApiError> {
        let invalid = |wrong: &str| {
            let message = format!("{name} {wrong}; leave it out to begin anew");
            ApiError::new(Status::BadRequest, "last_event_id_invalid", message)
        };
        let place = text.split_once(':').and_then(|(run, seq)| Some((run.parse::<Uuid>().ok()?, seq.parse().ok()?)));
        let (run, seq) = place.ok_or_else(|| invalid("is not the id of an event here, <run>:<number>"))?;
        if run == events.run() && seq > events.hub().last_seq() {
            return Err(invalid("is ahead of all events of this run"));
        }
        Ok(Self { run, seq })
    }

    /// What the reader has seen, as far as memory goes.
    pub(super) fn seen(self, events: &Events) -> Seen {
        if self.run == events.run() { Seen::Here(self.seq) } else { Seen::Elsewhere }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.run, self.seq)
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a delivery has behind its event.
#[derive(Serialize)]
pub(super) struct Beside<'a> {
    subscription_ids: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

impl<'a> Beside<'a> {
    /// The ids of the subscriptions that mean the event, and what is known of its person, if one of them asks.
    pub(super) fn of(events: &Events, event: &PublishedEvent, ids: &'a [String], include_person: bool) -> Self {
        let person = include_person.then(|| person(events, &event.event.distinct_id));
        Self { subscription_ids: ids, person, place: None }
    }

    /// The same, and the place of the event.
    pub(super) fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }
}

/// What is known of a person; of one who is not live, nothing is.
fn person(events: &Events, distinct_id: &str) -> Value {
    let person = events.users().person(distinct_id);
    let person = person.as_ref();
    json!({
        "distinct_id": distinct_id,
        "first_seen": person.map(|person| person.first_seen),
        "last_seen": person.map(|person| person.last_seen),
        "current_url": person.and_then(|person| person.current_url.as_deref()),
    })
}

/// Why there is no such subscription, as an answer.
pub(super) fn refusal(error: &SubscriptionError) -> ApiError {
    let (status, code) = match error {
        SubscriptionError::TooManyOfConnection(_) | SubscriptionError::TooManyPatterns(_) => {
            (Status::ServiceUnavailable, "subscriptions_full")
        }
        _ => (Status::BadRequest, "subscription_invalid"),
    };
    ApiError::new(status, code, error.to_string())
}

/// Lets deliveries leave together that come close upon each other.
pub(super) struct Together {
    may_write: Instant,
}

impl Together {
    /// The first may leave at once.
    pub(super) fn new() -> Self {
        Self { may_write: Instant::now() }
    }

    /// Completes when the next write may be; until then nothing is to be taken, so that what waits is bounded where it
    /// does. Cancel-safe.
    pub(super) async fn may_write(&self) {
        if Instant::now() < self.may_write {
            sleep_until(self.may_write).await;
        }
    }

    /// The next may leave at once.
    pub(super) fn end_pause(&mut self) {
        self.may_write = Instant::now();
    }

    /// This delivery and what `more` gives, each as `write` appends it.
    pub(super) fn gather<D>(
        &mut self,
        first: D,
        mut more: impl FnMut() -> Option<D>,
        mut write: impl FnMut(&mut Vec<u8>, &D),
    ) -> Bytes {
        let mut out = Vec::new();
        write(&mut out, &first);
        while out.len() < TOGETHER_BYTES {
            let Some(delivery) = more() else {
                self.may_write = Instant::now() + COALESCE;
                break;
            };
            write(&mut out, &delivery);
        }
        out.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_soon_after_a_write_waits_and_what_is_much_does_not() {
        let (mut together, start) = (Together::new(), Instant::now());
        together.may_write().await;
        assert!(start.elapsed() < COALESCE, "the first leaves at once");
        let write = |out: &mut Vec<u8>, text: &&str| out.extend(text.as_bytes());
        let mut rest = ["b", "c"].into_iter();
        assert_eq!(together.gather("a", || rest.next(), write), "abc");
        let written = Instant::now();
        together.may_write().await;
        assert!(written.elapsed() + Duration::from_millis(1) >= COALESCE, "{:?}", written.elapsed());
        let long = "x".repeat(TOGETHER_BYTES / 2);
        let mut endless = || Some(long.as_str());
        assert_eq!(together.gather("", &mut endless, write).len(), TOGETHER_BYTES);
        let written = Instant::now();
        together.may_write().await;
        assert!(written.elapsed() < COALESCE, "more is to come");
    }
}
