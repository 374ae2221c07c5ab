//! How events reach a viewer: as server-sent events, compressed or not, or as binary messages. Everything is shared bytes
//! of the feed, except for what only this viewer is told.

use std::borrow::Cow;

use bytes::Bytes;
use photophone_signal::wire::binary::kind;
use rocket::http::{ContentType, Header, MediaType};
use rocket::request::Request;
use rocket::response::Response;
use serde::Serialize;
use serde_json::json;

use crate::feed::gzip::{self, GzipMember, GzipSegment};
use crate::feed::{FeedEvent, Form, FramedMessage, message, sse};

/// Time after which a browser's `EventSource` comes back, in milliseconds.
const RETRY_MS: u32 = 1000;

/// Why a viewer gets no more events: the name of the last one, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Farewell {
    pub(super) event: &'static str,
    pub(super) reason: Cow<'static, str>,
}

/// Writes what one viewer is sent.
pub(super) enum Delivery {
    Sse,
    /// With the account of what was sent, which closes the member.
    GzipSse(GzipMember),
    /// Messages of the feed of this number.
    Messages(u32),
    /// The same in the frames of a WebSocket.
    Frames(u32),
}

impl Delivery {
    /// Of the events of a feed, in the form that the viewer takes.
    pub(super) fn new(form: Form, feed: u32) -> Self {
        match form {
            Form::Sse => Self::Sse,
            Form::GzipSse => Self::GzipSse(GzipMember::default()),
            Form::Message => Self::Messages(feed),
        }
    }

    /// What comes before the first event.
    pub(super) fn opening(&mut self) -> Bytes {
        let retry = format!("retry: {RETRY_MS}\n");
        match self {
            Self::Sse => retry.into(),
            Self::GzipSse(_) => [&gzip::HEADER[..], &self.alone(retry.as_bytes())].concat().into(),
            Self::Messages(_) | Self::Frames(_) => Bytes::new(),
        }
    }

    /// An event that all viewers get.
    pub(super) fn event(&mut self, event: &FeedEvent) -> Bytes {
        match self {
            Self::Sse => event.sse().clone(),
            Self::GzipSse(member) => {
                let segment = event.gzip_sse();
                member.join(segment);
                segment.deflated().clone()
            }
            Self::Messages(feed) => event.message(*feed),
            Self::Frames(feed) => event.framed(*feed).frame().clone(),
        }
    }

    /// A named event for this viewer alone.
    pub(super) fn named(&mut self, name: &str, payload: &impl Serialize) -> Bytes {
        match self {
            Self::Sse => sse::named_event(name, payload).into(),
            Self::GzipSse(_) => self.alone(&sse::named_event(name, payload)),
            Self::Messages(feed) => message::named(*feed, name, payload).into(),
            Self::Frames(feed) => framed(&message::named(*feed, name, payload)),
        }
    }

    /// What is sent when there was nothing to send for a while. Without heartbeats it is a comment, which `EventSource` does
    /// not show; with nothing at all, a viewer that has gone would never be noticed. Messages have no comments.
    pub(super) fn idle(&mut self, heartbeats: bool) -> Bytes {
        let text = if heartbeats { sse::HEARTBEAT } else { b":\n\n" };
        match self {
            Self::Sse => Bytes::from_static(text),
            Self::GzipSse(_) => self.alone(text),
            Self::Messages(feed) => message::heartbeat(*feed).into(),
            Self::Frames(feed) => framed(&message::heartbeat(*feed)),
        }
    }

    /// The last event, and what closes the body.
    pub(super) fn farewell(&mut self, Farewell { event, reason }: &Farewell) -> Bytes {
        let last = self.named(event, &json!({ "reason": reason }));
        match self {
            Self::Sse | Self::Messages(_) | Self::Frames(_) => last,
            Self::GzipSse(member) => [&last[..], &member.trailer()].concat().into(),
        }
    }

    /// Text for this viewer alone, as a segment of its member.
    fn alone(&mut self, text: &[u8]) -> Bytes {
        let segment = GzipSegment::stored(text);
        if let Self::GzipSse(member) = self {
            member.join(&segment);
        }
        segment.deflated().clone()
    }
}

