//! The forms in which events travel, and which of them are wanted now.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::FeedEvent;

/// A form of an event's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A server-sent event.
    Sse,
}

/// Viewers of a feed by the form that they take.
#[derive(Debug, Default)]
pub(super) struct Forms {
    sse: Count,
}

/// How many want a form.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicUsize);

impl Forms {
    pub(super) fn count(&self, form: Form) -> &Count {
        match form {
            Form::Sse => &self.sse,
        }
    }

    /// Writes the event in each form that somebody wants, so that no viewer has to.
    pub(super) fn write_wanted(&self, event: &FeedEvent) {
        if self.sse.is_wanted() {
            event.sse();
        }
    }
}

impl Count {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn remove(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }

    fn is_wanted(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}
