//! The feeds that one connection watches, by the names that it gave them.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::{AbortHandle, BoxFuture, FutureExt, abortable};
use futures_util::stream::{self, BoxStream, FuturesUnordered, StreamExt};
use rocket::http::Status;

use super::activity::Activity;
use super::bell::Bell;
use super::delivery::Farewell;
use super::viewers::ViewerEntry;
use super::viewing::Viewing;
use super::watch::{Told, Watch};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::FeedSpec;

/// Feeds on one connection; each view of the page needs one or two.
const SUBSCRIPTIONS_MAX: usize = 16;

/// Longest name of a subscription.
const ID_BYTES_MAX: usize = 64;

/// Several watches as one stream of what happens to them.
pub(super) struct Subscriptions {
    /// Whether the connection takes what it is sent.
    activity: Arc<Activity>,
    held: HashMap<String, Subscription>,
    opening: FuturesUnordered<BoxFuture<'static, Option<Opened>>>,
    /// Those that are open, the one that was told something last behind the others.
    open: Vec<OpenWatch>,
}

struct Subscription {
    spec: FeedSpec,
    opening: AbortHandle,
    /// Once it is open.
    entry: Option<Arc<ViewerEntry>>,
}

/// What happened first.
enum Step {
    /// None for what was taken back.
    Opened(Option<Box<Opened>>),
    Told(Tale),
}

struct Opened {
    id: String,
    watch: Result<Watch, ApiError>,
}

/// Why there is no further subscription.
pub(super) struct Refusal {
    pub(super) error: ApiError,
    /// The subscription that has the same feed, when that is why.
    pub(super) same_as: Option<String>,
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self { error, same_as: None }
    }
}

/// A subscription that is open.
struct OpenWatch {
    id: String,
    tales: BoxStream<'static, Tale>,
    bell: Bell,
}

/// What happens to one subscription. What it was told is in the frames of a WebSocket.
pub(super) enum Tale {
    /// It is open: number of the feed, and what comes first.
    Open(String, u32, Bytes),
    /// It cannot be.
    Refused(String, ApiError),
    /// It was told something.
    Told(Bytes),
    /// It is told this, and no more.
    Ended(String, Bytes, Farewell),
}

impl Subscriptions {
    /// None yet, of a connection with this activity.
    pub(super) fn new(activity: Arc<Activity>) -> Self {
        Self { activity, held: HashMap::new(), opening: FuturesUnordered::new(), open: Vec::new() }
    }

    /// Begins to watch a feed as messages under the name `id`; what comes of it is a tale. A new feed works through the
    /// whole history first, and the other subscriptions do not wait for that.
    ///
    /// # Errors
    /// 400 for a bad name, 409 for one that is in use and for a feed that is watched already, 503 beyond the bound.
    pub(super) fn add(
        &mut self,
        api: &Api,
        id: &str,
        spec: FeedSpec,
        viewing: Viewing,
        claims: &Claims,
    ) -> Result<(), Refusal> {
        self.check(id, &spec)?;
        let (api, claims, activity) = (api.clone(), claims.clone(), Arc::clone(&self.activity));
        let (id_of_watch, spec_of_watch) = (id.to_owned(), spec.clone());
        let (watch, opening) = abortable(async move {
            let watch = Watch::open(&api, &spec_of_watch, viewing, &claims, activity).await;
            Opened { id: id_of_watch, watch }
        });
        self.opening.push(watch.map(Result::ok).boxed());
        self.held.insert(id.to_owned(), Subscription { spec, opening, entry: None });
        Ok(())
    }

