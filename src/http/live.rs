//! A live stream as a response: the shared bytes of a feed, for as long as the viewer and its token last.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use rocket::http::Header;
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use tokio_util::io::StreamReader;

use super::activity::{Activity, Body};
use super::bell::Bell;
use super::delivery::{Farewell, describe};
use super::lifetime::Lifetime;
use super::silence::Silence;
use super::viewing::Viewing;
use super::watch::{Told, Watch};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::{FeedSpec, Form};

/// Largest piece that Rocket hands to the socket. Its default of 4096 bytes costs 2.6 times the CPU at events of 32 KiB.
const CHUNK_BYTES: usize = 64 * 1024;

/// What a stream answers to a request.
pub(super) enum StreamResponse {
    /// For its head alone: no feed is started for that.
    Head(LiveHead),
    /// For all.
    Live(Box<LiveResponse>),
}

/// What a response says before its events.
pub(super) struct LiveHead {
    form: Form,
    location: String,
}

/// The events of a feed for one viewer, as a response.
pub(super) struct LiveResponse {
    head: LiveHead,
    activity: Arc<Activity>,
    opening: Bytes,
    live: Live,
}

struct Live {
    watch: Watch,
    lifetime: Lifetime,
    silence: Silence,
    /// For its lifetime and silence.
    bell: Bell,
    api: Api,
    over: bool,
}

/// What happens next.
enum Happening {
    Over(Farewell),
    Silence,
    Told(Told),
}

impl LiveResponse {
    /// Lets the owner of `claims` view a feed, which the stream of this name gives.
    ///
    /// # Errors
    /// 503 when as many streams or feeds as allowed are open.
    pub(super) async fn open(
        api: &Api,
        name: &str,
        spec: &FeedSpec,
        viewing: Viewing,
        claims: &Claims,
    ) -> Result<Self, ApiError> {
        let activity = Activity::new(Arc::clone(&api.clock));
        let mut watch = Watch::open(api, spec, viewing, claims, Arc::clone(&activity)).await?;
        let opening = watch.opening(api);
        let live = Live::new(watch, api, claims);
        Ok(Self { head: LiveHead::new(name, spec, viewing.form), activity, opening, live })
    }
}

impl LiveHead {
    /// The head of what the stream of this name gives.
    pub(super) fn new(name: &str, spec: &FeedSpec, form: Form) -> Self {
        Self { form, location: location(name, spec) }
    }
}

impl Live {
    fn new(watch: Watch, api: &Api, claims: &Claims) -> Self {
        let silence = Silence::new(api.settings().sse_timeout);
        Self { watch, lifetime: Lifetime::new(api, claims), silence, bell: Bell::new(), api: api.clone(), over: false }
    }

    /// All of it, behind `opening`.
    fn bytes(self, opening: Bytes) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let first = stream::once(async move { Ok(opening) });
        first.chain(stream::unfold(self, |mut live| async move {
            let bytes = live.next().await?;
            Some((Ok(bytes), live))
        }))
    }

    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let happening = self.happening().await;
        let settings = self.api.settings();
        self.silence.end(settings.sse_timeout);
        Some(match happening {
            Happening::Over(farewell) => self.end(&farewell),
            Happening::Silence => self.watch.idle(settings.heartbeats),
            Happening::Told(Told::Event(event)) => event,
            Happening::Told(Told::Last(event, farewell)) => [event, self.end(&farewell)].concat().into(),
        })
    }

    async fn happening(&mut self) -> Happening {
        let Self { watch, lifetime, silence, bell, api, .. } = self;
        let mut rare = |cx: &mut Context<'_>| {
            if let Poll::Ready(farewell) = pin!(lifetime.over()).poll(cx) {
                return Poll::Ready(Happening::Over(farewell));
            }
            pin!(silence.lasts(api.settings().sse_timeout)).poll(cx).map(|()| Happening::Silence)
        };
        tokio::select! {
            biased;
            happening = poll_fn(|cx| bell.poll(cx, &mut rare)) => happening,
            told = watch.next() => Happening::Told(told),
        }
    }

    fn end(&mut self, farewell: &Farewell) -> Bytes {
        self.over = true;
        self.watch.farewell(farewell)
    }
}

/// Where the same representation is to be had, whatever was left to the server (RFC 9110 §8.7).
fn location(name: &str, spec: &FeedSpec) -> String {
    let query = spec.to_string();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/api/audio/stream/{name}{mark}{query}")
}

impl<'r> Responder<'r, 'r> for StreamResponse {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'r> {
        match self {
            Self::Head(head) => head.respond_to(request),
            Self::Live(live) => live.respond_to(request),
        }
    }
}

impl<'r> Responder<'r, 'r> for LiveHead {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'r> {
        let mut response = Response::new();
        describe(self.form, &mut response);
        response.set_header(Header::new("Content-Location", self.location));
        response.set_header(Header::new("Cache-Control", "no-cache, no-transform"));
        response.set_header(Header::new("X-Accel-Buffering", "no"));
        Ok(response)
    }
}

impl<'r> Responder<'r, 'r> for LiveResponse {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'r> {
        let Self { head, activity, opening, live } = self;
        let mut response = head.respond_to(request)?;
        response.set_streamed_body(Body::new(StreamReader::new(Box::pin(live.bytes(opening))), activity));
        response.set_max_chunk_size(CHUNK_BYTES);
        Ok(response)
    }
}
