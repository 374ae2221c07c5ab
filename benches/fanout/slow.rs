//! What a viewer that reads nothing does to the others: windows with and without one, in turn.

use std::fmt::Write;
use std::time::Duration;

use rustix::net::sockopt::set_socket_recv_buffer_size;
use tokio::net::TcpStream;

use crate::Plan;
use crate::client::{Audience, Seen};
use crate::figures::{Window, median, number, quantile_ms};
use crate::process::{Program, Server, Transport};
use crate::{events, websocket};

const VIEWERS: usize = 50;
const REST: Duration = Duration::from_millis(400);

/// By then what both kernels hold is full.
const TO_STALL: Duration = Duration::from_secs(2);

/// Of the one that reads nothing.
const RECEIVE_BYTES: usize = 4096;

pub(crate) async fn measure(plan: &Plan) -> String {
    let mut text = format!("A viewer that reads nothing, beside {VIEWERS} others\n");
    text += "transport  without: p50 ms  p99 ms  delivered   with: p50 ms  p99 ms  delivered\n";
    for (transport, rate_hz) in [(Transport::Events, 48_000), (Transport::WebSocket, 120_000)] {
        let (without, with) = measure_one(transport, rate_hz, plan).await;
        write!(text, "{:<9}", transport.name()).unwrap();
        for seen in [without, with] {
            let ms = |q| number(median(&seen, |seen| quantile_ms(&seen.latencies_us, q)), 2);
            let delivered = number(median(&seen, Seen::delivered), 4);
            write!(text, " {:>16} {:>7} {delivered:>10}", ms(0.5), ms(0.99)).unwrap();
        }
        text.push('\n');
    }
    text
}

/// What the others saw without it, and with it.
async fn measure_one(transport: Transport, rate_hz: u32, plan: &Plan) -> (Vec<Seen>, Vec<Seen>) {
    let server = Server::start(Program::Photophone, transport, rate_hz).await;
    let mut audience = Audience::new();
    audience.grow(&server, VIEWERS).await;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        tokio::time::sleep(REST).await;
        without.push(Window::pass(&server, plan.window).await.utc_us);
        let stalled = stall(&server).await;
        tokio::time::sleep(TO_STALL).await;
        with.push(Window::pass(&server, plan.window).await.utc_us);
        drop(stalled);
    }
    tokio::time::sleep(REST).await;
    let viewers = audience.close().await;
    let seen = |windows: Vec<_>| windows.iter().map(|window| Seen::by(&viewers, window, VIEWERS)).collect();
    (seen(without), seen(with))
}

/// Asks for frames and reads no more than the head.
async fn stall(server: &Server) -> TcpStream {
    let mut socket = TcpStream::connect(&server.address).await.unwrap();
    set_socket_recv_buffer_size(&socket, RECEIVE_BYTES).unwrap();
    if server.transport == Transport::WebSocket {
        websocket::open(&mut socket, &server.address, "/api/audio/stream/ws", &server.token).await;
        websocket::subscribe(&mut socket, "audio", "").await;
    } else {
        let headers = format!("Authorization: Bearer {}\r\n", server.token);
        events::open(&mut socket, &server.address, "/api/audio/stream/audio", &headers).await;
    }
    socket
}