    /// Watches no longer what has this name; tells whether anything had.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        self.open.retain(|watch| watch.id != id);
        self.held.remove(id).map(|subscription| subscription.opening.abort()).is_some()
    }

    /// The last that all are told.
    pub(super) fn note_farewell(&self, event: &'static str) {
        self.held
            .values()
            .filter_map(|subscription| subscription.entry.as_ref())
            .for_each(|entry| entry.note_farewell(event));
    }

    /// What happens next; waits for ever while there is no subscription. Cancel-safe.
    pub(super) async fn next(&mut self, api: &Api) -> Tale {
        loop {
            match poll_fn(|cx| self.poll_step(cx)).await {
                Step::Opened(opened) => {
                    if let Some(tale) = opened.and_then(|opened| self.open(*opened, api)) {
                        return tale;
                    }
                }
                Step::Told(tale) => {
                    if let Tale::Ended(id, ..) = &tale {
                        self.remove(id);
                    }
                    return tale;
                }
            }
        }
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        // With every event, so the usual case, in which nothing is being opened, costs nothing.
        if !self.opening.is_empty()
            && let Poll::Ready(Some(opened)) = self.opening.poll_next_unpin(cx)
        {
            return Poll::Ready(Step::Opened(opened.map(Box::new)));
        }
        poll_tale(&mut self.open, cx).map(Step::Told)
    }

    /// None for what was taken back meanwhile.
    fn open(&mut self, Opened { id, watch }: Opened, api: &Api) -> Option<Tale> {
        let mut watch = match watch {
            Ok(watch) => watch.in_frames(),
            Err(error) => return self.held.remove(&id).map(|_| Tale::Refused(id, error)),
        };
        let subscription = self.held.get_mut(&id)?;
        let (feed, opening) = (watch.feed(), watch.opening(api));
        subscription.entry = Some(Arc::clone(watch.entry()));
        self.open.push(OpenWatch { id: id.clone(), tales: tales(id.clone(), watch).boxed(), bell: Bell::new() });
        // One alone was polled past its bell.
        self.open.iter().for_each(|watch| watch.bell.ring());
        Some(Tale::Open(id, feed, opening))
    }

    fn check(&self, id: &str, spec: &FeedSpec) -> Result<(), Refusal> {
        let refuse = |status, code, message| Err(ApiError::new(status, code, message).into());
        if id.is_empty() || id.len() > ID_BYTES_MAX {
            let message = format!("id has {} bytes; expected 1 to {ID_BYTES_MAX}", id.len());
            return refuse(Status::BadRequest, "subscription_invalid", message);
        }
        if self.held.contains_key(id) {
            let message = "this connection has a subscription of this id; unsubscribe it first".to_owned();
            return refuse(Status::Conflict, "subscription_exists", message);
        }
        if let Some((other, _)) = self.held.iter().find(|(_, subscription)| subscription.spec == *spec) {
            let message = format!("the subscription {other:?} of this connection has the same feed");
            let error = ApiError::new(Status::Conflict, "feed_subscribed", message);
            return Err(Refusal { error, same_as: Some(other.clone()) });
        }
        if self.held.len() >= SUBSCRIPTIONS_MAX {
            let message = format!("a connection has at most {SUBSCRIPTIONS_MAX} subscriptions");
            return refuse(Status::ServiceUnavailable, "subscriptions_full", message);
        }
        Ok(())
    }
}

/// The next of what any of these is told; none that has much to tell keeps the others waiting.
fn poll_tale(open: &mut [OpenWatch], cx: &mut Context<'_>) -> Poll<Tale> {
    if let [alone] = open {
        // Each touch of what the last event left cold costs: with nobody to be told apart from, it goes without the bell.
        return match alone.tales.poll_next_unpin(cx) {
            Poll::Ready(Some(tale)) => Poll::Ready(tale),
            _ => Poll::Pending,
        };
    }
    for at in 0..open.len() {
        let OpenWatch { tales, bell, .. } = &mut open[at];
        if let Poll::Ready(Some(tale)) = bell.poll(cx, |cx| tales.poll_next_unpin(cx)) {
            open[at..].rotate_left(1);
            return Poll::Ready(tale);
        }
    }
    Poll::Pending
}

/// Everything that a watch is told, to the end of it.
fn tales(id: String, watch: Watch) -> impl stream::Stream<Item = Tale> + Send {
    stream::unfold(Some(Box::new((id, watch))), async |watching| {
        let mut watching = watching?;
        match watching.1.next().await {
            Told::Event(event) => Some((Tale::Told(event), Some(watching))),
            Told::Last(event, farewell) => Some((Tale::Ended(watching.0, event, farewell), None)),
        }
    })
}
