//! Words in JSON: how what a client says is read, and what is said to it in any talk.

use photophone_signal::wire::binary::kind;
use rocket::http::Status;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Closing, Hangup, Heard, Line};
use crate::http::ApiError;
use crate::http::delivery::Farewell;
use crate::text::{shown, shown_reason};

/// The last words.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum LastWords<'a> {
    Shutdown { reason: &'a str },
    Reauth { reason: &'a str },
}

/// What a client said, as one of the words that `expected` names.
///
/// # Errors
/// 400 `message_invalid`, which says what is wrong.
pub(in crate::http) fn read<W: DeserializeOwned>(heard: &Heard, expected: &str) -> Result<W, ApiError> {
    let invalid = |message| ApiError::new(Status::BadRequest, "message_invalid", message);
    match heard {
        Heard::Text(text) => serde_json::from_str(text).map_err(|error| {
            let wrong = shown_reason(&error.to_string());
            invalid(format!("{}: {wrong}; expected JSON with type {expected}", shown(text)))
        }),
        Heard::Binary => Err(invalid("expected text, and in it JSON with a type".to_owned())),
    }
}

/// Says one thing.
pub(in crate::http) async fn say(line: &mut Line, answer: &impl Serialize) -> Result<(), Hangup> {
    // Our own types cannot fail to serialise into memory.
    line.say(serde_json::to_string(answer).unwrap_or_default()).await
}

/// Last words, and with which code the socket is to be closed.
pub(in crate::http) async fn part(line: &mut Line, Farewell { event, reason }: &Farewell) -> Hangup {
    let (words, closing) = match *event {
        kind::REAUTH => (LastWords::Reauth { reason }, Closing::NotAllowed),
        _ => (LastWords::Shutdown { reason }, Closing::GoingAway),
    };
    match say(line, &words).await {
        Ok(()) => Hangup::Closing(closing),
        Err(hangup) => hangup,
    }
}
