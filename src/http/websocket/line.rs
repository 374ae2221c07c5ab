//! One end of an open WebSocket: what is heard, what is said, and that neither waits for ever.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{SinkExt, StreamExt, poll};
use photophone_signal::wire::binary::MAX_MESSAGE_BYTES;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};

use crate::http::activity::{Activity, Socket};
use crate::http::server::Transport;

/// Longest message that is read: a subscription has some hundred bytes.
const READ_BYTES_MAX: usize = 8 * 1024;

/// As much is read at a time; clearing the 128 KiB of the default takes 40 % of a viewer's CPU time.
const READ_BYTES_AT_ONCE: usize = 512;

/// How often is looked whether anything leaves, in the time for which nothing may.
const LOOKS_PER_STALL: u32 = 4;

/// Longest time that the last frame may take to leave; the server's own end waits for it.
const CLOSE_MAX: Duration = Duration::from_millis(500);

/// The socket, as the talk over it sees it.
pub(in crate::http) struct Line<S = Transport> {
    socket: WebSocketStream<Socket<S>>,
    activity: Arc<Activity>,
    /// Longest time for which nothing may leave.
    stall: Duration,
    /// tungstenite may have to send something yet: the rest of an answer to a ping.
    owes: bool,
    /// It has sent that since it was last asked: meanwhile nobody waited for what comes.
    has_paid: bool,
    /// The other end has closed it: nothing may be sent but the answer to that.
    is_closing: bool,
}

/// Why the server closes (RFC 6455 §7.4.1).
#[derive(Clone, Copy, Debug)]
pub(in crate::http) enum Closing {
    GoingAway,
    NotAllowed,
    NotText,
    NotUnderstood,
    TooBig,
}

/// What a client said.
#[derive(Debug)]
pub(in crate::http) enum Heard {
    Text(String),
    /// Something that nobody here reads.
    Binary,
}

impl Heard {
    /// The text, if it is one.
    pub(in crate::http) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary => None,
        }
    }
}

/// Why nothing more can be said.
#[derive(Debug)]
pub(in crate::http) enum Hangup {
    /// The other end has closed it, or is gone.
    Gone,
    /// The other end takes nothing.
    Stalled,
    /// It is to be told why, by the code of the last frame.
    Closing(Closing),
}

