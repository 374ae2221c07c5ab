//! The thread that owns a stream: opens it, waits, closes it. Both ends are bounded in time.
//!
//! Sound drivers and servers hang: with PulseAudio's ALSA plugin, dropping a stream whose server died never returns.
//! Such a thread is left behind and counted in [`Stuck`]; when too many are, nothing more is opened.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crate::clock::{SharedClock, SystemClock};
use crate::source::SourceError;

/// Longest wait for a device to open; healthy ones take milliseconds, sound servers up to two seconds.
const OPEN_PATIENCE: Duration = Duration::from_secs(3);

/// Longest wait for a stream to end.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Threads that may hang in a driver before opening is refused.
const STUCK_LIMIT: usize = 4;

/// Threads that did not come back from a driver.
#[derive(Debug, Default)]
pub(super) struct Stuck(Mutex<Vec<JoinHandle<()>>>);

/// Questions to a sound system that may never answer: while an answer is outstanding nothing more is asked.
pub(super) struct Inquiry(Mutex<Option<Outstanding>>);

/// A thread that did not answer in time.
struct Outstanding {
    thread: JoinHandle<()>,
    /// Runs since it was asked.
    clock: SharedClock,
}

/// A stream in its thread. Dropping it closes the stream and waits for that, for [`CLOSE_PATIENCE`].
pub(super) struct StreamThread {
    device: String,
    /// Held by this end only: its drop is the order to stop.
    stop: Option<SyncSender<()>>,
    /// Closed by the thread when the stream is closed.
    closed: Receiver<()>,
    thread: Option<JoinHandle<()>>,
    stuck: Arc<Stuck>,
}

/// Runs `open` in a thread of its own, which keeps the stream `S` that it returns until the [`StreamThread`] is
/// dropped, and hands back what else it returns.
///
/// # Errors
/// Those of `open`; `Unavailable` when it takes too long or when too many threads hang.
pub(super) fn open_in_thread<S, T: Send + 'static>(
    device: &str,
    stuck: &Arc<Stuck>,
    open: impl FnOnce() -> Result<(S, T), SourceError> + Send + 'static,
) -> Result<(T, StreamThread), SourceError> {
    let unavailable = |detail: String| SourceError::Unavailable { device: device.to_owned(), detail };
    if stuck.count() >= STUCK_LIMIT {
        return Err(unavailable(format!("{STUCK_LIMIT} audio threads hang in the driver; restart photophone")));
    }
    let (to_opener, opened) = sync_channel(1);
    let (stop, until_stop) = sync_channel::<()>(0);
    let (closing, closed) = sync_channel::<()>(0);
    let thread = Builder::new()
        .name("photophone-mic".into())
        .spawn(move || {
            let _closing = closing;
            let stream = match open() {
                Ok((stream, rest)) => to_opener.send(Ok(rest)).map(|()| stream).ok(),
                Err(error) => to_opener.send(Err(error)).map_or(None, |()| None),
            };
            if stream.is_some() {
                // Nobody sends: this returns when the other end is dropped.
                until_stop.recv().ok();
            }
        })
        .map_err(|error| unavailable(format!("no thread for it: {error}")))?;
    let answer = opened.recv_timeout(OPEN_PATIENCE);
    let stream = StreamThread {
        device: device.to_owned(),
        stop: Some(stop),
        closed,
        thread: Some(thread),
        stuck: Arc::clone(stuck),
    };
    match answer {
        Ok(Ok(rest)) => Ok((rest, stream)),
        Ok(Err(error)) => Err(error),
        Err(RecvTimeoutError::Timeout) => {
            Err(unavailable(format!("opening it took longer than {} s", OPEN_PATIENCE.as_secs())))
        }
        Err(RecvTimeoutError::Disconnected) => Err(unavailable("the audio thread failed".into())),
    }
}

