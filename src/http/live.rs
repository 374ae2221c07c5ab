//! A live stream as a response: the shared bytes of a feed, for as long as the viewer and its token last.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use rocket::http::Header;
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use tokio::time::timeout;
use tokio_util::io::StreamReader;

use super::activity::{Activity, Body};
use super::delivery::{Farewell, describe};
use super::lifetime::Lifetime;
use super::viewing::Viewing;
use super::watch::{Told, Watch};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::{FeedSpec, Form};

/// Largest piece that Rocket hands to the socket. Its default of 4096 bytes costs 2.6 times the CPU at events of 32 KiB.
const CHUNK_BYTES: usize = 64 * 1024;

/// The events of a feed for one viewer, as a response.
pub(super) struct LiveResponse {
    form: Form,
    location: String,
    activity: Arc<Activity>,
    opening: Bytes,
    live: Live,
}

struct Live {
    watch: Watch,
    lifetime: Lifetime,
    api: Api,
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
        let live = Live { watch, lifetime: Lifetime::new(api, claims), api: api.clone(), over: false };
        Ok(Self { form: viewing.form, location: location(name, spec), activity, opening, live })
    }

    fn bytes(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let first = stream::once(async move { Ok(self.opening) });
        first.chain(stream::unfold(self.live, |mut live| async move {
            let bytes = live.next().await?;
            Some((Ok(bytes), live))
        }))
    }
}

impl Live {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let settings = self.api.settings();
        Some(tokio::select! {
            biased;
            farewell = self.lifetime.over() => self.end(&farewell),
            told = timeout(settings.sse_timeout, self.watch.next()) => match told {
                Ok(Told::Event(event)) => event,
                Ok(Told::Last(event, farewell)) => [event, self.end(&farewell)].concat().into(),
                Err(_) => self.watch.idle(settings.heartbeats),
            },
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

impl<'r> Responder<'r, 'r> for LiveResponse {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'r> {
        let mut response = Response::new();
        describe(self.form, &mut response);
        response.set_header(Header::new("Content-Location", self.location.clone()));
        response.set_header(Header::new("Cache-Control", "no-cache, no-transform"));
        response.set_header(Header::new("X-Accel-Buffering", "no"));
        let activity = Arc::clone(&self.activity);
        response.set_streamed_body(Body::new(StreamReader::new(Box::pin(self.bytes())), activity));
        response.set_max_chunk_size(CHUNK_BYTES);
        Ok(response)
    }
}
