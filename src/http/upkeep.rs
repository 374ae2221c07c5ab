//! What every stream waits for beside its events: the end of its time, and silence, in which it is kept alive.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};

use rocket::http::Header;
use rocket::response::Response;

use super::Api;
use super::bell::Bell;
use super::delivery::Farewell;
use super::lifetime::Lifetime;
use super::silence::Silence;
use crate::auth::Claims;

/// Keeps one stream as long as its owner's token and the server last.
pub(super) struct Upkeep {
    api: Api,
    lifetime: Lifetime,
    silence: Silence,
    /// For both, which rarely happen.
    bell: Bell,
}

/// What happens next.
pub(super) enum Happening<T> {
    /// The stream is over.
    Over(Farewell),
    /// There was nothing to send for a while; whether that is told by an event.
    Silence { heartbeats: bool },
    /// There is something to send.
    Told(T),
}

impl Upkeep {
    /// Of a stream that the owner of `claims` opens.
    pub(super) fn new(api: &Api, claims: &Claims) -> Self {
        Self {
            lifetime: Lifetime::new(api, claims),
            silence: Silence::new(api.settings().sse_timeout),
            bell: Bell::new(),
            api: api.clone(),
        }
    }

    /// What `next` gives, or what comes before it. Cancel-safe when `next` is.
    pub(super) async fn or<T>(&mut self, next: impl Future<Output = T>) -> Happening<T> {
        let Self { api, lifetime, silence, bell } = self;
        let mut rare = |cx: &mut Context<'_>| {
            if let Poll::Ready(farewell) = pin!(lifetime.over()).poll(cx) {
                return Poll::Ready(Happening::Over(farewell));
            }
            let settings = api.settings();
            let heartbeats = settings.heartbeats;
            pin!(silence.lasts(settings.sse_timeout)).poll(cx).map(|()| Happening::Silence { heartbeats })
        };
        let happening = tokio::select! {
            biased;
            happening = poll_fn(|cx| bell.poll(cx, &mut rare)) => happening,
            told = next => Happening::Told(told),
        };
        self.silence.end(self.api.settings().sse_timeout);
        happening
    }
}

/// The headers that keep whoever stands between from holding a stream back.
pub(super) fn pass_at_once(response: &mut Response<'_>) {
    response.set_header(Header::new("Cache-Control", "no-cache, no-transform"));
    response.set_header(Header::new("X-Accel-Buffering", "no"));
}
