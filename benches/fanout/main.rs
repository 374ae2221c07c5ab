//! Measures what viewers cost: latency from a frame's last sample (and from the block of 10 ms that brought it to the
//! server) to its viewer, CPU and memory of the server, with 1 to 1000 viewers of frames (48 kHz stereo, 30 frames per
//! second) on loopback: `photophone` by `/api/audio/stream/audio`, `photophone-ws` as messages by WebSocket.
//!
//! Against, in the same run and over the same client: `sockets` and `sockets-ws`, a tokio program that writes the same
//! bytes to plain sockets, which is the floor; and `per-client`, Rocket's own `EventStream` with `Event::json`, which clones and
//! encodes each frame for each viewer. Every figure is the median of interleaved rounds, each with fresh processes.
//!
//! `cargo bench --bench fanout -- [--seconds 8] [--rounds 3] [--most 1000]`, the last of which leaves out more viewers; `PHOTOPHONE_BIN` names another binary. Budget at 200
//! viewers on a quiet machine: everything delivered, p99 from the block within 15 ms, at most 1.4 ms of CPU per MB.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a bench that cannot measure ends")]
#![expect(clippy::disallowed_methods, reason = "a bench measures the program from outside")]
#![expect(clippy::print_stdout, reason = "the table is what a bench makes")]

mod client;
mod process;
mod reference;
mod table;
mod websocket;

use std::time::Duration;

use client::Watch;
use process::{Server, ServerKind};
use table::{Point, Row};

/// What is measured: which server, and how many viewers.
const POINTS: [(ServerKind, usize); 15] = [
    (ServerKind::Photophone, 0),
    (ServerKind::Photophone, 1),
    (ServerKind::Sockets, 1),
    (ServerKind::Photophone, 50),
    (ServerKind::Sockets, 50),
    (ServerKind::PerClient, 50),
    (ServerKind::Photophone, 200),
    (ServerKind::Sockets, 200),
    (ServerKind::PerClient, 200),
    (ServerKind::PhotophoneWs, 200),
    (ServerKind::SocketsWs, 200),
    (ServerKind::Photophone, 1000),
    (ServerKind::Sockets, 1000),
    (ServerKind::PhotophoneWs, 1000),
    (ServerKind::SocketsWs, 1000),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("serve-sockets") => reference::sockets::serve(),
        Some("serve-per-client") => reference::per_client::serve(),
        _ => measure(
            option(&arguments, "--seconds", 8.0),
            option(&arguments, "--rounds", 3.0) as usize,
            option(&arguments, "--most", 1000.0) as usize,
        ),
    }
}

/// The number after `name` among the arguments.
fn option(arguments: &[String], name: &str, default: f64) -> f64 {
    let value = arguments.iter().skip_while(|argument| *argument != name).nth(1);
    value.map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} {value}: a number would be right")))
}

fn measure(seconds: f64, rounds: usize, most_viewers: usize) {
    println!("{}\n{rounds} rounds of {seconds} s per point\n", process::machine());
    let window = Duration::try_from_secs_f64(seconds).expect("seconds are positive");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let points = POINTS.iter().filter(|(_, viewers)| *viewers <= most_viewers);
    let mut points: Vec<Point> = points.map(|(kind, viewers)| Point::new(*kind, *viewers)).collect();
    for _ in 0..rounds {
        for point in &mut points {
            let row = runtime.block_on(measure_one(point.kind, point.viewers, window));
            point.rows.push(row);
        }
    }
    println!("{}\nload average at the end: {}", table::render(&points), process::load_average());
}

async fn measure_one(kind: ServerKind, viewers: usize, window: Duration) -> Row {
    let server = Server::start(kind);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let rss_idle_bytes = server.rss_bytes();
    let watch = Watch::open(&server, viewers).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (start_us, cpu_before) = (client::utc_us(), server.cpu());
    tokio::time::sleep(window).await;
    let (end_us, cpu, rss_bytes) = (client::utc_us(), server.cpu() - cpu_before, server.rss_bytes());
    // What was captured in the window may still be under way.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let seen = watch.close(start_us..end_us).await;
    Row { cpu, wall: Duration::from_micros(end_us - start_us), rss_idle_bytes, rss_bytes, seen }
}