/// A message that only one viewer is told, in the frame of a WebSocket.
pub(super) fn framed(message: &[u8]) -> Bytes {
    FramedMessage::write(|out| out.extend(message)).frame().clone()
}

/// The form that a request asks for by its headers (RFC 9110 §12.5): binary messages for who names them, else
/// server-sent events, compressed for who takes gzip.
pub(super) fn asked_form(request: &Request<'_>) -> Form {
    let encodings: Vec<_> = request.headers().get("Accept-Encoding").collect();
    match () {
        () if prefers_messages(request) => Form::Message,
        () if takes_gzip(&encodings.join(",")) => Form::GzipSse,
        () => Form::Sse,
    }
}

/// The headers that say which form was chosen, and that one was.
pub(super) fn describe(form: Form, response: &mut Response<'_>) {
    response.set_header(if form == Form::Message { ContentType::Binary } else { ContentType::EventStream });
    response.set_header(Header::new("Vary", "Accept, Accept-Encoding"));
    if form == Form::GzipSse {
        response.set_header(Header::new("Content-Encoding", "gzip"));
    }
}

/// Whether binary messages are named, and preferred to server-sent events if these are too.
fn prefers_messages(request: &Request<'_>) -> bool {
    let quality = |wanted: &MediaType| {
        let accept = request.accept()?;
        accept.iter().find(|media| media.media_type() == wanted).map(|media| media.weight_or(1.0))
    };
    let messages = quality(&MediaType::Binary).unwrap_or(0.0);
    messages > 0.0 && messages > quality(&MediaType::EventStream).unwrap_or(0.0)
}

/// Whether a list of encodings has gzip, by name or by `*`, with a weight above 0.
fn takes_gzip(encodings: &str) -> bool {
    let weight_of = |wanted: &str| {
        let mut parts = encodings.split(',').map(|part| part.split_once(';').unwrap_or((part, "q=1")));
        let (_, weight) = parts.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
        weight.trim().strip_prefix("q=")?.trim().parse::<f32>().ok()
    };
    weight_of("gzip").or_else(|| weight_of("*")).is_some_and(|weight| weight > 0.0)
}

/// The last words to a viewer whose feed has ended.
pub(super) mod farewell {
    use std::borrow::Cow;

    use super::{Farewell, kind};
    use crate::feed::EndReason;

    const fn saying(event: &'static str, reason: &'static str) -> Farewell {
        Farewell { event, reason: Cow::Borrowed(reason) }
    }

    pub(in crate::http) const SERVER_ENDS: Farewell = saying(kind::SHUTDOWN, "the server is ending");
    pub(in crate::http) const TOKEN_EXPIRED: Farewell = saying(kind::REAUTH, "the token has expired");
    pub(in crate::http) const GAP: Farewell = saying(kind::END, "samples are missing, and the policy is strict");

    /// Of a feed that has ended for this reason.
    pub(in crate::http) fn of_feed(reason: Option<EndReason>) -> Farewell {
        match reason {
            Some(EndReason::TooCostly) => saying(kind::END, "the feed needed more of the processor than it may"),
            Some(EndReason::Refused(refusal)) => Farewell { event: kind::END, reason: Cow::Owned(refusal.to_string()) },
            Some(EndReason::Failed) => saying(kind::END, "the feed has failed; the log says more"),
            Some(EndReason::StreamEnded | EndReason::Unwatched) | None => {
                saying(kind::SHUTDOWN, "the stream has ended")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::takes_gzip;

    #[test]
    fn gzip_is_for_who_takes_it() {
        let takes = ["gzip", "br, gzip;q=0.5", "GZIP ; q=1.0", "deflate, *", "gzip, *;q=0", "identity;q=0,\tgzip"];
        let refuses = ["", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "gzip;q=x", "x-gzip", "gzipped"];
        for encodings in takes {
            assert!(takes_gzip(encodings), "{encodings:?}");
        }
        for encodings in refuses {
            assert!(!takes_gzip(encodings), "{encodings:?}");
        }
    }
}
