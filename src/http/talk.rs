//! What is said over a WebSocket: subscribe, unsubscribe, ping, and the answers.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use photophone_signal::wire::binary::kind;
use rocket::http::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::activity::Activity;
use super::bell::Bell;
use super::delivery::{Farewell, framed};
use super::error::ErrorDetail;
use super::lifetime::Lifetime;
use super::query::Query;
use super::routes::stream::spec_of;
use super::routes::time::ServerTime;
use super::silence::Silence;
use super::subscriptions::{Refusal, Subscriptions, Tale};
use super::viewing::{Asked, Viewing};
use super::websocket::{Closing, Hangup, Heard, Line};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::{Form, message};
use crate::text::shown;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Word {
    /// Watch a feed under this name.
    Subscribe {
        id: String,
        /// The last part of the path of the stream, such as `audio`.
        kind: String,
        /// The parameters, as behind the `?` of that path.
        #[serde(default)]
        query: String,
        /// Go on after this event.
        #[serde(default)]
        last_event_id: Option<String>,
    },
    Unsubscribe {
        id: String,
    },
    /// Ask for the server's time; `echo` comes back.
    Ping {
        #[serde(default)]
        echo: Value,
    },
}

/// What the server answers or says by itself.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Answer<'a> {
    Subscribed {
        id: &'a str,
        /// The number in the messages of this feed.
        feed: u32,
    },
    Unsubscribed {
        id: &'a str,
    },
    /// No more comes for this subscription.
    Ended {
        id: &'a str,
        reason: &'a str,
    },
    Pong {
        echo: Value,
        #[serde(flatten)]
        now: ServerTime,
    },
    Error {
        /// Of the subscription that was asked for.
        id: Option<&'a str>,
        error: &'a ErrorDetail,
        /// The subscription that has the same feed, when that is why.
        #[serde(skip_serializing_if = "Option::is_none")]
        same_as: Option<&'a str>,
    },
    Shutdown {
        reason: &'a str,
    },
    Reauth {
        reason: &'a str,
    },
}

/// What the talk goes on with.
enum Happening {
    Over(Farewell),
    Tale(Tale),
    Heard(Result<Heard, Hangup>),
    Silence,
}

/// One connection's talk.
pub(super) struct Talk {
    api: Api,
    claims: Claims,
    address: Option<IpAddr>,
    lifetime: Lifetime,
    silence: Silence,
    /// For all but the subscriptions, which have most to tell.
    bell: Bell,
    subscriptions: Subscriptions,
}

impl Talk {
    /// With the owner of `claims`.
    pub(super) fn new(api: &Api, claims: Claims, address: Option<IpAddr>, activity: Arc<Activity>) -> Self {
        Self {
            lifetime: Lifetime::new(api, &claims),
            silence: Silence::new(api.settings().sse_timeout),
            bell: Bell::new(),
            subscriptions: Subscriptions::new(activity),
            api: api.clone(),
            claims,
            address,
        }
    }

    /// Talks until one end hangs up.
    pub(super) async fn run(&mut self, line: &mut Line) -> Hangup {
        loop {
            let happening = self.next(line).await;
            if let Err(hangup) = self.act(line, happening).await {
                return line.hang_up(hangup).await;
            }
            if line.take_paid() {
                self.bell.ring();
            }
        }
    }

