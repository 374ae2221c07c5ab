//! How the program starts threads, hears signals and ends.

use std::io;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::clock::SystemClock;

/// Between two looks at threads that are ending, in microseconds.
const JOIN_STEP_US: u64 = 5_000;

/// Starts a thread whose name shows in the system's tools. The caller joins it ([`join_within`]), or
/// says where it drops the handle why it does not.
///
/// # Errors
/// When the system has no more threads.
pub fn spawn_thread<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(run)
}

/// Joins the threads that end within `patience`; the answer names the others, which are left behind.
pub fn join_within(threads: &mut Vec<JoinHandle<()>>, patience: Duration) -> Vec<String> {
    let clock = SystemClock::shared();
    let deadline_us = clock.now_us() + patience.as_micros() as u64;
    while threads.iter().any(|thread| !thread.is_finished()) && clock.now_us() < deadline_us {
        clock.sleep_until_us(clock.now_us() + JOIN_STEP_US);
    }
    let name = |thread: &JoinHandle<()>| thread.thread().name().unwrap_or("unnamed").to_owned();
    let (ended, hanging): (Vec<_>, Vec<_>) = threads.drain(..).partition(JoinHandle::is_finished);
    for thread in ended {
        let name = name(&thread);
        if thread.join().is_err() {
            log::error!(thread = name.as_str(); "Thread panicked");
        }
    }
    hanging.iter().map(name).collect()
}

/// What the user asked for by a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// SIGTERM or SIGINT: end.
    Terminate,
    /// SIGHUP: read the configuration again.
    Reload,
}

/// The signals that the program listens to.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    /// Starts listening; from here on these signals no longer end the process by themselves.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal. Cancel-safe.
    pub async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.terminate.recv() => Request::Terminate,
            _ = self.interrupt.recv() => Request::Terminate,
            _ = self.hangup.recv() => Request::Reload,
        }
    }
}

/// Tells every stream that the server is ending; cheap to clone.
pub type Ending = CancellationToken;
