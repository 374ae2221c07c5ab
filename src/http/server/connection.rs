//! One connection: TLS where it is configured, then HTTP/1.1 or HTTP/2, until it closes or the server ends.

use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rocket::local::asynchronous::Client;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use super::dispatch::Dispatch;
use super::exchange::Cut;
use super::transport::Transport;
use crate::clock::SharedClock;
use crate::lifecycle::Ending;

/// About as many bytes a connection over HTTP/1.1 may hold of what it reads and writes; a head that is longer than what
/// was read at once is refused.
const BUFFER_BYTES: usize = 64 * 1024;

/// How an HTTP/2 connection begins (RFC 9113 §3.4): enough of it to tell it from HTTP/1.1.
const HTTP2_BEGINS: &[u8; 4] = b"PRI ";

/// Requests at a time on a connection over HTTP/2; the page has a few.
const CONCURRENT_MAX: u32 = 64;

/// A client that is silent for so long over HTTP/2 is pinged, and gone when it does not answer.
const PING_AFTER: Duration = Duration::from_secs(5);
const PONG_WITHIN: Duration = Duration::from_secs(20);

/// What every connection is held to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Time for a handshake, and for the head of a request from when it may begin.
    pub head_within: Duration,
    /// For how long a client may take nothing of an answer.
    pub stall: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http1,
    Http2,
}

/// Serves a connection as a task of its own.
pub(super) fn spawn(
    connections: &TaskTracker,
    rocket: &'static Client,
    (socket, peer): (TcpStream, SocketAddr),
    tls: Option<TlsAcceptor>,
    terms: Terms,
    clock: SharedClock,
    ending: Ending,
) {
    let cut = Cut::default();
    let dispatch = Dispatch { rocket, peer, cut: cut.clone(), open: Arc::default(), clock, stall: terms.stall };
    let task = connections.spawn(async move {
        let began = timeout(terms.head_within, ending.run_until_cancelled(begin(socket, tls))).await;
        if let Ok(Some(Some((transport, version)))) = began {
            serve(transport, version, dispatch, terms, ending).await;
        }
    });
    cut.aim_at(task.abort_handle());
}

/// The connection, once it is known what is spoken over it; none when it is not, or closed.
async fn begin(socket: TcpStream, tls: Option<TlsAcceptor>) -> Option<(Transport, Version)> {
    // Events are to leave when they are made.
    socket.set_nodelay(true).ok()?;
    let Some(tls) = tls else {
        let mut first = [0; HTTP2_BEGINS.len()];
        let is_http2 = socket.peek(&mut first).await.ok()? == first.len() && &first == HTTP2_BEGINS;
        return Some((Transport::Plain(socket), if is_http2 { Version::Http2 } else { Version::Http1 }));
    };
    match tls.accept(socket).await {
        Ok(stream) => {
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            Some((Transport::Tls(Box::new(stream)), if is_http2 { Version::Http2 } else { Version::Http1 }))
        }
        Err(error) => {
            log::debug!(error:% = error; "TLS handshake failed");
            None
        }
    }
}

async fn serve(transport: Transport, version: Version, dispatch: Dispatch, terms: Terms, ending: Ending) {
    let io = TokioIo::new(transport);
    let open = Arc::clone(&dispatch.open);
    let service = service_fn(move |request| dispatch.clone().answer(request));
    let served = match version {
        Version::Http1 => {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(terms.head_within).max_buf_size(BUFFER_BYTES);
            let mut connection = pin!(http.serve_connection(io, service).with_upgrades());
            tokio::select! {
                biased;
                served = connection.as_mut() => served,
                () = ending.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            }
        }
        Version::Http2 => {
            let mut http = http2::Builder::new(TokioExecutor::new());
            http.timer(TokioTimer::new()).keep_alive_interval(PING_AFTER).keep_alive_timeout(PONG_WITHIN);
            http.max_concurrent_streams(CONCURRENT_MAX);
            let mut connection = pin!(http.serve_connection(io, service));
            tokio::select! {
                biased;
                served = connection.as_mut() => served,
                () = ending.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
                () = idle(&open, terms.head_within) => {
                    connection.as_mut().graceful_shutdown();
                    tokio::select! {
                        served = connection => served,
                        // What came before the client heard of it is answered to its end.
                        () = idle(&open, terms.head_within) => Ok(()),
                    }
                }
            }
        }
    };
    if let Err(error) = served {
        let why = error.source().map(ToString::to_string);
        log::debug!(error:% = error, why:?; "Connection ended early");
    }
}

/// Completes when nothing was on its way at two looks, `apart` from each other. hyper bounds that for HTTP/1.1 only.
async fn idle(open: &Arc<()>, apart: Duration) {
    let mut idle_looks = 0;
    while idle_looks < 2 {
        sleep(apart).await;
        // One is the service's, one is ours.
        idle_looks = if Arc::strong_count(open) > 2 { 0 } else { idle_looks + 1 };
    }
}
