//! The client's side of server-sent events, as little work per byte as can be.

use std::io::BufRead;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The head of a frame's JSON ends well before.
const HEAD_BYTES: usize = 400;

/// Asks for a stream with these headers, each with its line end; answers the head in lower case.
pub(crate) async fn open(socket: &mut TcpStream, host: &str, path: &str, headers: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.expect("a response"));
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    head
}

/// Takes the framing of HTTP's chunked coding away (RFC 9112, section 7.1).
#[derive(Default)]
pub(crate) struct Chunked {
    size_line: Vec<u8>,
    left: usize,
}

impl Chunked {
    pub(crate) fn split(&mut self, mut bytes: &[u8], mut payload: impl FnMut(&[u8])) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let (piece, rest) = bytes.split_at(self.left.min(bytes.len()));
                payload(piece);
                self.left -= piece.len();
                bytes = rest;
                continue;
            }
            // The line break after a chunk, then the next size.
            self.size_line.push(bytes[0]);
            bytes = &bytes[1..];
            if self.size_line.len() > 2 && self.size_line.ends_with(b"\r\n") {
                let text = String::from_utf8_lossy(&self.size_line);
                self.left = usize::from_str_radix(text.trim(), 16).unwrap_or_else(|_| panic!("chunk size {text:?}"));
                self.size_line.clear();
            }
        }
    }
}

/// Finds the ends of events, and keeps the first bytes of each.
#[derive(Default)]
pub(crate) struct Event {
    head: Vec<u8>,
    bytes: u64,
    after_newline: bool,
}

impl Event {
    pub(crate) fn take(&mut self, payload: &[u8], mut ended: impl FnMut(&[u8], u64)) {
        let mut rest = payload;
        while !rest.is_empty() {
            let mut after = rest;
            // The fastest search for a byte that the standard library has.
            let line_bytes = after.skip_until(b'\n').expect("memory can be read");
            let (line, has_end) = (&rest[..line_bytes], rest[line_bytes - 1] == b'\n');
            let is_empty_line = has_end && line_bytes == 1 && self.after_newline;
            self.keep(line);
            self.after_newline = has_end;
            if is_empty_line {
                ended(&self.head, self.bytes);
                *self = Self::default();
            }
            rest = after;
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        let room = HEAD_BYTES.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend(&piece[..room]);
        self.bytes += piece.len() as u64;
    }
}

/// Frame number, UTC of the end in µs, and index of the end; none for what is no frame.
pub(crate) fn place(head: &[u8]) -> Option<(u64, u64, u64)> {
    let head = String::from_utf8_lossy(head);
    let number = |key: &str| {
        let rest = head.split_once(key)?.1;
        rest.split([',', '}']).next()?.parse::<f64>().ok()
    };
    let duration_us = number("\"duration_ms\":")? * 1e3;
    let captured_end_us = number("\"captured_us\":")? + duration_us;
    let samples = duration_us * number("\"sample_rate\":")? / 1e6;
    let end_sample = (number("\"first_sample\":")? + samples.round()) as u64;
    Some((number("\"frame_number\":")? as u64, captured_end_us as u64, end_sample))
}