impl Line {
    /// The server's end of a connection that was upgraded; `early` has been read from it.
    pub(super) async fn open(transport: Transport, early: Bytes, activity: Arc<Activity>, stall: Duration) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(READ_BYTES_MAX))
            .max_frame_size(Some(READ_BYTES_MAX))
            // Cleared at each look for something to read, which comes with each event that is sent.
            .read_buffer_size(READ_BYTES_AT_ONCE)
            // Each message leaves when it is there; answers to pings wait for it.
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_MESSAGE_BYTES + READ_BYTES_MAX);
        let socket = Socket::new(transport, Arc::clone(&activity));
        let socket = WebSocketStream::from_partially_read(socket, early.into(), Role::Server, Some(config)).await;
        Self::new(socket, activity, stall)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    fn new(socket: WebSocketStream<Socket<S>>, activity: Arc<Activity>, stall: Duration) -> Self {
        Self { socket, activity, stall, owes: false, has_paid: false, is_closing: false }
    }

    /// The next message. Cancel-safe.
    pub(in crate::http) async fn hear(&mut self) -> Result<Heard, Hangup> {
        loop {
            self.pay().await?;
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Heard::Text(text.as_str().to_owned())),
                Some(Ok(Message::Binary(_))) => return Ok(Heard::Binary),
                // Answered by tungstenite. Who takes no answers is not listened to either: each would wait in memory.
                Some(Ok(Message::Ping(_))) => self.owes = true,
                Some(Ok(Message::Close(_))) => self.is_closing = true,
                Some(Ok(Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(Error::Capacity(_))) => return Err(Hangup::Closing(Closing::TooBig)),
                Some(Err(Error::Protocol(_))) => return Err(Hangup::Closing(Closing::NotUnderstood)),
                Some(Err(Error::Utf8(_))) => return Err(Hangup::Closing(Closing::NotText)),
                Some(Err(_)) | None => return Err(Hangup::Gone),
            }
        }
    }

    /// Sends what is framed already, past tungstenite.
    pub(in crate::http) async fn tell(&mut self, frames: Bytes) -> Result<(), Hangup> {
        if self.is_closing {
            return Err(Hangup::Gone);
        }
        if self.owes {
            // What it began has to end first.
            let (activity, stall) = (Arc::clone(&self.activity), self.stall);
            unless_stalled(self.pay(), &activity, stall).await?;
        }
        let Self { socket, activity, stall, .. } = self;
        let telling = async { write_all(socket.get_mut(), frames).await.map_err(|_broken| Hangup::Gone) };
        unless_stalled(telling, activity, *stall).await
    }

    /// Sends what tungstenite owes. Cancel-safe.
    async fn pay(&mut self) -> Result<(), Hangup> {
        if self.owes {
            self.socket.flush().await.map_err(|_broken| Hangup::Gone)?;
            self.owes = false;
            self.has_paid = true;
        }
        Ok(())
    }

    /// Whether what was owed has been sent since this was last asked: then [`Self::hear`] has to be asked again, since it
    /// may have waited for the sending alone.
    pub(in crate::http) fn take_paid(&mut self) -> bool {
        std::mem::take(&mut self.has_paid)
    }

    pub(in crate::http) async fn say(&mut self, text: String) -> Result<(), Hangup> {
        self.send(Message::text(text)).await
    }

    /// Makes the other end answer, below what its program sees.
    pub(in crate::http) async fn ping(&mut self) -> Result<(), Hangup> {
        self.send(Message::Ping(Bytes::new())).await
    }

    /// Ends the connection, with a last frame where there is somebody to read it.
    pub(in crate::http) async fn hang_up(&mut self, hangup: Hangup) -> Hangup {
        if let Hangup::Closing(closing) = &hangup {
            drop(timeout(CLOSE_MAX, self.close(*closing)).await);
        }
        hangup
    }

    /// What still comes is read: a socket with unread input takes its last words along.
    async fn close(&mut self, closing: Closing) {
        let (code, has_read_all) = match closing {
            Closing::GoingAway => (CloseCode::Away, true),
            Closing::NotAllowed => (CloseCode::Policy, true),
            Closing::NotText => (CloseCode::Invalid, false),
            Closing::NotUnderstood => (CloseCode::Protocol, false),
            Closing::TooBig => (CloseCode::Size, false),
        };
        let frame = CloseFrame { code, reason: "".into() };
        if self.socket.close(Some(frame)).await.is_err() {
            return;
        }
        while let Some(Ok(_)) = self.socket.next().await {}
        // tungstenite reads nothing more of what it could not understand.
        let mut rest = [0; READ_BYTES_AT_ONCE];
        while !has_read_all && self.socket.get_mut().read(&mut rest).await.is_ok_and(|bytes| bytes > 0) {}
    }

    async fn send(&mut self, message: Message) -> Result<(), Hangup> {
        let Self { socket, activity, stall, .. } = self;
        let sending = async { socket.send(message).await.map_err(|_broken| Hangup::Gone) };
        unless_stalled(sending, activity, *stall).await
    }
}

/// Waits for something to be sent. A long message may take its time, as long as some of it leaves.
async fn unless_stalled(
    sending: impl Future<Output = Result<(), Hangup>>,
    activity: &Activity,
    stall: Duration,
) -> Result<(), Hangup> {
    let mut sending = pin!(sending);
    // Mostly there is room: no timer for that.
    if let Poll::Ready(sent) = poll!(&mut sending) {
        return sent;
    }
    loop {
        match timeout(stall / LOOKS_PER_STALL, &mut sending).await {
            Ok(sent) => return sent,
            Err(_) if activity.idle() >= stall => return Err(Hangup::Stalled),
            Err(_) => {}
        }
    }
}

