//! The client's side of a WebSocket (RFC 6455), as little work per byte as can be: opens it, subscribes to frames, and
//! notes the head of each message.

use photophone_signal::wire::binary::{HEADER_BYTES, Message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Opens the socket.
pub(crate) async fn open(socket: &mut TcpStream, host: &str, path: &str, token: &str) {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.expect("a response"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
}

/// Asks for a stream with these parameters.
pub(crate) async fn subscribe(socket: &mut TcpStream, kind: &str, query: &str) {
    let words = format!(r#"{{"type":"subscribe","id":"a","kind":"{kind}","query":"{query}"}}"#);
    assert!(words.len() < 126, "{words}");
    // A short text, masked by zeros.
    socket.write_all(&[&[0x81, 0x80 | words.len() as u8, 0, 0, 0, 0], words.as_bytes()].concat()).await.unwrap();
}

/// Takes the framing away and keeps the first bytes of each message.
#[derive(Default)]
pub(crate) struct Messages {
    framing: Vec<u8>,
    left: usize,
    head: Vec<u8>,
    bytes: u64,
}

impl Messages {
    /// Hands each message that ends in `bytes` to `ended`, as its header and length.
    pub(crate) fn split(&mut self, mut bytes: &[u8], mut ended: impl FnMut(&[u8], u64)) {
        while let Some(first) = bytes.first() {
            if self.left == 0 {
                self.framing.push(*first);
                bytes = &bytes[1..];
                self.left = length(&self.framing).unwrap_or(0);
                continue;
            }
            let (piece, rest) = bytes.split_at(self.left.min(bytes.len()));
            let room = HEADER_BYTES.saturating_sub(self.head.len()).min(piece.len());
            self.head.extend(&piece[..room]);
            self.bytes += piece.len() as u64;
            self.left -= piece.len();
            bytes = rest;
            if self.left == 0 {
                ended(&self.head, self.bytes + self.framing.len() as u64);
                *self = Self::default();
            }
        }
    }
}

/// Length of the payload, once the framing is whole.
fn length(framing: &[u8]) -> Option<usize> {
    let bytes: usize = match *framing.get(1)? {
        126 => usize::from(u16::from_be_bytes(framing.get(2..4)?.try_into().ok()?)),
        127 => u64::from_be_bytes(framing.get(2..10)?.try_into().ok()?) as usize,
        short => usize::from(short),
    };
    Some(bytes)
}

/// Frame number, UTC of the end in µs, and index of the end; none for what is no frame.
pub(crate) fn place(head: &[u8]) -> Option<(u64, u64, u64)> {
    // The header alone, made a message of its own: it tells the length of the whole.
    let mut alone = head.to_vec();
    alone.get_mut(8..12)?.copy_from_slice(&(HEADER_BYTES as u32).to_le_bytes());
    let place = Message::decode(&alone).ok()?.header.place?;
    let duration_us = u64::from(place.samples) * 1_000_000 / u64::from(place.sample_rate.hz());
    Some((place.frame_number, place.captured_us + duration_us, place.first_sample + u64::from(place.samples)))
}