    async fn next(&mut self, line: &mut Line) -> Happening {
        let Self { api, lifetime, silence, bell, subscriptions, .. } = self;
        let mut rare = |cx: &mut Context<'_>| {
            if let Poll::Ready(farewell) = pin!(lifetime.over()).poll(cx) {
                return Poll::Ready(Happening::Over(farewell));
            }
            if let Poll::Ready(heard) = pin!(line.hear()).poll(cx) {
                return Poll::Ready(Happening::Heard(heard));
            }
            pin!(silence.lasts(api.settings().sse_timeout)).poll(cx).map(|()| Happening::Silence)
        };
        tokio::select! {
            biased;
            happening = poll_fn(|cx| bell.poll(cx, &mut rare)) => happening,
            tale = subscriptions.next(api) => Happening::Tale(tale),
        }
    }

    async fn act(&mut self, line: &mut Line, happening: Happening) -> Result<(), Hangup> {
        let settings = self.api.settings();
        self.silence.end(settings.sse_timeout);
        match happening {
            Happening::Over(farewell) => Err(self.part(line, &farewell).await),
            Happening::Tale(tale) => tell(line, tale).await,
            Happening::Heard(heard) => self.answer(line, heard?).await,
            Happening::Silence if settings.heartbeats => line.tell(framed(&message::heartbeat(0))).await,
            Happening::Silence => line.ping().await,
        }
    }

    async fn answer(&mut self, line: &mut Line, heard: Heard) -> Result<(), Hangup> {
        let word = match read(&heard) {
            Ok(word) => word,
            Err(error) => return refuse(line, None, &error.into()).await,
        };
        match word {
            Word::Subscribe { id, kind, query, last_event_id } => {
                match self.subscribe(&id, &kind, &query, last_event_id.as_deref()) {
                    Ok(()) => Ok(()),
                    Err(refusal) => refuse(line, Some(&id), &refusal).await,
                }
            }
            Word::Unsubscribe { id } if self.subscriptions.remove(&id) => {
                say(line, &Answer::Unsubscribed { id: &id }).await
            }
            Word::Unsubscribe { id } => {
                let message = "this connection has no subscription of this id";
                let error = ApiError::new(Status::NotFound, "subscription_not_found", message);
                refuse(line, Some(&id), &error.into()).await
            }
            Word::Ping { echo } => {
                let now = ServerTime::from(&self.api);
                say(line, &Answer::Pong { echo, now }).await
            }
        }
    }

    fn subscribe(&mut self, id: &str, kind: &str, query: &str, last: Option<&str>) -> Result<(), Refusal> {
        let mut query = Query::parse(query)?;
        let viewing = Viewing::read(&mut query, Asked::after(last, Form::Message, self.address)?)?;
        let spec = spec_of(kind, &mut query, &self.api)?;
        query.end()?;
        self.subscriptions.add(&self.api, id, spec, viewing, &self.claims)
    }

    /// Last words, and the end.
    async fn part(&mut self, line: &mut Line, Farewell { event, reason }: &Farewell) -> Hangup {
        self.subscriptions.note_farewell(event);
        let (answer, closing) = match *event {
            kind::REAUTH => (Answer::Reauth { reason }, Closing::NotAllowed),
            _ => (Answer::Shutdown { reason }, Closing::GoingAway),
        };
        match say(line, &answer).await {
            Ok(()) => Hangup::Closing(closing),
            Err(hangup) => hangup,
        }
    }
}

fn read(heard: &Heard) -> Result<Word, ApiError> {
    let invalid = |message| ApiError::new(Status::BadRequest, "message_invalid", message);
    match heard {
        Heard::Text(text) => serde_json::from_str(text).map_err(|error| {
            let wrong = shown(&error.to_string());
            let message = format!("{}: {wrong}; expected JSON with type subscribe, unsubscribe or ping", shown(text));
            invalid(message)
        }),
        Heard::Binary => Err(invalid("expected text, and in it JSON with a type".to_owned())),
    }
}

async fn tell(line: &mut Line, tale: Tale) -> Result<(), Hangup> {
    match tale {
        Tale::Open(id, feed, opening) => {
            say(line, &Answer::Subscribed { id: &id, feed }).await?;
            line.tell(opening).await
        }
        Tale::Refused(id, error) => refuse(line, Some(&id), &error.into()).await,
        Tale::Told(event) => line.tell(event).await,
        Tale::Ended(id, event, Farewell { reason, .. }) => {
            line.tell(event).await?;
            say(line, &Answer::Ended { id: &id, reason: &reason }).await
        }
    }
}

async fn say(line: &mut Line, answer: &Answer<'_>) -> Result<(), Hangup> {
    // Our own types cannot fail to serialise into memory.
    line.say(serde_json::to_string(answer).unwrap_or_default()).await
}

async fn refuse(line: &mut Line, id: Option<&str>, refusal: &Refusal) -> Result<(), Hangup> {
    let Refusal { error, same_as } = refusal;
    say(line, &Answer::Error { id, error: &error.detail(), same_as: same_as.as_deref() }).await
}
