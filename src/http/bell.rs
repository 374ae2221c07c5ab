//! Polls what rarely happens only after it has rung, and not with every event that its task handles.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// Stands between a task and one thing that it waits for beside others.
pub(super) struct Bell {
    line: Arc<Line>,
    waker: Waker,
}

struct Line {
    has_rung: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Line {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.has_rung.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl Bell {
    /// One that has rung: nobody has looked yet.
    pub(super) fn new() -> Self {
        let line = Arc::new(Line { has_rung: AtomicBool::new(true), task: AtomicWaker::new() });
        Self { waker: Arc::clone(&line).into(), line }
    }

    /// The next look polls, whether anybody has woken or not.
    pub(super) fn ring(&self) {
        self.line.has_rung.store(true, Ordering::Relaxed);
    }

    /// What `poll` answers, if it has woken anybody since it was last pending. It is to keep what it waits for between
    /// calls, and to wait for the same with each of them.
    pub(super) fn poll<T>(&self, cx: &Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        // Before the look, so that whoever rings after it wakes the task.
        self.line.task.register(cx.waker());
        if !self.line.has_rung.swap(false, Ordering::Acquire) {
            return Poll::Pending;
        }
        let polled = poll(&mut Context::from_waker(&self.waker));
        if polled.is_ready() {
            // There may be more, and nobody is bound to wake for it.
            self.ring();
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;

    use futures_util::poll;
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn what_has_not_rung_is_not_polled() {
        let (sender, mut receiver) = mpsc::channel(2);
        let (bell, polls) = (Bell::new(), Cell::new(0));
        let mut look = |cx: &mut Context<'_>| {
            bell.poll(cx, |cx| {
                polls.set(polls.get() + 1);
                receiver.poll_recv(cx)
            })
        };
        for _ in 0..3 {
            assert!(poll!(poll_fn(&mut look)).is_pending());
        }
        sender.send(1).await.unwrap();
        sender.send(2).await.unwrap();
        assert_eq!(poll!(poll_fn(&mut look)), Poll::Ready(Some(1)));
        assert_eq!(poll!(poll_fn(&mut look)), Poll::Ready(Some(2)), "one ring may be for both");
        for _ in 0..3 {
            assert!(poll!(poll_fn(&mut look)).is_pending());
        }
        assert_eq!(polls.get(), 4);
    }

    #[tokio::test]
    async fn who_waits_is_woken() {
        let (sender, mut receiver) = mpsc::channel(1);
        let bell = Bell::new();
        let waiting = poll_fn(|cx| bell.poll(cx, |cx| receiver.poll_recv(cx)));
        let (received, sent) = tokio::join!(waiting, sender.send(7));
        assert!(sent.is_ok() && received == Some(7));
    }
}
