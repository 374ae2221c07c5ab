//! The lab's events for one reader, as server-sent events: what it missed, what comes, and the end.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rocket::http::ContentType;
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::{self, Responder, Response};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;

use super::activity::Activity;
use super::delivery::{Delivery as Form, Farewell};
use super::event_delivery::{Beside, Place, Together, refusal};
use super::guard::api;
use super::lifetime::overdue;
use super::server::{Exchange, LiveBody};
use super::upkeep::{Happening, Upkeep, pass_at_once};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::events::{Connection, Events, Reading, Subscription, Told};
use crate::feed::sse;

/// How a reader asks for a stream: the event that it saw last, as `Last-Event-ID` has it, and whether it wants more than
/// the head of an answer.
pub(super) struct LastSeen {
    seen: Option<Place>,
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
    reading: Reading,
    events: Events,
    /// Whether the person of each event is told with it.
    include_person: bool,
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
        match id.map(|id| Place::read(id, "Last-Event-ID", &api.events)).transpose() {
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
        let connection = api.connect_user(claims)?;
        let include_person = subscription.include_person;
        let seen = last.seen.map(|Place { run, seq }| (run, seq));
        let reading = Reading::begin(&api.events, subscription, seen).map_err(|error| refusal(&error))?;
        let mut opening = Form::Sse.opening().to_vec();
        if let Some((run, seq)) = reading.position() {
            // Who is cut off before the first event goes on from here. With data, since not all readers pass over events
            // that have none, as the standard wants it.
            write_id(&mut opening, Place { run, seq });
            opening.extend_from_slice(sse::HEARTBEAT);
        }
        let opening = opening.into();
        let live = Live {
            reading,
            events: api.events.clone(),
            include_person,
            together: Together::new(),
            upkeep: Upkeep::new(api, claims),
            over: false,
            _connection: connection,
            _slot: slot,
        };
        let activity = Activity::new(Arc::clone(&api.clock));
        let overdue = Box::pin(overdue(api, claims));
        Ok(Self(Some(OpenStream { activity, opening, live, overdue })))
    }
}

impl Live {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let Self { reading, upkeep, together, .. } = self;
        let next = async {
            together.may_write().await;
            reading.next().await
        };
        Some(match upkeep.or(next).await {
            Happening::Over(farewell) => self.end(&farewell),
            Happening::Silence { heartbeats } => self.idle(heartbeats),
            Happening::Told(Some(told)) => self.together(told),
            Happening::Told(None) => {
                self.over = true;
                Bytes::new()
            }
        })
    }

    /// Silence says up to where nothing was missed, so that who comes back after it is told of nothing before.
    fn idle(&self, heartbeats: bool) -> Bytes {
        let mut out = Vec::new();
        if let Some((run, seq)) = self.reading.position().filter(|_| heartbeats) {
            write_id(&mut out, Place { run, seq });
        }
        out.extend_from_slice(&Form::Sse.idle(heartbeats));
        out.into()
    }

    /// This and all that comes until the next write may be.
    fn together(&mut self, first: Told) -> Bytes {
        let Self { reading, events, include_person, together, .. } = self;
        let bytes =
            together.gather(first, || reading.try_next(), |out, told| write(out, events, *include_person, told));
        if !reading.is_live() {
            // What was missed comes page after page, each as soon as it is read.
            together.end_pause();
        }
        bytes
    }

    fn end(&mut self, farewell: &Farewell) -> Bytes {
        self.over = true;
        Form::Sse.farewell(farewell)
    }
}

fn write(out: &mut Vec<u8>, events: &Events, include_person: bool, told: &Told) {
    match told {
        Told::Event { run, event, subscription_ids } => {
            let beside = Beside::of(events, event, subscription_ids, include_person);
            let (json, rest) = event.delivery_json(&beside);
            write_id(out, Place { run: *run, seq: event.seq });
            [b"data: ", json, &rest, b"\n\n"].iter().for_each(|piece| out.extend_from_slice(piece));
        }
        Told::Lagged { missed, at } => {
            // With the place behind which it goes on, so that this is told once.
            if let Some((run, seq)) = *at {
                write_id(out, Place { run, seq });
            }
            out.extend_from_slice(&lagged(*missed));
        }
    }
}

fn write_id(out: &mut Vec<u8>, place: Place) {
    out.extend_from_slice(format!("id: {place}\n").as_bytes());
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