async fn write_all(socket: &mut (impl AsyncWrite + Unpin), mut bytes: Bytes) -> io::Result<()> {
    while bytes.has_remaining() {
        match poll_fn(|cx| Pin::new(&mut *socket).poll_write(cx, &bytes)).await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => bytes.advance(written),
        }
    }
    poll_fn(|cx| Pin::new(&mut *socket).poll_flush(cx)).await
}

#[cfg(test)]
mod tests {
    use futures_util::future::{Either, select};
    use tokio::io::{DuplexStream, duplex};

    use super::*;
    use crate::clock::ManualClock;
    use crate::feed::FramedMessage;

    const STALL: Duration = Duration::from_secs(60);

    /// Both ends of a line on which few bytes find room.
    async fn narrow() -> (Line<DuplexStream>, WebSocketStream<DuplexStream>) {
        let (near, far) = duplex(16);
        let activity = Activity::new(ManualClock::starting_at(0));
        let near = Socket::new(near, Arc::clone(&activity));
        let near = WebSocketStream::from_raw_socket(near, Role::Server, None).await;
        (Line::new(near, activity, STALL), WebSocketStream::from_raw_socket(far, Role::Client, None).await)
    }

    fn framed(payload: &[u8]) -> Bytes {
        FramedMessage::write(|out| out.extend(payload)).frame().clone()
    }

    /// Asks for an answer of which a part only has left when this ends: nobody reads it.
    async fn ask(line: &mut Line<DuplexStream>, client: &mut WebSocketStream<DuplexStream>, question: &[u8]) {
        let (asking, hearing) = (client.send(Message::Ping(question.to_vec().into())), line.hear());
        let (asking, hearing) = (pin!(asking), pin!(hearing));
        let Either::Left((asked, hearing)) = select(asking, hearing).await else { panic!("nothing is said") };
        asked.unwrap();
        assert!(poll!(hearing).is_pending());
    }

    #[tokio::test]
    async fn what_is_framed_comes_behind_the_rest_of_an_answer() {
        let (mut line, mut client) = narrow().await;
        let (question, payload) = (vec![b'x'; 125], vec![7; 70_000]);
        ask(&mut line, &mut client, &question).await;
        let reading = async { [client.next().await.unwrap().unwrap(), client.next().await.unwrap().unwrap()] };
        let (told, read) = tokio::join!(line.tell(framed(&payload)), reading);
        told.unwrap();
        assert!(line.take_paid() && !line.take_paid(), "what comes has to be looked for again");
        assert_eq!(read, [Message::Pong(question.into()), Message::Binary(payload.into())]);
    }

    #[tokio::test]
    async fn words_and_what_is_framed_come_in_order() {
        let (mut line, mut client) = narrow().await;
        let saying = async {
            for n in 0..20 {
                line.say(format!("{n}")).await.unwrap();
                line.tell(framed(&[n; 200])).await.unwrap();
            }
        };
        let reading = async {
            for n in 0..20 {
                assert_eq!(client.next().await.unwrap().unwrap(), Message::text(format!("{n}")));
                assert_eq!(client.next().await.unwrap().unwrap(), Message::Binary(vec![n; 200].into()));
            }
        };
        tokio::join!(saying, reading);
    }

    #[tokio::test]
    async fn who_has_closed_is_told_nothing_more() {
        let (mut line, mut client) = narrow().await;
        let (_, heard) = tokio::join!(client.close(None), line.hear());
        assert!(matches!(heard, Err(Hangup::Gone)));
        assert!(matches!(line.tell(framed(b"late")).await, Err(Hangup::Gone)));
    }
}
