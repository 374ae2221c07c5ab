//! What is said over the WebSocket of the feeds: subscribe, unsubscribe, ping, and the answers; messages of the feeds
//! between them. `docs/wire.md` has the words.

use std::net::IpAddr;
use std::sync::Arc;

use rocket::http::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::activity::Activity;
use super::delivery::{Farewell, framed};
use super::error::ErrorDetail;
use super::query::Query;
use super::routes::stream::spec_of;
use super::routes::time::ServerTime;
use super::subscriptions::{Refusal, Subscriptions, Tale};
use super::viewing::{Asked, Viewing};
use super::websocket::{Conversation, Hangup, Happening, Heard, Line, TalkUpkeep, part, read, say};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::{Form, message};

/// What a client may say.
const WORDS: &str = "subscribe, unsubscribe or ping";

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
}

/// One connection's talk.
pub(super) struct Talk {
    api: Api,
    claims: Claims,
    address: Option<IpAddr>,
    upkeep: TalkUpkeep,
    subscriptions: Subscriptions,
}

impl Conversation for Talk {
    async fn run(&mut self, line: &mut Line) -> Hangup {
        loop {
            let Self { api, upkeep, subscriptions, .. } = self;
            let happening = upkeep.or(line, subscriptions.next(api)).await;
            if let Err(hangup) = self.act(line, happening).await {
                return line.hang_up(hangup).await;
            }
        }
    }
}

impl Talk {
    /// With the owner of `claims`.
    pub(super) fn new(api: &Api, claims: &Claims, address: Option<IpAddr>, activity: &Arc<Activity>) -> Self {
        Self {
            upkeep: TalkUpkeep::new(api, claims),
            subscriptions: Subscriptions::new(Arc::clone(activity)),
            api: api.clone(),
            claims: claims.clone(),
            address,
        }
    }

    async fn act(&mut self, line: &mut Line, happening: Happening<Tale>) -> Result<(), Hangup> {
        match happening {
            Happening::Over(farewell) => {
                self.subscriptions.note_farewell(farewell.event);
                Err(part(line, &farewell).await)
            }
            Happening::Told(tale) => tell(line, tale).await,
            Happening::Heard(heard) => self.answer(line, heard?).await,
            Happening::Silence { heartbeats: true } => line.tell(framed(&message::heartbeat(0))).await,
            Happening::Silence { heartbeats: false } => line.ping().await,
        }
    }

    async fn answer(&mut self, line: &mut Line, heard: Heard) -> Result<(), Hangup> {
        let word = match read(&heard, WORDS) {
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

async fn refuse(line: &mut Line, id: Option<&str>, refusal: &Refusal) -> Result<(), Hangup> {
    let Refusal { error, same_as } = refusal;
    say(line, &Answer::Error { id, error: &error.detail(), same_as: same_as.as_deref() }).await
}
