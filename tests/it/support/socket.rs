//! A WebSocket client that was not written for this program: `tokio-tungstenite`.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use super::server::{PATIENCE, Server};

/// An open socket.
pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// One at `path`, with these headers.
    pub(crate) async fn with(server: &Server, path: &str, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        connect_async(request(server, path, headers)).await.map(|(socket, _)| Self(socket))
    }

    /// One at `path`, of the owner of `token`.
    pub(crate) async fn bearing(server: &Server, path: &str, token: &str) -> Self {
        Self::with(server, path, &[("Authorization", &format!("Bearer {token}"))]).await.unwrap()
    }

    /// The same, for which the kernel keeps little.
    pub(crate) async fn narrow(server: &Server, path: &str, token: &str) -> Self {
        let line = TcpSocket::new_v4().unwrap();
        line.set_recv_buffer_size(4096).unwrap();
        let address = server.url.strip_prefix("http://").unwrap();
        let line = line.connect(address.parse().unwrap()).await.unwrap();
        let request = request(server, path, &[("Authorization", &format!("Bearer {token}"))]);
        Self(client_async(request, MaybeTlsStream::Plain(line)).await.unwrap().0)
    }

    /// Says one thing.
    pub(crate) async fn say(&mut self, word: Value) {
        self.0.send(Message::text(word.to_string())).await.unwrap();
    }

    /// The next message; none when the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.0.next()).await.expect("waited in vain").map(Result::unwrap)
    }

    /// The next words, whatever messages come before them.
    pub(crate) async fn words(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.next().await.expect("the socket was closed") {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// Says one thing; gives the next words.
    pub(crate) async fn ask(&mut self, word: Value) -> Value {
        self.say(word).await;
        self.words().await
    }

    /// The code with which the socket is closed, whatever messages come before.
    pub(crate) async fn closed(&mut self) -> CloseCode {
        loop {
            if let Message::Close(frame) = self.next().await.expect("it closes with a frame") {
                return frame.expect("the frame has a code").code;
            }
        }
    }
}

fn request(server: &Server, path: &str, headers: &[(&'static str, &str)]) -> Request {
    let url = server.url.replace("http://", "ws://");
    let mut request = format!("{url}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}
