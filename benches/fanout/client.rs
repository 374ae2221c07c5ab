//! All viewers in one process: raw sockets, as little work per byte as can be, and a note of each frame's arrival.

use std::io::BufRead;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::process::Server;
use crate::websocket::{self, Messages};

const READ_BYTES: usize = 256 * 1024;
/// The head of a frame's JSON ends well before.
const HEAD_BYTES: usize = 400;
/// The simulated device delivers blocks of 10 ms, as a sound card does; a frame waits for the block that ends it.
const BLOCK_SAMPLES: u64 = 480;

/// Viewers at work.
pub(crate) struct Watch {
    viewers: JoinSet<Viewer>,
    stop: watch::Sender<bool>,
}

/// What all viewers saw of one window.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// From the end of a frame's last sample to its arrival.
    pub(crate) latencies_us: Vec<u64>,
    /// From the moment when the server was given the frame's last sample.
    pub(crate) server_latencies_us: Vec<u64>,
    /// Events of frames captured in the window.
    pub(crate) events: u64,
    /// The same if nothing had been lost: every viewer got every frame.
    pub(crate) expected_events: u64,
    pub(crate) bytes: u64,
}

/// One viewer and what it noted.
struct Viewer {
    in_blocks: bool,
    socket: TcpStream,
    body: Body,
    arrivals: Vec<Arrival>,
}

/// What comes over the socket.
enum Body {
    Events(Chunked, Event),
    Messages(Messages),
}

struct Arrival {
    frame_number: u64,
    captured_end_us: u64,
    given_us: u64,
    arrived_us: u64,
    event_bytes: u64,
}

/// Microseconds since the Unix epoch, the clock that stamps frames.
pub(crate) fn utc_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64
}

impl Watch {
    /// Opens `count` streams of frames.
    pub(crate) async fn open(server: &Server, count: usize) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut viewers = JoinSet::new();
        for _ in 0..count {
            let viewer = Viewer::open(server).await;
            viewers.spawn(viewer.watch(stopped.clone()));
        }
        Self { viewers, stop }
    }

    /// Ends all streams and sums up the frames whose capture ended in `window`.
    pub(crate) async fn close(self, window: Range<u64>) -> Seen {
        self.stop.send_replace(true);
        let viewers = self.viewers.join_all().await;
        let arrivals = || viewers.iter().flat_map(|viewer| &viewer.arrivals);
        let in_window = || arrivals().filter(|arrival| window.contains(&arrival.captured_end_us));
        let first = in_window().map(|arrival| arrival.frame_number).min();
        let last = in_window().map(|arrival| arrival.frame_number).max();
        let frames = first.zip(last).map_or(0, |(first, last)| last - first + 1);
        Seen {
            latencies_us: in_window().map(|seen| seen.arrived_us.saturating_sub(seen.captured_end_us)).collect(),
            server_latencies_us: in_window().map(|seen| seen.arrived_us.saturating_sub(seen.given_us)).collect(),
            events: in_window().count() as u64,
            expected_events: frames * viewers.len() as u64,
            bytes: arrivals().filter(|seen| window.contains(&seen.arrived_us)).map(|seen| seen.event_bytes).sum(),
        }
    }
}

impl Viewer {
    async fn open(server: &Server) -> Self {
        let mut socket = TcpStream::connect(&server.address).await.unwrap();
        let body = if server.kind.is_websocket() {
            websocket::open(&mut socket, &server.address, &server.token).await;
            Body::Messages(Messages::default())
        } else {
            Self::open_events(&mut socket, &server.address, &server.token).await;
            Body::Events(Chunked::default(), Event::default())
        };
        Self { in_blocks: server.kind.is_photophone(), socket, body, arrivals: Vec::with_capacity(1024) }
    }

    async fn open_events(socket: &mut TcpStream, host: &str, token: &str) {
        let request = format!(
            "GET /api/audio/stream/audio HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Accept: text/event-stream\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.read_u8().await.expect("a response"));
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200") && head.contains("transfer-encoding: chunked"), "{head}");
    }

    async fn watch(mut self, mut stopped: watch::Receiver<bool>) -> Self {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return self,
                read = self.socket.read(&mut buffer) => match read {
                    Ok(bytes @ 1..) => self.take(&buffer[..bytes]),
                    _ => return self,
                },
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let arrived_us = utc_us();
        let Self { body, arrivals, in_blocks, .. } = self;
        match body {
            Body::Events(chunked, event) => chunked.split(bytes, |payload| {
                event.take(payload, |head, event_bytes| {
                    arrivals.extend(Arrival::of_event(head, arrived_us, event_bytes, *in_blocks));
                })
            }),
            Body::Messages(messages) => messages.split(bytes, |head, message_bytes| {
                let place = websocket::place(head);
                arrivals.extend(place.map(|place| Arrival::at(place, arrived_us, message_bytes, *in_blocks)));
            }),
        }
    }
}

impl Arrival {
    /// None for an event that is no frame. `in_blocks`: the server gets its samples block by block.
    fn of_event(head: &[u8], arrived_us: u64, event_bytes: u64, in_blocks: bool) -> Option<Self> {
        let head = String::from_utf8_lossy(head);
        let number = |key: &str| {
            let rest = head.split_once(key)?.1;
            rest.split([',', '}']).next()?.parse::<f64>().ok()
        };
        let duration_us = number("\"duration_ms\":")? * 1e3;
        let captured_end_us = number("\"captured_us\":")? + duration_us;
        let samples = duration_us * number("\"sample_rate\":")? / 1e6;
        let end_sample = (number("\"first_sample\":")? + samples.round()) as u64;
        let place = (number("\"frame_number\":")? as u64, captured_end_us as u64, end_sample);
        Some(Self::at(place, arrived_us, event_bytes, in_blocks))
    }

    /// Of a frame of this number, UTC of the end in µs, and index of the end.
    fn at(place: (u64, u64, u64), arrived_us: u64, event_bytes: u64, in_blocks: bool) -> Self {
        let (frame_number, captured_end_us, end_sample) = place;
        let block_end = if in_blocks { end_sample.next_multiple_of(BLOCK_SAMPLES) } else { end_sample };
        let given_us = captured_end_us + (block_end - end_sample) * 1000 / 48;
        Self { frame_number, captured_end_us, given_us, arrived_us, event_bytes }
    }
}

/// Takes the framing of HTTP's chunked coding away (RFC 9112, section 7.1).
#[derive(Default)]
struct Chunked {
    size_line: Vec<u8>,
    left: usize,
}

impl Chunked {
    fn split(&mut self, mut bytes: &[u8], mut payload: impl FnMut(&[u8])) {
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
struct Event {
    head: Vec<u8>,
    bytes: u64,
    after_newline: bool,
}

impl Event {
    fn take(&mut self, payload: &[u8], mut ended: impl FnMut(&[u8], u64)) {
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
