//! The bodies of answers: whole, as Rocket made them, or live, as shared bytes that go to the socket without a copy.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use hyper::body::{Body, Frame, SizeHint};
use tokio_util::task::AbortOnDropHandle;

use crate::http::activity::Activity;

/// What follows the head of an answer.
pub(super) struct AnswerBody {
    content: Content,
    /// Tells the connection that something is on its way.
    _open: Option<Arc<()>>,
}

enum Content {
    /// All of it; none when it is sent, or nothing.
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

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        // Who asks for more has passed on what came before.
        self.activity.note_taken();
        let piece = self.pieces.as_mut().poll_next(cx);
        if piece.is_ready() {
            self.activity.note_given();
        }
        piece
    }
}

impl AnswerBody {
    pub(super) fn whole(bytes: Vec<u8>) -> Self {
        Self { content: Content::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()).map(Bytes::from)), _open: None }
    }

    pub(super) fn live(body: LiveBody) -> Self {
        Self { content: Content::Live(body), _open: None }
    }

    pub(super) fn held_by(self, open: Arc<()>) -> Self {
        Self { _open: Some(open), ..self }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match &mut self.get_mut().content {
            Content::Whole(bytes) => Poll::Ready(bytes.take()),
            Content::Live(live) => live.poll_piece(cx),
        };
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
