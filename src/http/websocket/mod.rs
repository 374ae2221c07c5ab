//! WebSockets (RFC 6455): a request becomes a connection over which a conversation is had, in words of JSON upwards, each
//! of which is answered. The only door to tungstenite.

mod line;
mod upkeep;
mod words;

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rocket::http::{Header, Status};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::{self, Responder, Response};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_util::task::AbortOnDropHandle;

pub(super) use self::line::{Closing, Hangup, Heard, Line};
pub(super) use self::upkeep::{Happening, TalkUpkeep};
pub(super) use self::words::{part, read, say};
use super::activity::Activity;
use super::lifetime::overdue;
use super::server::{Exchange, Raised};
use super::{Api, ApiError};
use crate::auth::Claims;

/// Length of the key that a client makes up (RFC 6455 §4.1).
const KEY_BYTES: usize = 16;

/// What is said over a WebSocket.
pub(super) trait Conversation: Send + 'static {
    /// Talks until one end hangs up.
    fn run(&mut self, line: &mut Line) -> impl Future<Output = Hangup> + Send;
}

/// A request to open a WebSocket, with the key that proves that the answer is to it.
pub(in crate::http) struct Upgrade {
    accept: String,
    address: Option<IpAddr>,
    connection: Raised,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Upgrade {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let has = |name, word: &str| {
            let mut values = request.headers().get(name).flat_map(|value| value.split(','));
            values.any(|value| value.trim().eq_ignore_ascii_case(word))
        };
        let upgrades =
            has("Connection", "upgrade") && has("Upgrade", "websocket") && has("Sec-WebSocket-Version", "13");
        let is_key = |key: &&str| STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == KEY_BYTES);
        let exchange = Exchange::of(request);
        // Who asks for the head of an answer alone gets no socket.
        let upgrades = upgrades && !exchange.is_head();
        let key = request.headers().get_one("Sec-WebSocket-Key").filter(|_| upgrades).filter(is_key);
        match key.and_then(|key| Some((key, exchange.take_upgrade()?))) {
            Some((key, connection)) => Outcome::Success(Self {
                accept: derive_accept_key(key.as_bytes()),
                address: request.remote().map(|peer| peer.ip()),
                connection,
            }),
            None => {
                let message = "expected the headers that open a WebSocket of version 13 over HTTP/1.1";
                ApiError::new(Status::UpgradeRequired, "websocket_expected", message).fail(request)
            }
        }
    }
}

/// A WebSocket about to be open.
pub(in crate::http) struct WebSocket {
    accept: String,
}

impl WebSocket {
    /// Opens it for the owner of `claims`, once the answer to the request has left, and has what `begin` gives talk over it:
    /// that is told whether the connection takes what it is sent, and from which address it comes.
    ///
    /// # Errors
    /// 503 when as many streams as allowed are open, and what `begin` refuses with.
    pub(in crate::http) fn open<C: Conversation>(
        api: &Api,
        upgrade: Upgrade,
        claims: &Claims,
        begin: impl FnOnce(&Arc<Activity>, Option<IpAddr>) -> Result<C, ApiError>,
    ) -> Result<Self, ApiError> {
        let slot = api.claim_stream_slot()?;
        let activity = Activity::new(Arc::clone(&api.clock));
        let mut conversation = begin(&activity, upgrade.address)?;
        let (stall, overdue) = (api.stall, overdue(api, claims));
        let talking = async move {
            let Some((transport, early)) = upgrade.connection.bare().await else { return };
            let end = conversation.run(&mut Line::open(transport, early, activity, stall).await).await;
            log::debug!(end:? = end; "WebSocket closed");
            drop(slot);
        };
        api.connections.spawn(async move {
            // Aborted when it is overdue: whoever takes it byte by byte would go on for ever.
            let talking = AbortOnDropHandle::new(tokio::spawn(talking));
            tokio::select! {
                _ = talking => {}
                () = overdue => {}
            }
        });
        Ok(Self { accept: upgrade.accept })
    }
}

impl<'r> Responder<'r, 'r> for WebSocket {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'r> {
        let mut response = Response::new();
        response.set_status(Status::SwitchingProtocols);
        response.set_header(Header::new("Connection", "Upgrade"));
        response.set_header(Header::new("Upgrade", "websocket"));
        response.set_header(Header::new("Sec-WebSocket-Accept", self.accept));
        Ok(response)
    }
}
