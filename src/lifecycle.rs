//! How the program starts threads, hears signals and ends.

use std::io;
use std::thread::{Builder, JoinHandle};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Starts a thread whose name shows in the system's tools. Nothing is detached: the caller keeps the handle.
///
/// # Errors
/// When the system has no more threads.
pub fn spawn_thread<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(run)
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
