//! The dashboard as server-sent events: put together and written once a second for all who follow it, and sent to each when
//! it has changed.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rocket::http::ContentType;
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use tokio::sync::{Mutex, OwnedSemaphorePermit};
use tokio::time::{Instant, sleep_until};

use super::activity::Activity;
use super::delivery::{Delivery as Form, Farewell};
use super::lifetime::overdue;
use super::server::{Exchange, LiveBody};
use super::upkeep::{Happening, Upkeep, pass_at_once};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::events::{Connection, Events, LiveDashboardData};
use crate::feed::sse;

/// Shortest time between two looks at how it is.
const PERIOD: Duration = Duration::from_secs(1);

/// How it was when somebody looked last, for all who follow it.
#[derive(Default)]
pub(super) struct Board {
    shown: Mutex<Option<Shown>>,
}

struct Shown {
    dashboard: LiveDashboardData,
    look: Look,
}

/// What one look gives.
#[derive(Clone)]
struct Look {
    /// Another number when anything but the time has changed.
    version: u64,
    event: Bytes,
    /// When to look again.
    again: Instant,
}

/// An open stream of the dashboard.
pub(super) struct DashboardStream {
    activity: Arc<Activity>,
    opening: Bytes,
    live: Live,
    overdue: Pin<Box<dyn Future<Output = ()> + Send>>,
}

struct Live {
    api: Api,
    follower: Follower,
    upkeep: Upkeep,
    over: bool,
    /// Keeps its owner live.
    _connection: Connection,
    /// The server bounds how many streams are open.
    _slot: OwnedSemaphorePermit,
}

/// What one reader has seen.
struct Follower {
    version: Option<u64>,
    again: Instant,
}

impl Board {
    /// How it is, or was less than a period ago. Cancel-safe.
    async fn look(&self, events: &Events) -> Look {
        let mut shown = self.shown.lock().await;
        if let Some(Shown { look, .. }) = shown.as_ref().filter(|shown| Instant::now() < shown.look.again) {
            return look.clone();
        }
        let dashboard = events.dashboard().await;
        let again = Instant::now() + PERIOD;
        let look = match shown.as_ref() {
            Some(before) if is_same(&before.dashboard, &dashboard) => Look { again, ..before.look.clone() },
            before => {
                let version = before.map_or(0, |before| before.look.version) + 1;
                Look { version, event: event(&dashboard), again }
            }
        };
        *shown = Some(Shown { dashboard, look: look.clone() });
        look
    }
}

/// Whether both say the same, whenever that was.
fn is_same(one: &LiveDashboardData, other: &LiveDashboardData) -> bool {
    let LiveDashboardData { live_users, events_per_minute, recent_events, top_pages, timestamp: _ } = one;
    *live_users == other.live_users
        && *events_per_minute == other.events_per_minute
        && *recent_events == other.recent_events
        && *top_pages == other.top_pages
}

fn event(dashboard: &LiveDashboardData) -> Bytes {
    let mut out = b"data: ".to_vec();
    sse::write_json(&mut out, dashboard);
    out.extend_from_slice(b"\n\n");
    out.into()
}

impl Follower {
    /// The next that this reader has not seen. Cancel-safe.
    async fn next(&mut self, board: &Board, events: &Events) -> Bytes {
        loop {
            sleep_until(self.again).await;
            let Look { version, event, again } = board.look(events).await;
            self.again = again;
            if self.version.replace(version) != Some(version) {
                return event;
            }
        }
    }
}

impl DashboardStream {
    /// Lets the owner of `claims` follow the dashboard.
    ///
    /// # Errors
    /// 503 when as many streams or users as allowed are there.
    pub(super) fn open(api: &Api, claims: &Claims) -> Result<Self, ApiError> {
        let slot = api.claim_stream_slot()?;
        let connection = api.connect_user(claims)?;
        let live = Live {
            api: api.clone(),
            follower: Follower { version: None, again: Instant::now() },
            upkeep: Upkeep::new(api, claims),
            over: false,
            _connection: connection,
            _slot: slot,
        };
        let activity = Activity::new(Arc::clone(&api.clock));
        Ok(Self { activity, opening: Form::Sse.opening(), live, overdue: Box::pin(overdue(api, claims)) })
    }
}

impl Live {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let Self { api, follower, upkeep, .. } = self;
        Some(match upkeep.or(follower.next(&api.dashboard, &api.events)).await {
            Happening::Over(farewell) => self.end(&farewell),
            Happening::Silence { heartbeats } => Form::Sse.idle(heartbeats),
            Happening::Told(event) => event,
        })
    }

    fn end(&mut self, farewell: &Farewell) -> Bytes {
        self.over = true;
        Form::Sse.farewell(farewell)
    }
}

impl<'r> Responder<'r, 'static> for DashboardStream {
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
