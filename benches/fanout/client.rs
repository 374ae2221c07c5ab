//! All viewers in one process: raw sockets, as little work per byte as can be, and a note of each frame's arrival.

use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::events::{self, Chunked, Event};
use crate::process::{Program, Server, Transport};
use crate::websocket::{self, Messages};

const READ_BYTES: usize = 256 * 1024;
/// The simulated device delivers blocks of 10 ms, as a sound card does; a frame waits for the block that ends it.
const BLOCKS_PER_SEC: u64 = 100;

/// Viewers at work.
pub(crate) struct Audience {
    viewers: JoinSet<Viewer>,
    stop: watch::Sender<bool>,
}

/// What all viewers saw of one window.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// From the moment when the server was given a frame's last sample to the frame's arrival.
    pub(crate) latencies_us: Vec<u64>,
    /// Events of frames captured in the window.
    pub(crate) events: u64,
    /// The same if nothing had been lost: every viewer got every frame.
    pub(crate) expected_events: u64,
    pub(crate) bytes: u64,
}

/// One viewer and what it noted.
pub(crate) struct Viewer {
    /// Samples in a block, for a server that gets its samples in blocks.
    block_samples: u64,
    rate_hz: u64,
    socket: TcpStream,
    body: Body,
    arrivals: Vec<Arrival>,
}

/// What comes over the socket.
enum Body {
    /// Chunked, but for nchan's.
    Events(Option<Chunked>, Event),
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

impl Audience {
    /// Nobody yet.
    pub(crate) fn new() -> Self {
        Self { viewers: JoinSet::new(), stop: watch::channel(false).0 }
    }

    /// Opens streams of frames until there are `count`.
    pub(crate) async fn grow(&mut self, server: &Server, count: usize) {
        while self.viewers.len() < count {
            self.add(server, "audio").await;
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.viewers.len()
    }

    /// Opens one stream: the last part of its path, with a query.
    pub(crate) async fn add(&mut self, server: &Server, stream: &str) {
        let viewer = Viewer::open(server, stream).await;
        self.viewers.spawn(viewer.watch(self.stop.subscribe()));
    }

    /// Ends all streams.
    pub(crate) async fn close(self) -> Vec<Viewer> {
        self.stop.send_replace(true);
        self.viewers.join_all().await
    }
}

impl Seen {
    /// The frames whose capture ended in `window`, in which `count` viewers were there.
    pub(crate) fn by(viewers: &[Viewer], window: &Range<u64>, count: usize) -> Self {
        let arrivals = || viewers.iter().flat_map(|viewer| &viewer.arrivals);
        let in_window = || arrivals().filter(|arrival| window.contains(&arrival.captured_end_us));
        let first = in_window().map(|arrival| arrival.frame_number).min();
        let last = in_window().map(|arrival| arrival.frame_number).max();
        let frames = first.zip(last).map_or(0, |(first, last)| last - first + 1);
        Self {
            latencies_us: in_window().map(|seen| seen.arrived_us.saturating_sub(seen.given_us)).collect(),
            events: in_window().count() as u64,
            expected_events: frames * count as u64,
            bytes: arrivals().filter(|seen| window.contains(&seen.arrived_us)).map(|seen| seen.event_bytes).sum(),
        }
    }

    /// The part of the events that arrived.
    pub(crate) fn delivered(&self) -> f64 {
        self.events as f64 / self.expected_events as f64
    }
}

impl Viewer {
    async fn open(server: &Server, stream: &str) -> Self {
        let mut socket = TcpStream::connect(&server.address).await.unwrap();
        let is_nchan = server.program == Program::Nchan;
        let body = match server.transport {
            Transport::Events => {
                let path = if is_nchan { "/subscribe".into() } else { format!("/api/audio/stream/{stream}") };
                let headers = format!("Authorization: Bearer {}\r\nAccept: text/event-stream\r\n", server.token);
                let head = events::open(&mut socket, &server.address, &path, &headers).await;
                let chunked = head.contains("transfer-encoding: chunked").then(Chunked::default);
                Body::Events(chunked, Event::default())
            }
            Transport::WebSocket => {
                let path = if is_nchan { "/subscribe" } else { "/api/audio/stream/ws" };
                websocket::open(&mut socket, &server.address, path, &server.token).await;
                if !is_nchan {
                    websocket::subscribe(&mut socket, stream, "").await;
                }
                Body::Messages(Messages::default())
            }
        };
        let rate_hz = u64::from(server.rate_hz);
        let block_samples = if server.program == Program::Photophone { rate_hz / BLOCKS_PER_SEC } else { 1 };
        Self { block_samples, rate_hz, socket, body, arrivals: Vec::with_capacity(1024) }
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
        let Self { block_samples, rate_hz, body, arrivals, .. } = self;
        let mut note = |place: Option<(u64, u64, u64)>, event_bytes| {
            let Some((frame_number, captured_end_us, end_sample)) = place else { return };
            let waits_samples = end_sample.next_multiple_of(*block_samples) - end_sample;
            let given_us = captured_end_us + waits_samples * 1_000_000 / *rate_hz;
            arrivals.push(Arrival { frame_number, captured_end_us, given_us, arrived_us, event_bytes });
        };
        match body {
            Body::Events(chunked, event) => {
                let mut take = |payload: &[u8]| event.take(payload, |head, bytes| note(events::place(head), bytes));
                match chunked {
                    Some(chunked) => chunked.split(bytes, take),
                    None => take(bytes),
                }
            }
            Body::Messages(messages) => {
                messages.split(bytes, |head, message_bytes| note(websocket::place(head), message_bytes));
            }
        }
    }
}
