//! The lab's events for one reader, as server-sent events: what it missed, what comes, and the end.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use rocket::http::ContentType;
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::{self, Responder, Response};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::activity::Activity;
use super::delivery::{Delivery as Form, Farewell};
use super::event_delivery::{Beside, Place, Seen, Together, enter, refusal};
use super::guard::api;
use super::lifetime::overdue;
use super::server::{Exchange, LiveBody};
use super::upkeep::{Happening, Upkeep, pass_at_once};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::events::{Connection, Delivery, Events, RealtimeSubscriber, Subscription};
use crate::feed::sse;

/// How a reader asks for a stream: the event that it saw last, as `Last-Event-ID` has it, and whether it wants more than
/// the head of an answer.
pub(super) struct LastSeen {
    seen: Option<Seen>,
    is_head: bool,
}

/// A stream of events as an answer: for its head alone, nothing.
pub(super) struct EventStream(Option<OpenStream>);

struct OpenStream {
    activity: Arc<Activity>,
    opening: Bytes,
    live: Live,
    overdue: Pin<Box<dyn Future<Output = ()> + Send>>,
}

struct Live {
    run: Uuid,
    events: Events,
    subscriber: RealtimeSubscriber,
    /// Told before what comes.
    history: VecDeque<Delivery>,
    together: Together,
    upkeep: Upkeep,
    over: bool,
    /// Keeps its owner live.
    _connection: Connection,
    /// The server bounds how many streams are open.
    _slot: OwnedSemaphorePermit,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for LastSeen {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let api = try_outcome!(api(request));
        let id = request.headers().get_one("Last-Event-ID").filter(|id| !id.is_empty());
        match id.map(|id| Place::seen(id, "Last-Event-ID", &api.events)).transpose() {
            Ok(seen) => Outcome::Success(Self { seen, is_head: Exchange::of(request).is_head() }),
            Err(error) => error.fail(request),
        }
    }
}

impl EventStream {
    /// Lets the owner of `claims` see what the subscription means.
    ///
    /// # Errors
    /// 400 for a subscription that cannot be had, 503 when as many streams or users as allowed are there.
    pub(super) fn open(
        api: &Api,
        subscription: Subscription,
        last: LastSeen,
        claims: &Claims,
    ) -> Result<Self, ApiError> {
        // Nobody is connected, nor live, for a request that is refused, or for the head of an answer.
        subscription.check().map_err(|error| refusal(&error))?;
        if last.is_head {
            return Ok(Self(None));
        }
        let slot = api.claim_stream_slot()?;
        let connection = enter(api, claims)?;
        let hub = api.events.hub();
        let mut opening = BytesMut::from(&Form::Sse.opening()[..]);
        let (subscriber, history) = match last.seen {
            None => {
                let mut subscriber = hub.connect();
                subscriber.set(subscription).map_err(|error| refusal(&error))?;
                (subscriber, VecDeque::new())
            }
            Some(seen) => {
                let (is_this_run, seq) = match seen {
                    Seen::Here(seq) => (true, seq),
                    Seen::Elsewhere => (false, 0),
                };
                let resumed = hub.resume(vec![subscription], seq).map_err(|error| refusal(&error))?;
                let oldest = resumed.missed.map_or(1, |missed| missed.oldest);
                // How many there were after it in another run nobody knows.
                let missed = is_this_run.then(|| oldest.saturating_sub(seq.saturating_add(1)));
                if resumed.missed.is_some() || !is_this_run {
                    // With the place behind which it goes on, so that this is told once.
                    let id = format!("id: {}:{}\n", api.events.run(), oldest - 1);
                    opening.extend_from_slice(id.as_bytes());
                    opening.extend_from_slice(&lagged(missed));
                }
                (resumed.subscriber, resumed.history.into())
            }
        };
        let live = Live {
            subscriber,
            history,
            together: Together::new(),
            upkeep: Upkeep::new(api, claims),
            over: false,
            run: api.events.run(),
            events: api.events.clone(),
            _connection: connection,
            _slot: slot,
        };
        let activity = Activity::new(Arc::clone(&api.clock));
        let overdue = Box::pin(overdue(api, claims));
        Ok(Self(Some(OpenStream { activity, opening: opening.freeze(), live, overdue })))
    }
}

impl Live {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let Self { subscriber, history, upkeep, together, .. } = self;
        let next = async {
            together.may_write().await;
            match history.pop_front() {
                Some(delivery) => Some(delivery),
                None => subscriber.recv().await,
            }
        };
        Some(match upkeep.or(next).await {
            Happening::Over(farewell) => self.end(&farewell),
            Happening::Silence { heartbeats } => Form::Sse.idle(heartbeats),
            Happening::Told(Some(delivery)) => self.together(delivery),
            Happening::Told(None) => {
                self.over = true;
                Bytes::new()
            }
        })
    }

    /// This delivery and all that come until the next write may be.
    fn together(&mut self, first: Delivery) -> Bytes {
        let Self { run, events, subscriber, history, together, .. } = self;
        let more = || history.pop_front().or_else(|| subscriber.try_recv());
        together.gather(first, more, |out, delivery| write(out, *run, events, delivery))
    }

    fn end(&mut self, farewell: &Farewell) -> Bytes {
        self.over = true;
        Form::Sse.farewell(farewell)
    }
}

fn write(out: &mut Vec<u8>, run: Uuid, events: &Events, delivery: &Delivery) {
    match delivery {
        Delivery::Event { event, subscription_ids, include_person } => {
            let beside = Beside::of(events, event, subscription_ids, *include_person);
            let (json, rest) = event.delivery_json(&beside);
            let head = format!("id: {}\ndata: ", Place { run, seq: event.seq });
            [head.as_bytes(), json, &rest, b"\n\n"].iter().for_each(|piece| out.extend_from_slice(piece));
        }
        Delivery::Lagged { missed } => out.extend_from_slice(&lagged(Some(*missed))),
    }
}

/// So many events did not come; null when nobody knows how many.
fn lagged(missed: Option<u64>) -> Vec<u8> {
    sse::named_event("lagged", &json!({ "type": "lagged", "missed": missed }))
}

impl<'r> Responder<'r, 'static> for EventStream {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        if let Some(OpenStream { activity, opening, live, overdue }) = self.0 {
            let bytes = stream::once(async move { opening }).chain(stream::unfold(live, |mut live| async {
                let bytes = live.next().await?;
                Some((bytes, live))
            }));
            Exchange::of(request).answer_with(LiveBody::new(bytes, activity), overdue);
        }
        let mut response = Response::new();
        response.set_header(ContentType::EventStream);
        pass_at_once(&mut response);
        Ok(response)
    }
}
