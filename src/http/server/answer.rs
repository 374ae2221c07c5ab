//! The bodies of answers: whole, as Rocket made them, or live, as shared bytes that go to the socket without a copy.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use super::exchange::Cut;
use crate::clock::SharedClock;
use crate::http::activity::Activity;

/// Largest piece of a whole body that is handed on at once: what is not taken yet stays to be seen.
const PIECE_BYTES: usize = 64 * 1024;

/// How often is looked whether an answer is taken, in the time for which it may not be.
const LOOKS_PER_STALL: u32 = 4;

/// What follows the head of an answer.
pub(super) struct AnswerBody {
    content: Content,
    activity: Arc<Activity>,
    /// Tells the connection that something is on its way.
    _open: Option<Arc<()>>,
    /// Ends the connection of who takes nothing of it.
    _stall: Option<AbortOnDropHandle<()>>,
}

enum Content {
    /// What is left of all; none when there is nothing more.
    Whole(Option<Bytes>),
    /// What comes as it comes.
    Live(LiveBody),
}

/// Pieces that are sent as they come: each leaves at once.
pub(in crate::http) struct LiveBody {
    pieces: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
    activity: Arc<Activity>,
    /// Ends the connection of who reads on when the stream is long over.
    _overdue: Option<AbortOnDropHandle<()>>,
}

impl LiveBody {
    /// These pieces; `activity` learns whether they are taken.
    pub(in crate::http) fn new(pieces: impl Stream<Item = Bytes> + Send + 'static, activity: Arc<Activity>) -> Self {
        Self { pieces: Box::pin(pieces), activity, _overdue: None }
    }

    pub(super) fn watched_by(self, overdue: AbortOnDropHandle<()>) -> Self {
        Self { _overdue: Some(overdue), ..self }
    }
}

impl AnswerBody {
    pub(super) fn whole(bytes: Vec<u8>, clock: SharedClock) -> Self {
        let content = Content::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()).map(Bytes::from));
        Self::new(content, Activity::new(clock))
    }

    pub(super) fn live(body: LiveBody) -> Self {
        let activity = Arc::clone(&body.activity);
        Self::new(Content::Live(body), activity)
    }

    fn new(content: Content, activity: Arc<Activity>) -> Self {
        // The head, until it is asked for more.
        activity.note_given();
        Self { content, activity, _open: None, _stall: None }
    }

    pub(super) fn held_by(self, open: Arc<()>) -> Self {
        Self { _open: Some(open), ..self }
    }

    /// Cuts the connection when nothing of this is taken for `stall`. The kernel does that where a connection has one answer
    /// at a time; over HTTP/2 the client says how much of each it takes.
    pub(super) fn cut_when_stalled(self, cut: Cut, stall: Duration) -> Self {
        if matches!(self.content, Content::Whole(None)) {
            return self;
        }
        let activity = Arc::clone(&self.activity);
        let looking = tokio::spawn(async move {
            while activity.idle() < stall {
                sleep(stall / LOOKS_PER_STALL).await;
            }
            cut.now();
        });
        Self { _stall: Some(AbortOnDropHandle::new(looking)), ..self }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Self { content, activity, .. } = self.get_mut();
        // Who asks for more has passed on what came before.
        activity.note_taken();
        let piece = match content {
            Content::Whole(rest) => Poll::Ready(next_piece(rest)),
            Content::Live(live) => live.pieces.as_mut().poll_next(cx),
        };
        if piece.is_ready() {
            activity.note_given();
        }
        piece.map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.content, Content::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Content::Live(_) => SizeHint::default(),
        }
    }
}

fn next_piece(rest: &mut Option<Bytes>) -> Option<Bytes> {
    let mut piece = rest.take()?;
    if piece.len() > PIECE_BYTES {
        *rest = Some(piece.split_off(PIECE_BYTES));
    }
    Some(piece)
}
