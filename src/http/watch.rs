//! One viewer's watching of a feed: its events in the form that it takes, and the end of them.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use photophone_signal::wire::binary::kind;
use rocket::http::Status;
use tokio::sync::OwnedSemaphorePermit;

use super::activity::Activity;
use super::delivery::{Delivery, Farewell, farewell};
use super::viewers::{Signed, ViewerEntry, ViewerIdentity};
use super::viewing::{Policy, Viewing};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::{FeedError, FeedEvent, FeedSpec, ViewOptions, Viewer};
use crate::stream::Next;

/// A feed that is being watched.
pub(super) struct Watch {
    viewer: Viewer,
    policy: Policy,
    delivery: Delivery,
    signed: Signed,
    /// Held as long as the stream is open: the server bounds how many are.
    _slot: OwnedSemaphorePermit,
}

/// What comes next.
pub(super) enum Told {
    /// An event.
    Event(Bytes),
    /// An event after which this viewer gets no more.
    Last(Bytes, Farewell),
}

impl Watch {
    /// Watches a feed from here on.
    ///
    /// # Errors
    /// 503 when as many streams or feeds as allowed are open.
    pub(super) async fn open(
        api: &Api,
        spec: &FeedSpec,
        viewing: Viewing,
        claims: &Claims,
        activity: Arc<Activity>,
    ) -> Result<Self, ApiError> {
        let slot = api.claim_stream_slot()?;
        let options = ViewOptions {
            subject: &claims.sub,
            start: viewing.start,
            lateness: viewing.policy.lateness(),
            form: viewing.form,
        };
        let viewer = tokio::select! {
            viewer = api.feeds.view(spec, options) => viewer.map_err(refused)?,
            () = api.ending.cancelled() => return Err(refused(FeedError::Ended)),
        };
        let delivery = Delivery::new(viewing.form, viewer.feed());
        let identity = ViewerIdentity { subject: claims.sub.clone(), address: viewing.address };
        let signed = api.viewers.sign(identity, (viewer.feed(), spec), viewing.form, activity);
        Ok(Self { viewer, policy: viewing.policy, delivery, signed, _slot: slot })
    }

    /// The same, with each message in the frame that carries it over a WebSocket.
    pub(super) fn in_frames(self) -> Self {
        Self { delivery: Delivery::Frames(self.feed()), ..self }
    }

    /// Number of the feed.
    pub(super) fn feed(&self) -> u32 {
        self.viewer.feed()
    }

    /// This viewer in the book.
    pub(super) fn entry(&self) -> &Arc<ViewerEntry> {
        self.signed.entry()
    }

    /// What this viewer gets first: the state that holds where it begins.
    pub(super) fn opening(&mut self, api: &Api) -> Bytes {
        let mut opening = BytesMut::from(&self.delivery.opening()[..]);
        match self.viewer.initial_state() {
            Some(state) => opening.extend_from_slice(&self.delivery.event(state)),
            // The events that come next begin with a state, unless there was none yet.
            None if self.viewer.behind() > 0 => {}
            None => opening.extend_from_slice(&self.delivery.named(kind::STATE, &*api.stream.state())),
        }
        opening.freeze()
    }

    /// The next event. Cancel-safe.
    pub(super) async fn next(&mut self) -> Told {
        match self.viewer.next().await {
            Some(Next::Item(event)) => self.pass(&event),
            Some(Next::Missed(gap)) => self.pass(&FeedEvent::gap(gap)),
            None => self.last(Bytes::new(), farewell::of_feed(self.viewer.end_reason())),
        }
    }

    /// What keeps the connection alive when nothing came.
    pub(super) fn idle(&mut self, heartbeats: bool) -> Bytes {
        self.delivery.idle(heartbeats)
    }

    /// The last words.
    pub(super) fn farewell(&mut self, farewell: &Farewell) -> Bytes {
        self.entry().note_farewell(farewell.event);
        self.delivery.farewell(farewell)
    }

    /// The event's bytes; a strict viewer's stream ends with a gap.
    fn pass(&mut self, event: &FeedEvent) -> Told {
        let bytes = self.delivery.event(event);
        self.signed.note_event(bytes.len());
        match self.policy {
            Policy::Strict if event.told_gap().is_some() => self.last(bytes, farewell::GAP),
            _ => Told::Event(bytes),
        }
    }

    fn last(&mut self, bytes: Bytes, farewell: Farewell) -> Told {
        self.entry().note_farewell(farewell.event);
        Told::Last(bytes, farewell)
    }
}

fn refused(error: FeedError) -> ApiError {
    let code = match error {
        FeedError::TooMany(_) => "feeds_full",
        FeedError::TooManyOfSubject(_) => "feeds_of_subject_full",
        FeedError::TooCostly(_) => "feed_too_costly",
        FeedError::Failed => "feed_failed",
        FeedError::Ended => "stream_ended",
        FeedError::Thread(_) => "threads_full",
    };
    ApiError::new(Status::ServiceUnavailable, code, error.to_string()).retry_after_secs(5)
}
