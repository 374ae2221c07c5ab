//! A viewer on a raw socket with little room, so that the server feels at once when nobody reads.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_util::io::ReaderStream;

use super::client::Events;
use super::server::{PATIENCE, Server};

/// Room for received bytes in the kernel; its own smallest size is about this.
const RECEIVE_BYTES: u32 = 4096;

/// Between two reads of who takes little.
const PACE: Duration = Duration::from_millis(20);

/// An answered request for a stream of events, of which nothing but the head has been read.
pub(crate) struct SlowViewer {
    socket: TcpStream,
}

impl SlowViewer {
    /// Asks `server` for the events at `path`. In HTTP/1.0, whose bodies are plain bytes up to the end.
    pub(crate) async fn connect(server: &Server, token: &str, path: &str) -> Self {
        let mut socket = connection(server).await;
        let request = format!("GET {path} HTTP/1.0\r\nHost: lab\r\nAuthorization: Bearer {token}\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let head = timeout(PATIENCE, read_head(&mut socket)).await.expect("waited in vain for an answer");
        assert!(head.starts_with("HTTP/1.0 200 "), "{head}");
        Self { socket }
    }

    /// The same over a WebSocket, on which `word` is said first.
    pub(crate) async fn over_websocket(server: &Server, token: &str, word: &str) -> Self {
        let mut socket = connection(server).await;
        let request = format!(
            "GET /api/audio/stream/ws HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\n\
            Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let head = timeout(PATIENCE, read_head(&mut socket)).await.expect("waited in vain for an answer");
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        // A text of less than 126 bytes, masked with zeros (RFC 6455 §5.2).
        let frame = [&[0x81, 0x80 | u8::try_from(word.len()).unwrap(), 0, 0, 0, 0], word.as_bytes()].concat();
        socket.write_all(&frame).await.unwrap();
        Self { socket }
    }

    /// Reads few bytes at a time, far fewer than come, until the connection ends.
    pub(crate) async fn trickle(mut self) {
        let mut few = [0; 256];
        while timeout(PATIENCE, self.socket.read(&mut few)).await.expect("something comes").is_ok_and(|read| read > 0) {
            tokio::time::sleep(PACE).await;
        }
    }

    /// Reads on, as events. Whoever does not ask for the next one reads nothing.
    pub(crate) fn events(self) -> Events {
        Events::of_bytes(ReaderStream::new(self.socket))
    }

    /// Vanishes with a reset, as a machine that lost its power seems to.
    pub(crate) fn reset(self) {
        self.socket.set_zero_linger().unwrap();
    }
}

async fn connection(server: &Server) -> TcpStream {
    let address: SocketAddr = server.url.strip_prefix("http://").unwrap().parse().unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(RECEIVE_BYTES).unwrap();
    timeout(PATIENCE, socket.connect(address)).await.expect("waited in vain for a connection").unwrap()
}

async fn read_head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}
