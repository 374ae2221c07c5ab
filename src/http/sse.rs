//! Server-sent events to one viewer: the shared bytes of a feed, and between them what only this viewer is told.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use rocket::http::{ContentType, Header, Status};
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_util::io::StreamReader;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::viewing::{Policy, Viewing};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::{EndReason, FeedError, FeedEvent, FeedSpec, Form, ViewOptions, Viewer, sse};
use crate::stream::Next;

/// Largest piece that Rocket hands to the socket. Its default of 4096 bytes costs 2.6 times the CPU at events of 32 KiB.
const CHUNK_BYTES: usize = 64 * 1024;

/// Time after which a browser's `EventSource` comes back, in milliseconds.
const RETRY_MS: u32 = 1000;

/// Longest time between two looks at the token's end: timers are bounded, sessions need not be.
const TOKEN_LOOK_MAX: Duration = Duration::from_secs(24 * 3600);

/// The events of a feed for one viewer, as a response.
pub(super) struct EventResponse {
    start: Bytes,
    events: Events,
}

struct Events {
    viewer: Viewer,
    policy: Policy,
    api: Api,
    /// Completes when the server ends; kept, so that not every event asks for it anew.
    ending: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Completes when the token's end is to be looked at.
    token_look: Pin<Box<Sleep>>,
    token_ends_secs: u64,
    /// Held as long as the stream is open: the server bounds how many are.
    _slot: OwnedSemaphorePermit,
    over: bool,
}

impl EventResponse {
    /// Lets the owner of `claims` view a feed.
    ///
    /// # Errors
    /// 503 when as many streams or feeds as allowed are open.
    pub(super) async fn open(api: &Api, spec: &FeedSpec, viewing: Viewing, claims: &Claims) -> Result<Self, ApiError> {
        let slot = api.claim_stream_slot()?;
        let options = ViewOptions { start: viewing.start, lateness: viewing.policy.lateness(), form: Form::Sse };
        let viewer = tokio::select! {
            viewer = api.feeds.view(spec, options) => viewer.map_err(refused)?,
            () = api.ending.cancelled() => return Err(refused(FeedError::Ended)),
        };
        let mut start = format!("retry: {RETRY_MS}\n").into_bytes();
        match viewer.initial_state() {
            Some(state) => start.extend_from_slice(state.sse()),
            // The events that come next begin with a state, unless there was none yet.
            None if viewer.behind() > 0 => {}
            None => start.extend_from_slice(&sse::named_event("state", &*api.stream.state())),
        }
        let events = Events {
            viewer,
            policy: viewing.policy,
            ending: Box::pin(api.ending.clone().cancelled_owned()),
            token_look: Box::pin(sleep(token_look(api, claims.exp))),
            token_ends_secs: claims.exp,
            api: api.clone(),
            _slot: slot,
            over: false,
        };
        Ok(Self { start: start.into(), events })
    }

    fn bytes(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let first = stream::once(async move { Ok(self.start) });
        first.chain(stream::unfold(self.events, |mut events| async move {
            let event = events.next().await?;
            Some((Ok(event), events))
        }))
    }
}

impl Events {
    async fn next(&mut self) -> Option<Bytes> {
        while !self.over {
            let settings = self.api.settings();
            tokio::select! {
                biased;
                () = &mut self.ending => return Some(self.finish("shutdown", "the server is ending")),
                () = &mut self.token_look => match token_look(&self.api, self.token_ends_secs) {
                    Duration::ZERO => return Some(self.finish("reauth", "the token has expired")),
                    left => self.token_look.as_mut().reset(Instant::now() + left),
                },
                next = timeout(settings.sse_timeout, self.viewer.next()) => return Some(match next {
                    Ok(Some(Next::Item(event))) => self.pass(&event),
                    Ok(Some(Next::Missed(gap))) => self.pass(&FeedEvent::gap(gap)),
                    Ok(None) => self.finish_with_feed(),
                    Err(_) if settings.heartbeats => Bytes::from_static(sse::HEARTBEAT),
                    // A comment: without it a viewer that has gone would never be noticed.
                    Err(_) => Bytes::from_static(b":\n\n"),
                }),
            }
        }
        None
    }

    /// The event's bytes; a strict viewer's stream ends with a gap.
    fn pass(&mut self, event: &FeedEvent) -> Bytes {
        if self.policy != Policy::Strict || event.told_gap().is_none() {
            return event.sse().clone();
        }
        let end = self.finish("end", "samples are missing, and the policy is strict");
        [&event.sse()[..], &end].concat().into()
    }

    fn finish_with_feed(&mut self) -> Bytes {
        match self.viewer.end_reason() {
            Some(EndReason::TooCostly) => self.finish("end", "the feed needed more of the processor than it may"),
            Some(EndReason::Failed) => self.finish("end", "the feed has failed; the log says more"),
            _ => self.finish("shutdown", "the stream has ended"),
        }
    }

    fn finish(&mut self, event: &str, reason: &str) -> Bytes {
        self.over = true;
        sse::named_event(event, &json!({ "reason": reason })).into()
    }
}

fn refused(error: FeedError) -> ApiError {
    let code = match error {
        FeedError::TooMany(_) => "feeds_full",
        FeedError::TooCostly(_) => "feed_too_costly",
        FeedError::Ended => "stream_ended",
        FeedError::Thread(_) => "threads_full",
    };
    ApiError::new(Status::ServiceUnavailable, code, error.to_string()).retry_after_secs(5)
}

/// How long the token certainly holds; zero once it has ended.
fn token_look(api: &Api, ends_secs: u64) -> Duration {
    Duration::from_secs(ends_secs.saturating_sub(api.clock.utc_secs())).min(TOKEN_LOOK_MAX)
}

impl<'r> Responder<'r, 'r> for EventResponse {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'r> {
        let mut response = Response::new();
        response.set_header(ContentType::EventStream);
        response.set_header(Header::new("Cache-Control", "no-cache, no-transform"));
        response.set_header(Header::new("X-Accel-Buffering", "no"));
        response.set_streamed_body(StreamReader::new(Box::pin(self.bytes())));
        response.set_max_chunk_size(CHUNK_BYTES);
        Ok(response)
    }
}
