//! What goes past Rocket in one exchange: the method as it was sent, the body of the request, the bare connection for who
//! upgrades it, and the live body of the answer.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use rocket::request::Request;
use tokio::task::AbortHandle;
use tokio_util::task::AbortOnDropHandle;

use super::answer::LiveBody;
use super::transport::Transport;

/// Ends a connection, whatever it waits for.
#[derive(Clone, Default)]
pub(super) struct Cut(Arc<OnceLock<AbortHandle>>);

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum BodyError {
    TooLarge,
    BrokenOff,
}

/// A connection that becomes another protocol's once the answer 101 has left.
pub(in crate::http) struct Raised(OnUpgrade);

impl Raised {
    /// The connection, and what of the other protocol was read already; none when it does not come to that.
    pub(in crate::http) async fn bare(self) -> Option<(Transport, Bytes)> {
        let Parts { io, read_buf, .. } = self.0.await.ok()?.downcast::<TokioIo<Transport>>().ok()?;
        Some((io.into_inner(), read_buf))
    }
}

/// One request and its answer, for the routes and the server.
#[derive(Default)]
pub(in crate::http) struct Exchange {
    is_head: bool,
    sent: Mutex<Option<Incoming>>,
    upgrade: Mutex<Option<OnUpgrade>>,
    live: Mutex<Option<LiveBody>>,
    cut: Cut,
}

impl Cut {
    /// The connection that this task serves.
    pub(super) fn aim_at(&self, connection: AbortHandle) {
        self.0.get_or_init(|| connection);
    }

    pub(super) fn now(&self) {
        if let Some(connection) = self.0.get() {
            connection.abort();
        }
    }
}

impl Exchange {
    pub(super) fn new(is_head: bool, sent: Incoming, upgrade: Option<OnUpgrade>, cut: Cut) -> Self {
        Self { is_head, sent: Mutex::new(Some(sent)), upgrade: Mutex::new(upgrade), live: Mutex::default(), cut }
    }

    /// That of a request.
    pub(in crate::http) fn of<'r>(request: &'r Request<'_>) -> &'r Arc<Self> {
        request.local_cache(Arc::default)
    }

    /// Whether the head of the answer alone is asked for. Rocket routes such a request as GET.
    pub(in crate::http) fn is_head(&self) -> bool {
        self.is_head
    }

    /// The body of the request. It can be read once: then there is none.
    ///
    /// # Errors
    /// When it is longer than `limit_bytes`, or breaks off.
    pub(in crate::http) async fn read_body(&self, limit_bytes: usize) -> Result<Bytes, BodyError> {
        let Some(sent) = take(&self.sent) else { return Ok(Bytes::new()) };
        // What is announced as too long is not asked for.
        if sent.size_hint().lower() > limit_bytes as u64 {
            return Err(BodyError::TooLarge);
        }
        let body = Limited::new(sent, limit_bytes).collect().await;
        body.map(|body| body.to_bytes()).map_err(|error| {
            if error.is::<LengthLimitError>() {
                return BodyError::TooLarge;
            }
            log::debug!(error:% = error; "Body could not be read");
            BodyError::BrokenOff
        })
    }

    /// The connection to be, once, when the request is a GET over HTTP/1.1.
    pub(in crate::http) fn take_upgrade(&self) -> Option<Raised> {
        take(&self.upgrade).map(Raised)
    }

    /// Answers with this body, whatever body Rocket's response has. When `overdue` completes before the body is sent, the
    /// connection is cut: whoever takes it byte by byte would go on for ever.
    pub(in crate::http) fn answer_with(&self, body: LiveBody, overdue: impl Future<Output = ()> + Send + 'static) {
        let cut = self.cut.clone();
        let watching = tokio::spawn(async move {
            overdue.await;
            cut.now();
        });
        *lock(&self.live) = Some(body.watched_by(AbortOnDropHandle::new(watching)));
    }

    /// What the routes answer with, beside Rocket's response.
    pub(super) fn take_live(&self) -> Option<LiveBody> {
        take(&self.live)
    }
}

fn lock<T>(place: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take<T>(place: &Mutex<Option<T>>) -> Option<T> {
    lock(place).take()
}
