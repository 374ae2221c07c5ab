//! Bytes per second of each format, counted on the sockets: with heads, framing of chunks and of WebSockets.

use std::fmt::Write;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, timeout_at};

use crate::Plan;
use crate::figures::number;
use crate::process::{Program, Server, Transport};
use crate::{events, websocket};

const RATE_HZ: u32 = 48_000;

/// What is asked for: stream, query, and whether there are messages of it.
const STREAMS: [(&str, &str, bool); 9] = [
    ("audio", "", false),
    ("audio", "format=f32", true),
    ("audio", "format=i16", true),
    ("audio", "format=i16&channels=a&decimate=4", true),
    ("envelope", "", true),
    ("levels", "", true),
    ("spectral", "", true),
    ("spectral", "size=4096&bins=log:256", true),
    ("lockin", "reference=440&tau_s=0.1&slope=12", true),
];

/// How it is asked for.
const WAYS: [Way; 4] = [Way::Sse, Way::GzipSse, Way::Messages, Way::WebSocket];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sse,
    GzipSse,
    Messages,
    WebSocket,
}

pub(crate) async fn measure(plan: &Plan) -> String {
    let server = Server::start(Program::Photophone, Transport::Events, RATE_HZ).await;
    let length = plan.window * 2;
    let mut counting = JoinSet::new();
    for (row, (name, query, has_messages)) in STREAMS.iter().enumerate() {
        for (column, way) in WAYS.iter().enumerate() {
            if *has_messages || matches!(way, Way::Sse | Way::GzipSse) {
                let socket = open(&server, name, query, *way).await;
                counting.spawn(async move { (row, column, count(socket, length).await) });
            }
        }
    }
    let mut rates = [[f64::NAN; WAYS.len()]; STREAMS.len()];
    while let Some(counted) = counting.join_next().await {
        let (row, column, kb_per_sec) = counted.unwrap();
        rates[row][column] = kb_per_sec;
    }
    render(&rates)
}

fn render(rates: &[[f64; WAYS.len()]]) -> String {
    let mut text = format!(
        "kB per second of each format, the simulation's stereo of {RATE_HZ} Hz; gzip's share depends on the signal\n\
         stream    query                                 SSE  SSE gzip  messages  WebSocket\n"
    );
    for ((name, query, _), rates) in STREAMS.iter().zip(rates) {
        let cells = rates.map(|rate| number(rate, 1));
        let [sse, gzip, messages, websocket] = &cells;
        writeln!(text, "{name:<9} {query:<34} {sse:>7} {gzip:>9} {messages:>9} {websocket:>10}").unwrap();
    }
    text
}

async fn open(server: &Server, name: &str, query: &str, way: Way) -> TcpStream {
    let mut socket = TcpStream::connect(&server.address).await.unwrap();
    let asked = match way {
        Way::Sse => "Accept: text/event-stream",
        Way::GzipSse => "Accept: text/event-stream\r\nAccept-Encoding: gzip",
        Way::Messages => "Accept: application/octet-stream",
        Way::WebSocket => {
            websocket::open(&mut socket, &server.address, "/api/audio/stream/ws", &server.token).await;
            websocket::subscribe(&mut socket, name, query).await;
            return socket;
        }
    };
    let (path, token) = (format!("/api/audio/stream/{name}?{query}"), &server.token);
    let headers = format!("Authorization: Bearer {token}\r\n{asked}\r\n");
    events::open(&mut socket, &server.address, &path, &headers).await;
    socket
}

/// kB per second that come within `length`, after a while for what comes first.
async fn count(mut socket: TcpStream, length: Duration) -> f64 {
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = [0; 2];
    let begin = Instant::now() + Duration::from_secs(1);
    for (until, bytes) in [begin, begin + length].into_iter().zip(&mut bytes) {
        while let Ok(read) = timeout_at(until, socket.read(&mut buffer)).await {
            let read = read.expect("the stream goes on");
            assert!(read > 0, "the stream has ended");
            *bytes += read;
        }
    }
    bytes[1] as f64 / 1e3 / length.as_secs_f64()
}