impl Inquiry {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Runs `work` in a thread of its own and waits for its answer, at most `patience`. Whoever else asks waits until
    /// then.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, String> {
        let mut outstanding = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        outstanding.take_if(|asked| asked.thread.is_finished());
        if let Some(asked) = &*outstanding {
            let since_secs = asked.clock.now_us() / 1_000_000;
            return Err(format!("still waiting for the sound system, asked {since_secs} s ago; restart photophone"));
        }
        let (answer, answered) = sync_channel(1);
        let clock = SystemClock::shared();
        let thread = Builder::new()
            .name("photophone-devices".into())
            .spawn(move || answer.send(work()).unwrap_or_default())
            .map_err(|error| format!("no thread for it: {error}"))?;
        let answer = answered.recv_timeout(patience);
        if matches!(answer, Err(RecvTimeoutError::Timeout)) {
            *outstanding = Some(Outstanding { thread, clock });
            return Err(format!("the sound system did not answer within {} s", patience.as_secs()));
        }
        thread.join().map_err(|_panic| "the thread that asks the sound system panicked".to_owned())?;
        answer.map_err(|error| error.to_string())
    }
}

impl Stuck {
    fn count(&self) -> usize {
        let mut threads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        threads.retain(|thread| !thread.is_finished());
        threads.len()
    }

    fn add(&self, thread: JoinHandle<()>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
    }
}

impl Drop for StreamThread {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else { return };
        if self.closed.recv_timeout(CLOSE_PATIENCE) == Err(RecvTimeoutError::Timeout) {
            log::warn!(device = self.device.as_str(); "Audio thread hangs in the driver and is left behind");
            self.stuck.add(thread);
        } else if thread.join().is_err() {
            log::error!(device = self.device.as_str(); "Audio thread panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    /// A stream whose end is told to a channel.
    struct Told(SyncSender<&'static str>);

    impl Drop for Told {
        fn drop(&mut self) {
            self.0.send("closed").unwrap();
        }
    }

    #[test]
    fn the_stream_lives_and_ends_in_its_thread() {
        let (tell, told) = sync_channel(1);
        let (answer, stream) = open_in_thread("mic", &Arc::default(), || Ok((Told(tell), 42))).unwrap();
        assert_eq!((answer, told.try_recv().is_err()), (42, true));
        drop(stream);
        assert_eq!(told.try_recv(), Ok("closed"));
    }

    #[test]
    fn while_the_sound_system_hangs_it_is_asked_once() {
        let inquiry = Inquiry::new();
        let (release, until_released) = sync_channel::<()>(0);
        let hangs = move || until_released.recv().unwrap_or_default();
        let late = inquiry.ask(Duration::from_millis(1), hangs).unwrap_err();
        assert!(late.contains("did not answer"), "{late}");
        let refused = inquiry.ask(PATIENCE, || panic!("nothing more is asked")).unwrap_err();
        assert!(refused.contains("still waiting for the sound system"), "{refused}");
        drop(release);
        while inquiry.ask(PATIENCE, || 42) != Ok(42) {
            std::thread::yield_now();
        }
        assert_eq!(inquiry.ask(PATIENCE, || 43), Ok(43));
    }

    #[test]
    fn a_driver_that_hangs_is_left_behind_and_at_last_refused() {
        struct Hangs(Receiver<()>);
        impl Drop for Hangs {
            fn drop(&mut self) {
                self.0.recv().ok();
            }
        }
        let stuck = Arc::<Stuck>::default();
        let mut releases = Vec::new();
        std::thread::scope(|scope| {
            for _ in 0..STUCK_LIMIT {
                let (release, until_released) = sync_channel(0);
                releases.push(release);
                let (_, stream) = open_in_thread("mic", &stuck, || Ok((Hangs(until_released), ()))).unwrap();
                scope.spawn(move || drop(stream));
            }
        });
        let refused = open_in_thread("mic", &stuck, || Ok(((), ()))).map(drop);
        assert!(matches!(refused, Err(SourceError::Unavailable { .. })), "{refused:?}");
        drop(releases);
        while stuck.count() > 0 {
            std::thread::yield_now();
        }
        assert!(open_in_thread("mic", &stuck, || Ok(((), ()))).is_ok());
    }
}
