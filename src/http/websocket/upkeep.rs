//! What every talk waits for beside what it has to tell: the end of its time, words, and silence.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};

use super::{Hangup, Heard, Line};
use crate::auth::Claims;
use crate::http::Api;
use crate::http::bell::Bell;
use crate::http::delivery::Farewell;
use crate::http::lifetime::Lifetime;
use crate::http::silence::Silence;

/// Keeps one talk as long as its owner's token and the server last.
pub(in crate::http) struct TalkUpkeep {
    api: Api,
    lifetime: Lifetime,
    silence: Silence,
    /// For all of these, which happen rarely beside what is told.
    bell: Bell,
    is_deaf: bool,
}

/// What the talk goes on with.
pub(in crate::http) enum Happening<T> {
    /// It is over.
    Over(Farewell),
    /// The client said something, or is gone.
    Heard(Result<Heard, Hangup>),
    /// There was nothing to send for a while; whether that is told by a message.
    Silence { heartbeats: bool },
    /// There is something to tell.
    Told(T),
}

impl TalkUpkeep {
    /// Of a talk with the owner of `claims`.
    pub(in crate::http) fn new(api: &Api, claims: &Claims) -> Self {
        Self {
            lifetime: Lifetime::new(api, claims),
            silence: Silence::new(api.settings().sse_timeout),
            bell: Bell::new(),
            is_deaf: false,
            api: api.clone(),
        }
    }

    /// What `next` gives, or what comes before it. Cancel-safe when `next` is.
    pub(in crate::http) async fn or<T>(&mut self, line: &mut Line, next: impl Future<Output = T>) -> Happening<T> {
        let Self { api, lifetime, silence, bell, is_deaf } = self;
        if line.take_paid() {
            bell.ring();
        }
        let mut rare = |cx: &mut Context<'_>| {
            if let Poll::Ready(farewell) = pin!(lifetime.over()).poll(cx) {
                return Poll::Ready(Happening::Over(farewell));
            }
            if !*is_deaf && let Poll::Ready(heard) = pin!(line.hear()).poll(cx) {
                return Poll::Ready(Happening::Heard(heard));
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

    /// Whether nothing is to be heard for now: what is said meanwhile waits in the kernel.
    pub(in crate::http) fn set_deaf(&mut self, is_deaf: bool) {
        self.is_deaf = is_deaf;
        self.bell.ring();
    }
}
