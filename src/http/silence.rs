//! Tells when nothing was sent for a while, by one timer that is moved when it fires and not with every event.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// The silence since something was sent last.
pub(super) struct Silence {
    since: Instant,
    /// Fires at the end of the shortest silence that is to be told, or before: then it is moved.
    timer: Pin<Box<Sleep>>,
}

impl Silence {
    /// Begins now; what lasts for `limit` is told.
    pub(super) fn new(limit: Duration) -> Self {
        Self { since: Instant::now(), timer: Box::pin(sleep(limit)) }
    }

    /// Something is sent: it begins again.
    pub(super) fn end(&mut self, limit: Duration) {
        self.since = Instant::now();
        // The limit has become shorter.
        if self.since + limit < self.timer.deadline() {
            self.timer.as_mut().reset(self.since + limit);
        }
    }

    /// Completes when it has lasted for `limit`; then it begins again. Cancel-safe.
    pub(super) async fn lasts(&mut self, limit: Duration) {
        loop {
            self.timer.as_mut().await;
            let (now, end) = (Instant::now(), self.since + limit);
            if now < end {
                self.timer.as_mut().reset(end);
            } else {
                self.since = now;
                self.timer.as_mut().reset(now + limit);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn it_is_counted_from_what_was_sent_last() {
        let mut silence = Silence::new(LIMIT);
        sleep(LIMIT / 2).await;
        for _ in 0..2 {
            silence.end(LIMIT);
            let ended = Instant::now();
            silence.lasts(LIMIT).await;
            assert!(ended.elapsed() >= LIMIT, "{:?}", ended.elapsed());
        }
    }

    #[tokio::test]
    async fn a_limit_that_becomes_shorter_holds_from_the_next_on() {
        let mut silence = Silence::new(Duration::from_secs(3600));
        silence.end(LIMIT);
        timeout(Duration::from_secs(60), silence.lasts(LIMIT)).await.expect("the timer was moved");
    }
}
