//! What the server says over the WebSocket of events: answers, and events, in frames that several of may leave together.

use serde::Serialize;
use serde_json::Value;

use crate::events::{Delivery, PublishedEvent};
use crate::feed::append_text_frame;
use crate::http::error::ErrorDetail;
use crate::http::event_delivery::{Beside, Place};
use crate::http::routes::time::ServerTime;
use crate::http::websocket::{Hangup, Line, say};
use crate::http::{Api, ApiError};

/// What the server answers or says by itself.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Answer<'a> {
    Subscribed {
        id: &'a str,
        /// The newest event that was published before.
        place: Place,
    },
    Unsubscribed {
        id: &'a str,
    },
    Pong {
        echo: Value,
        #[serde(flatten)]
        now: ServerTime,
    },
    Error {
        /// Of the subscription that was asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        error: &'a ErrorDetail,
    },
    Lagged {
        missed: Option<u64>,
    },
    Heartbeat {
        /// The newest event, when all that were meant up to it have been sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
    },
}

/// Appends a delivery, in its frame.
pub(super) fn write(out: &mut Vec<u8>, api: &Api, delivery: &Delivery) {
    match delivery {
        Delivery::Event { event, subscription_ids, include_person } => {
            write_event(out, api, event, subscription_ids, *include_person);
        }
        Delivery::Lagged { missed } => write_answer(out, &Answer::Lagged { missed: Some(*missed) }),
    }
}

/// Appends an event that these subscriptions mean, in its frame.
pub(super) fn write_event(out: &mut Vec<u8>, api: &Api, event: &PublishedEvent, ids: &[String], include_person: bool) {
    let place = Place { run: api.events.run(), seq: event.seq };
    let (event, rest) = event.delivery_json(&Beside::of(&api.events, event, ids, include_person).at(place));
    append_text_frame(out, &[event, &rest]);
}

/// Appends an answer, in its frame.
pub(super) fn write_answer(out: &mut Vec<u8>, answer: &Answer<'_>) {
    // Our own types cannot fail to serialise into memory.
    append_text_frame(out, &[&serde_json::to_vec(answer).unwrap_or_default()]);
}

/// Says what is wrong with what was asked of the subscription of this id.
pub(super) async fn refuse(line: &mut Line, id: Option<&str>, error: &ApiError) -> Result<(), Hangup> {
    say(line, &Answer::Error { id, error: &error.detail() }).await
}
