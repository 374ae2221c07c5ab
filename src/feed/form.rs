//! The forms in which events travel, and which of them are wanted now.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::FeedEvent;

/// A form of an event's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A server-sent event.
    Sse,
    /// A server-sent event as a segment of a gzip member.
    GzipSse,
    /// A binary message.
    Message,
}

impl Form {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sse => "sse",
            Self::GzipSse => "gzip_sse",
            Self::Message => "message",
        }
    }
}

/// Viewers of a feed by the form that they take.
#[derive(Debug, Default)]
pub(super) struct Forms {
    sse: Count,
    gzip_sse: Count,
    message: Count,
}

/// How many want a form.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicUsize);

impl Forms {
    pub(super) fn count(&self, form: Form) -> &Count {
        match form {
            Form::Sse => &self.sse,
            Form::GzipSse => &self.gzip_sse,
            Form::Message => &self.message,
        }
    }

    /// Writes the event in each form that somebody wants, so that no viewer has to.
    pub(super) fn write_wanted(&self, event: &FeedEvent, feed: u32) {
        for form in [Form::Sse, Form::GzipSse, Form::Message] {
            if self.count(form).is_wanted() {
                event.write(form, feed);
            }
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
