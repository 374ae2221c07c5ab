//! A viewer's place in a feed.

use std::sync::Arc;

use super::{EndReason, FeedEvent, Form, Shared, ViewOptions};
use crate::stream::{Next, Reader};

/// Reads the events of a feed. At pace `fast` the source waits for it.
pub struct Viewer {
    events: Reader<FeedEvent>,
    state: Option<FeedEvent>,
    form: Form,
    feed: Arc<Shared>,
}

impl Viewer {
    pub(super) fn enter(feed: Arc<Shared>, options: ViewOptions) -> Self {
        let (events, state) = feed.ring.subscribe(options.start);
        feed.forms.count(options.form).add();
        // Last: at pace fast the source goes on from here.
        feed.stream.watch(&feed.claim);
        Self { events: events.with_lateness(options.lateness), state, form: options.form, feed }
    }

    /// The state that held where this viewer entered, as an event; all that it gets later happened later.
    pub fn initial_state(&self) -> Option<&FeedEvent> {
        self.state.as_ref()
    }

    /// The next event or loss; none once the feed has ended. Cancel-safe.
    pub async fn next(&mut self) -> Option<Next<FeedEvent>> {
        self.events.next().await
    }

    /// Why the feed has ended, once it has.
    pub fn end_reason(&self) -> Option<EndReason> {
        self.feed.end_reason()
    }

    /// Events that this viewer is behind.
    pub fn behind(&self) -> u64 {
        self.events.behind()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.feed.forms.count(self.form).remove();
        self.feed.leave();
    }
}
