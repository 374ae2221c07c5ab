//! Whether a connection takes what it is sent: seen where its bytes are asked for, or written.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::clock::SharedClock;

/// What is known of one connection; that of a WebSocket is one for all its subscriptions.
pub(super) struct Activity {
    clock: SharedClock,
    since_us: AtomicU64,
    takes: AtomicBool,
}

impl Activity {
    /// Of a connection that takes what it is sent.
    pub(super) fn new(clock: SharedClock) -> Arc<Self> {
        Arc::new(Self { since_us: AtomicU64::new(clock.now_us()), takes: AtomicBool::new(true), clock })
    }

    /// For how long it has taken nothing of what it was given.
    pub(super) fn idle(&self) -> Duration {
        if self.takes.load(Ordering::Relaxed) {
            return Duration::ZERO;
        }
        Duration::from_micros(self.clock.now_us().saturating_sub(self.since_us.load(Ordering::Relaxed)))
    }

    /// It was given something, and has not taken it.
    pub(super) fn note_given(&self) {
        if self.takes.load(Ordering::Relaxed) {
            self.since_us.store(self.clock.now_us(), Ordering::Relaxed);
            self.takes.store(false, Ordering::Relaxed);
        }
    }

    /// It has taken something.
    pub(super) fn note_taken(&self) {
        self.takes.store(true, Ordering::Relaxed);
    }
}

/// A socket: what it has room for is taken.
pub(super) struct Socket<S> {
    socket: S,
    activity: Arc<Activity>,
}

impl<S> Socket<S> {
    pub(super) fn new(socket: S, activity: Arc<Activity>) -> Self {
        Self { socket, activity }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        match &written {
            Poll::Ready(Ok(_)) => self.activity.note_taken(),
            Poll::Pending => self.activity.note_given(),
            Poll::Ready(Err(_)) => {}
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;
    use crate::clock::{Clock, ManualClock};

    #[tokio::test]
    async fn a_socket_is_idle_from_when_it_had_no_more_room() {
        let clock = ManualClock::starting_at(0);
        let activity = Activity::new(clock.clone());
        let (near, mut far) = duplex(4);
        let mut near = Socket::new(near, Arc::clone(&activity));
        clock.sleep_until_us(1_000_000);
        let eight = [0; 8];
        let mut writing = Box::pin(near.write_all(&eight));
        assert!(futures_util::poll!(&mut writing).is_pending());
        clock.sleep_until_us(4_000_000);
        assert_eq!(activity.idle(), Duration::from_secs(3));
        far.read_u8().await.unwrap();
        assert!(futures_util::poll!(&mut writing).is_pending());
        assert_eq!(activity.idle(), Duration::ZERO, "one byte is progress");
    }
}
