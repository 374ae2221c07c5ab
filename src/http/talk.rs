//! What is said over a WebSocket: subscribe, unsubscribe, ping, and the answers.

use std::net::IpAddr;

use photophone_signal::wire::binary::kind;
use rocket::http::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::sleep;

use super::delivery::Farewell;
use super::error::ErrorDetail;
use super::lifetime::Lifetime;
use super::query::{Query, shown};
use super::routes::stream::spec_of;
use super::subscriptions::{Subscriptions, Tale};
use super::viewing::{Asked, Viewing};
use super::watch::Told;
use super::websocket::{Closing, Hangup, Heard, Line};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::{Form, message};

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
        utc_us: u64,
        monotonic_us: u64,
    },
    Error {
        /// Of the subscription that was asked for.
        id: Option<&'a str>,
        error: &'a ErrorDetail,
    },
    Shutdown {
        reason: &'a str,
    },
    Reauth {
        reason: &'a str,
    },
}

/// One connection's talk.
pub(super) struct Talk {
    api: Api,
    claims: Claims,
    address: Option<IpAddr>,
    lifetime: Lifetime,
    subscriptions: Subscriptions,
}

impl Talk {
    /// With the owner of `claims`.
    pub(super) fn new(api: &Api, claims: Claims, address: Option<IpAddr>) -> Self {
        let lifetime = Lifetime::new(api, &claims);
        Self { api: api.clone(), claims, address, lifetime, subscriptions: Subscriptions::default() }
    }

    /// Talks until one end hangs up.
    pub(super) async fn run(&mut self, line: &mut Line) -> Hangup {
        loop {
            if let Err(hangup) = self.step(line).await {
                return hangup;
            }
        }
    }

    async fn step(&mut self, line: &mut Line) -> Result<(), Hangup> {
        let settings = self.api.settings();
        tokio::select! {
            farewell = self.lifetime.over() => Err(part(line, &farewell).await),
            tale = self.subscriptions.next() => self.tell(line, tale).await,
            heard = line.hear() => self.answer(line, heard?).await,
            () = sleep(settings.sse_timeout) => match settings.heartbeats {
                true => line.tell(message::heartbeat(0).into()).await,
                false => line.ping().await,
            },
        }
    }

    async fn tell(&mut self, line: &mut Line, Tale { id, told }: Tale) -> Result<(), Hangup> {
        match told {
            Told::Event(event) => line.tell(event).await,
            Told::Last(event, Farewell { reason, .. }) => {
                self.subscriptions.remove(&id);
                if !event.is_empty() {
                    line.tell(event).await?;
                }
                say(line, &Answer::Ended { id: &id, reason: &reason }).await
            }
        }
    }

    async fn answer(&mut self, line: &mut Line, heard: Heard) -> Result<(), Hangup> {
        let word = match read(&heard) {
            Ok(word) => word,
            Err(error) => return refuse(line, None, &error).await,
        };
        match word {
            Word::Subscribe { id, kind, query, last_event_id } => {
                match self.subscribe(&id, &kind, &query, last_event_id.as_deref()).await {
                    Ok((feed, opening)) => {
                        say(line, &Answer::Subscribed { id: &id, feed }).await?;
                        if opening.is_empty() { Ok(()) } else { line.tell(opening).await }
                    }
                    Err(error) => refuse(line, Some(&id), &error).await,
                }
            }
            Word::Unsubscribe { id } if self.subscriptions.remove(&id) => {
                say(line, &Answer::Unsubscribed { id: &id }).await
            }
            Word::Unsubscribe { id } => {
                let message = "this connection has no subscription of this id";
                let error = ApiError::new(Status::NotFound, "subscription_not_found", message);
                refuse(line, Some(&id), &error).await
            }
            Word::Ping { echo } => {
                let (utc_us, monotonic_us) = (self.api.clock.utc_us(), self.api.clock.now_us());
                say(line, &Answer::Pong { echo, utc_us, monotonic_us }).await
            }
        }
    }

    async fn subscribe(
        &mut self,
        id: &str,
        kind: &str,
        query: &str,
        last: Option<&str>,
    ) -> Result<(u32, bytes::Bytes), ApiError> {
        let mut query = Query::parse(query)?;
        let viewing = Viewing::read(&mut query, Asked::after(last, Form::Message, self.address)?)?;
        let spec = spec_of(kind, &mut query, &self.api)?;
        query.end()?;
        self.subscriptions.add(&self.api, id, &spec, viewing, &self.claims).await
    }
}

fn read(heard: &Heard) -> Result<Word, ApiError> {
    let invalid = |message| ApiError::new(Status::BadRequest, "message_invalid", message);
    match heard {
        Heard::Text(text) => serde_json::from_str(text).map_err(|error| {
            let message = format!("{}: {error}; expected JSON with type subscribe, unsubscribe or ping", shown(text));
            invalid(message)
        }),
        Heard::Binary => Err(invalid("expected text, and in it JSON with a type".to_owned())),
    }
}

async fn say(line: &mut Line, answer: &Answer<'_>) -> Result<(), Hangup> {
    // Our own types cannot fail to serialise into memory.
    line.say(serde_json::to_string(answer).unwrap_or_default()).await
}

async fn refuse(line: &mut Line, id: Option<&str>, error: &ApiError) -> Result<(), Hangup> {
    say(line, &Answer::Error { id, error: &error.detail() }).await
}

/// Last words, and the end.
async fn part(line: &mut Line, Farewell { event, reason }: &Farewell) -> Hangup {
    let (answer, closing) = match *event {
        kind::REAUTH => (Answer::Reauth { reason }, Closing::NotAllowed),
        _ => (Answer::Shutdown { reason }, Closing::GoingAway),
    };
    match say(line, &answer).await {
        Ok(()) => line.close(closing, reason).await,
        Err(hangup) => hangup,
    }
}
