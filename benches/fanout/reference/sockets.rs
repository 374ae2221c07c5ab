//! The floor: encodes each frame once and writes the same bytes to every socket, with nothing between; as chunks of a body,
//! or framed for who asks for a WebSocket, whose words it does not read.

use std::sync::Arc;

use bytes::Bytes;
use photophone::feed::{FeedEvent, FeedSpec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// Serves until killed.
#[tokio::main]
pub(crate) async fn serve(rate_hz: u32) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());
    let (events, messages) = (broadcast::Sender::new(128), broadcast::Sender::new(128));
    tokio::spawn(publish(rate_hz, events.clone(), messages.clone()));
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        tokio::spawn(write(socket, events.clone(), messages.clone()));
    }
}

async fn publish(rate_hz: u32, events: broadcast::Sender<Bytes>, messages: broadcast::Sender<Bytes>) {
    let mut ticks = super::ticks();
    let (mut frames, mut contents) = (FeedSpec::FRAMES.representation(), Vec::new());
    for number in 0.. {
        ticks.tick().await;
        frames.add(&Arc::new(super::frame(number, rate_hz)), &mut contents);
        let event = FeedEvent::data(contents.remove(0));
        // Without viewers nobody wants it.
        if events.receiver_count() > 0 {
            let chunk = [format!("{:x}\r\n", event.sse().len()).as_bytes(), event.sse(), b"\r\n"].concat();
            events.send(chunk.into()).ok();
        }
        if messages.receiver_count() > 0 {
            messages.send(event.framed(0).frame().clone()).ok();
        }
    }
}

async fn write(mut socket: TcpStream, events: broadcast::Sender<Bytes>, messages: broadcast::Sender<Bytes>) {
    let mut request = [0; 4096];
    let Ok(bytes) = socket.read(&mut request).await else { return };
    let upgrades = String::from_utf8_lossy(&request[..bytes]).contains("Upgrade: websocket");
    let (response, sender) = if upgrades { (SWITCH, messages) } else { (RESPONSE, events) };
    if socket.write_all(response).await.is_err() {
        return;
    }
    let mut pieces = sender.subscribe();
    loop {
        match pieces.recv().await {
            Ok(piece) if socket.write_all(&piece).await.is_err() => return,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}
