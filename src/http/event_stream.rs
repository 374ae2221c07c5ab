//! The lab's events for one reader, as server-sent events: what it missed, what comes, and the end.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
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
use crate::events::{Connection, Delivery, RealtimeSubscriber, Subscription, SubscriptionError};
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
    run: Uuid,
    subscriber: RealtimeSubscriber,
    /// Told before what comes.
    history: VecDeque<Delivery>,
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
        let place = last.0.map(|(run, seq)| (run == api.events.run(), seq));
        if let Some((true, seq)) = place
            && seq > api.events.hub().metrics().events_total
        {
            let message = "Last-Event-ID is ahead of all events of this run; leave it out to begin anew";
            return Err(ApiError::new(Status::BadRequest, "last_event_id_invalid", message));
        }
        let slot = api.claim_stream_slot()?;
        let connection = api.events.users().connected(&claims.sub, None).map_err(|full| {
            ApiError::new(Status::ServiceUnavailable, "users_full", full.to_string()).retry_after_secs(5)
        })?;
        let hub = api.events.hub();
        let mut opening = BytesMut::from(&Form::Sse.opening()[..]);
        let (subscriber, history) = match place {
            None => {
                let mut subscriber = hub.connect();
                subscriber.set(subscription).map_err(invalid)?;
                (subscriber, VecDeque::new())
            }
            Some((is_this_run, seq)) => {
                let resumed = hub.resume(vec![subscription], if is_this_run { seq } else { 0 }).map_err(invalid)?;
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
            may_write: Instant::now(),
            upkeep: Upkeep::new(api, claims),
            over: false,
            run: api.events.run(),
            _connection: connection,
            _slot: slot,
        };
        let activity = Activity::new(Arc::clone(&api.clock));
        Ok(Self { activity, opening: opening.freeze(), live, overdue: Box::pin(overdue(api, claims)) })
    }
}

impl Live {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let Self { subscriber, history, upkeep, .. } = self;
        let next = async {
            match history.pop_front() {
                Some(delivery) => Some(delivery),
                None => subscriber.recv().await,
            }
        };
        Some(match upkeep.or(next).await {
            Happening::Over(farewell) => self.end(&farewell),
            Happening::Silence { heartbeats } => Form::Sse.idle(heartbeats),
            Happening::Told(Some(delivery)) => self.together(delivery).await,
            Happening::Told(None) => {
                self.over = true;
                Bytes::new()
            }
        })
    }

    /// This delivery and all that come until the next write may be.
    async fn together(&mut self, first: Delivery) -> Bytes {
        sleep_until(self.may_write).await;
        let mut out = Vec::new();
        self.write(&mut out, &first);
        while out.len() < TOGETHER_BYTES {
            let Some(delivery) = self.history.pop_front().or_else(|| self.subscriber.try_recv()) else {
                self.may_write = Instant::now() + COALESCE;
                break;
            };
            self.write(&mut out, &delivery);
        }
        out.into()
    }

    fn write(&self, out: &mut Vec<u8>, delivery: &Delivery) {
        match delivery {
            Delivery::Event { event, subscription_ids, .. } => {
                let head = format!("id: {}:{}\ndata: ", self.run, event.seq);
                out.extend_from_slice(head.as_bytes());
                out.extend_from_slice(&event.delivery_json(subscription_ids, NOBODY));
                out.extend_from_slice(b"\n\n");
            }
            Delivery::Lagged { missed } => out.extend_from_slice(&lagged(Some(*missed))),
        }
    }

    fn end(&mut self, farewell: &Farewell) -> Bytes {
        self.over = true;
        Form::Sse.farewell(farewell)
    }
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
