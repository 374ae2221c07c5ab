//! A viewer's place in a feed.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::holders::Hold;
use super::{EndReason, FeedEvent, Form, Shared, ViewOptions};
use crate::stream::{Next, Reader};

/// Watches a feed: what it loses is lost to the owner, and at pace `fast` the source waits for it.
pub(super) struct Watching {
    feed: Arc<Shared>,
    /// The feed had lost something before that it had not told yet.
    after_loss: bool,
}

impl Watching {
    pub(super) fn begin(feed: Arc<Shared>) -> Self {
        let after_loss = feed.stream.watch(&feed.claim);
        Self { feed, after_loss }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.feed.stream.release(&self.feed.claim);
    }
}

/// Reads the events of a feed. At pace `fast` the source waits for it.
pub struct Viewer {
    // First, since fields are dropped in order: what the feed loses after the events are left is nobody's loss.
    watching: Watching,
    events: Reader<FeedEvent>,
    state: Option<FeedEvent>,
    /// What was taken and is being written.
    taken: Option<Next<FeedEvent>>,
    form: Form,
    hold: Hold,
}

impl Viewer {
    pub(super) fn enter(feed: Arc<Shared>, watching: Option<Watching>, options: ViewOptions<'_>) -> Self {
        let hold = Hold::new(&feed, options.subject);
        let (events, state) = feed.ring.subscribe(options.start, options.lateness);
        feed.forms.count(options.form).add();
        // Last, for the first viewer must not miss what the source sends at pace fast because it came.
        let watching = watching.unwrap_or_else(|| Watching::begin(feed));
        Self { watching, events, state, taken: None, form: options.form, hold }
    }

    /// Whether the feed has to tell a loss from before this viewer entered.
    pub(super) fn is_before_loss(&self) -> bool {
        self.watching.after_loss
    }

    /// The state that held where this viewer entered, as an event; all that it gets later happened later.
    pub fn initial_state(&self) -> Option<&FeedEvent> {
        self.state.as_ref()
    }

    /// The next event or loss; none once the feed has ended. Cancel-safe.
    pub async fn next(&mut self) -> Option<Next<FeedEvent>> {
        if self.taken.is_none() {
            self.taken = Some(self.events.next().await?);
        }
        self.write_taken().await;
        self.taken.take()
    }

    /// Writes what the feed has not, as nobody took that form then, where it keeps nobody else waiting.
    async fn write_taken(&self) {
        let Some(Next::Item(event)) = &self.taken else { return };
        if !event.is_long_to_write(self.form) {
            return;
        }
        let (event, form, feed) = (event.clone(), self.form, self.feed());
        let Ok(turn) = Arc::clone(&self.hold.feed().late_writer).acquire_owned().await else { return };
        // Whoever had the turn before may have written it.
        if event.is_long_to_write(form) {
            let write = move || {
                event.write(form, feed);
                drop(turn);
            };
            // One that could not be written there is written where it is sent.
            spawn_blocking(write).await.unwrap_or_default();
        }
    }

    /// Why the feed has ended, once it has.
    pub fn end_reason(&self) -> Option<EndReason> {
        self.hold.feed().end_reason()
    }

    /// Number of the feed.
    pub fn feed(&self) -> u32 {
        self.hold.feed().number
    }

    /// Events that this viewer is behind.
    pub fn behind(&self) -> u64 {
        self.events.behind()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.hold.feed().forms.count(self.form).remove();
    }
}

#[cfg(test)]
mod tests;
