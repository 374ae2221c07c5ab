//! The feeds that one connection watches, by the names that it gave them.

use std::collections::HashMap;
use std::future;

use bytes::Bytes;
use futures_util::stream::{self, AbortHandle, BoxStream, SelectAll, StreamExt, abortable};
use rocket::http::Status;

use super::viewing::Viewing;
use super::watch::{Told, Watch};
use super::{Api, ApiError};
use crate::auth::Claims;
use crate::feed::{FeedSpec, Form};

/// Feeds on one connection; each view of the page needs one or two.
const SUBSCRIPTIONS_MAX: usize = 16;

/// Longest name of a subscription.
const ID_BYTES_MAX: usize = 64;

/// Several watches as one stream of what they tell.
#[derive(Default)]
pub(super) struct Subscriptions {
    watched: HashMap<String, Watched>,
    told: SelectAll<BoxStream<'static, Tale>>,
}

struct Watched {
    feed: u32,
    stop: AbortHandle,
}

/// What one subscription was told.
pub(super) struct Tale {
    pub(super) id: String,
    pub(super) told: Told,
}

impl Subscriptions {
    /// Watches a feed as messages under the name `id`; gives its number and what comes first.
    ///
    /// # Errors
    /// 400 for a bad name, 409 for one that is in use and for a feed that is watched already, 503 beyond the bounds.
    pub(super) async fn add(
        &mut self,
        api: &Api,
        id: &str,
        spec: &FeedSpec,
        viewing: Viewing,
        claims: &Claims,
    ) -> Result<(u32, Bytes), ApiError> {
        debug_assert_eq!(viewing.form, Form::Message);
        self.check(id)?;
        let mut watch = Watch::open(api, spec, viewing, claims).await?;
        let feed = watch.feed();
        if let Some((other, _)) = self.watched.iter().find(|(_, watched)| watched.feed == feed) {
            let message = format!("the subscription {other:?} of this connection has the same feed, {feed}");
            return Err(ApiError::new(Status::Conflict, "feed_subscribed", message));
        }
        let opening = watch.opening(api);
        let (told, stop) = abortable(tales(id.to_owned(), watch));
        self.watched.insert(id.to_owned(), Watched { feed, stop });
        self.told.push(told.boxed());
        Ok((feed, opening))
    }

    /// Watches no longer what has this name; tells whether anything had.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        self.watched.remove(id).map(|watched| watched.stop.abort()).is_some()
    }

    /// What is told next; waits for ever while nothing is watched. Cancel-safe.
    pub(super) async fn next(&mut self) -> Tale {
        match self.told.next().await {
            Some(tale) => tale,
            None => future::pending().await,
        }
    }

    fn check(&self, id: &str) -> Result<(), ApiError> {
        if id.is_empty() || id.len() > ID_BYTES_MAX {
            let message = format!("id has {} bytes; expected 1 to {ID_BYTES_MAX}", id.len());
            return Err(ApiError::new(Status::BadRequest, "subscription_invalid", message));
        }
        if self.watched.contains_key(id) {
            let message = "this connection has a subscription of this id; unsubscribe it first";
            return Err(ApiError::new(Status::Conflict, "subscription_exists", message));
        }
        if self.watched.len() >= SUBSCRIPTIONS_MAX {
            let message = format!("a connection has at most {SUBSCRIPTIONS_MAX} subscriptions");
            return Err(ApiError::new(Status::ServiceUnavailable, "subscriptions_full", message));
        }
        Ok(())
    }
}

/// Everything that a watch is told, to the end of it.
fn tales(id: String, watch: Watch) -> impl stream::Stream<Item = Tale> + Send {
    stream::unfold(Some((id, watch)), async |watching| {
        let (id, mut watch) = watching?;
        let told = watch.next().await;
        let goes_on = matches!(told, Told::Event(_));
        Some((Tale { id: id.clone(), told }, goes_on.then_some((id, watch))))
    })
}
