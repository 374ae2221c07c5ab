//! The floor: encodes each frame once and writes the same bytes to every socket, with nothing between.

use std::sync::Arc;

use bytes::Bytes;
use photophone::feed::{FeedEvent, FeedSpec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Serves until killed.
#[tokio::main]
pub(crate) async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());
    let (sender, _) = broadcast::channel(128);
    tokio::spawn(publish(sender.clone()));
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        tokio::spawn(write(socket, sender.subscribe()));
    }
}

async fn publish(sender: broadcast::Sender<Bytes>) {
    let mut ticks = super::ticks();
    let (mut frames, mut contents) = (FeedSpec::FRAMES.representation(), Vec::new());
    for number in 0.. {
        ticks.tick().await;
        frames.add(&Arc::new(super::frame(number)), &mut contents);
        let event = FeedEvent::data(contents.remove(0));
        let chunk = [format!("{:x}\r\n", event.sse().len()).as_bytes(), event.sse(), b"\r\n"].concat();
        // Without viewers nobody wants it.
        sender.send(chunk.into()).ok();
    }
}

async fn write(mut socket: TcpStream, mut chunks: broadcast::Receiver<Bytes>) {
    let mut request = [0; 4096];
    if socket.read(&mut request).await.is_err() || socket.write_all(RESPONSE).await.is_err() {
        return;
    }
    loop {
        match chunks.recv().await {
            Ok(chunk) if socket.write_all(&chunk).await.is_err() => return,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}
