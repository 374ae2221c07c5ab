//! The lab's events for one reader, as server-sent events: what it missed, what comes, and the end.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rocket::http::{ContentType, Status};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::{self, Responder, Response};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::activity::Activity;
use super::delivery::{Delivery as Form, Farewell};
use super::lifetime::overdue;
use super::server::{Exchange, LiveBody};
use super::upkeep::{Happening, Upkeep, pass_at_once};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::events::{Connection, Reading, Subscription, SubscriptionError, Told};
use crate::feed::sse;

/// Events that come close upon each other leave together: a write costs as much as many small events.
const COALESCE: Duration = Duration::from_millis(50);

/// As many bytes leave together; what is more follows at once.
const TOGETHER_BYTES: usize = 64 * 1024;

/// This way of delivery has no subscriptions that ask for persons.
const NOBODY: Option<&()> = None;

/// The event that a reader saw last, `<run>:<number>`, as `Last-Event-ID` has it.
pub(super) struct LastSeen(Option<(Uuid, u64)>);

/// An open stream of events.
pub(super) struct EventStream {
    activity: Arc<Activity>,
    opening: Bytes,
    live: Live,
    overdue: Pin<Box<dyn Future<Output = ()> + Send>>,
}

struct Live {
    reading: Reading,
    may_write: Instant,
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
        let Some(id) = request.headers().get_one("Last-Event-ID").filter(|id| !id.is_empty()) else {
            return Outcome::Success(Self(None));
        };
        let place = id.split_once(':').and_then(|(run, seq)| Some((run.parse().ok()?, seq.parse().ok()?)));
        match place {
            Some(place) => Outcome::Success(Self(Some(place))),
            None => {
                let message =
                    "Last-Event-ID is not the id of an event here, <run>:<number>; leave it out to begin anew";
                ApiError::new(Status::BadRequest, "last_event_id_invalid", message).fail(request)
            }
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
        let invalid =
            |error: SubscriptionError| ApiError::new(Status::BadRequest, "subscription_invalid", error.to_string());
        // Nobody is connected, nor live, for a request that is refused.
        subscription.check().map_err(invalid)?;
        if let Some((run, seq)) = last.0
            && run == api.events.run()
            && seq > api.events.hub().metrics().events_total
        {
            let message = "Last-Event-ID is ahead of all events of this run; leave it out to begin anew";
            return Err(ApiError::new(Status::BadRequest, "last_event_id_invalid", message));
        }
        let slot = api.claim_stream_slot()?;
        let connection = api.events.users().connected(&claims.sub, None).map_err(|full| {
            ApiError::new(Status::ServiceUnavailable, "users_full", full.to_string()).retry_after_secs(5)
        })?;
        let reading = Reading::begin(&api.events, subscription, last.0).map_err(invalid)?;
        let mut opening = Form::Sse.opening().to_vec();
        if let Some(place) = reading.position() {
            // Who is cut off before the first event goes on from here. With data, since not all readers pass over events
            // that have none, as the standard wants it.
            write_id(&mut opening, place);
            opening.extend_from_slice(sse::HEARTBEAT);
        }
        let opening = opening.into();
        let live = Live {
            reading,
            may_write: Instant::now(),
            upkeep: Upkeep::new(api, claims),
            over: false,
            _connection: connection,
            _slot: slot,
        };
        let activity = Activity::new(Arc::clone(&api.clock));
        Ok(Self { activity, opening, live, overdue: Box::pin(overdue(api, claims)) })
    }
}

impl Live {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let Self { reading, upkeep, .. } = self;
        Some(match upkeep.or(reading.next()).await {
            Happening::Over(farewell) => self.end(&farewell),
            Happening::Silence { heartbeats } => self.idle(heartbeats),
            Happening::Told(Some(told)) => self.together(told).await,
            Happening::Told(None) => {
                self.over = true;
                Bytes::new()
            }
        })
    }

    /// Silence says up to where nothing was missed, so that who comes back after it is told of nothing before.
    fn idle(&self, heartbeats: bool) -> Bytes {
        let mut out = Vec::new();
        if let Some(place) = self.reading.position().filter(|_| heartbeats) {
            write_id(&mut out, place);
        }
        out.extend_from_slice(&Form::Sse.idle(heartbeats));
        out.into()
    }

    /// This and all that comes until the next write may be.
    async fn together(&mut self, first: Told) -> Bytes {
        sleep_until(self.may_write).await;
        let mut out = Vec::new();
        write(&mut out, &first);
        while out.len() < TOGETHER_BYTES {
            let Some(told) = self.reading.try_next() else {
                // What was missed comes page after page, each as soon as it is read.
                if self.reading.is_live() {
                    self.may_write = Instant::now() + COALESCE;
                }
                break;
            };
            write(&mut out, &told);
        }
        out.into()
    }

    fn end(&mut self, farewell: &Farewell) -> Bytes {
        self.over = true;
        Form::Sse.farewell(farewell)
    }
}

fn write(out: &mut Vec<u8>, told: &Told) {
    match told {
        Told::Event { run, event, subscription_ids } => {
            write_id(out, (*run, event.seq));
            out.extend_from_slice(b"data: ");
            out.extend_from_slice(&event.delivery_json(subscription_ids, NOBODY));
            out.extend_from_slice(b"\n\n");
        }
        Told::Lagged { missed, at } => {
            // With the place behind which it goes on, so that this is told once.
            if let Some(place) = at {
                write_id(out, *place);
            }
            out.extend_from_slice(&lagged(*missed));
        }
    }
}

fn write_id(out: &mut Vec<u8>, (run, seq): (Uuid, u64)) {
    out.extend_from_slice(format!("id: {run}:{seq}\n").as_bytes());
}

/// So many events did not come; null when nobody knows how many.
fn lagged(missed: Option<u64>) -> Vec<u8> {
    sse::named_event("lagged", &json!({ "type": "lagged", "missed": missed }))
}

impl<'r> Responder<'r, 'static> for EventStream {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let Self { activity, opening, live, overdue } = self;
        let bytes = stream::once(async move { opening }).chain(stream::unfold(live, |mut live| async {
            let bytes = live.next().await?;
            Some((bytes, live))
        }));
        Exchange::of(request).answer_with(LiveBody::new(bytes, activity), overdue);
        let mut response = Response::new();
        response.set_header(ContentType::EventStream);
        pass_at_once(&mut response);
        Ok(response)
    }
}
