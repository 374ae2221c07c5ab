//! A live stream as a response: the shared bytes of a feed, for as long as the viewer and its token last.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use rocket::http::Header;
use rocket::request::Request;
use rocket::response::{self, Responder, Response};

use super::activity::Activity;
use super::delivery::{Farewell, describe};
use super::lifetime::overdue;
use super::server::{Exchange, LiveBody};
use super::upkeep::{Happening, Upkeep, pass_at_once};
use super::viewing::Viewing;
use super::watch::{Told, Watch};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::{FeedSpec, Form};

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
    overdue: Pin<Box<dyn Future<Output = ()> + Send>>,
}

struct Live {
    watch: Watch,
    upkeep: Upkeep,
    over: bool,
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
        let live = Live { watch, upkeep: Upkeep::new(api, claims), over: false };
        let overdue = Box::pin(overdue(api, claims));
        Ok(Self { head: LiveHead::new(name, spec, viewing.form), activity, opening, live, overdue })
    }
}

impl LiveHead {
    /// The head of what the stream of this name gives.
    pub(super) fn new(name: &str, spec: &FeedSpec, form: Form) -> Self {
        Self { form, location: location(name, spec) }
    }
}

impl Live {
    /// All of it, behind `opening`.
    fn bytes(self, opening: Bytes) -> impl Stream<Item = Bytes> + Send {
        let first = stream::once(async move { opening });
        first.chain(stream::unfold(self, |mut live| async move {
            let bytes = live.next().await?;
            Some((bytes, live))
        }))
    }

    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        Some(match self.upkeep.or(self.watch.next()).await {
            Happening::Over(farewell) => self.end(&farewell),
            Happening::Silence { heartbeats } => self.watch.idle(heartbeats),
            Happening::Told(Told::Event(event)) => event,
            Happening::Told(Told::Last(event, farewell)) => [event, self.end(&farewell)].concat().into(),
        })
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
        pass_at_once(&mut response);
        Ok(response)
    }
}

impl<'r> Responder<'r, 'r> for LiveResponse {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'r> {
        let Self { head, activity, opening, live, overdue } = self;
        Exchange::of(request).answer_with(LiveBody::new(live.bytes(opening), activity), overdue);
        head.respond_to(request)
    }
}
