//! What the stream's error callback says: counted in atomics, because that callback runs in the audio thread.
//!
//! Nothing is logged or decided here; the reader looks at [`Signals`] when it polls.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// Why a stream ended, as its error callback says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Loss {
    /// The device is gone.
    DeviceGone = 1,
    /// The stream has to be built again.
    Invalidated = 2,
    /// The sound server or subsystem is gone.
    HostGone = 3,
}

impl Loss {
    /// What to tell the user.
    pub(super) fn detail(self) -> &'static str {
        match self {
            Self::DeviceGone => "the device disconnected",
            Self::Invalidated => "the sound system ended the stream",
            Self::HostGone => "the sound system is gone",
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::DeviceGone, Self::Invalidated, Self::HostGone].into_iter().find(|loss| *loss as u8 == code)
    }
}

/// Counters that the audio thread raises and the reader watches.
#[derive(Debug, Default)]
pub(super) struct Signals {
    loss_code: AtomicU8,
    xruns: AtomicU64,
    failures: AtomicU64,
    reroutes: AtomicU64,
    realtime_denied: AtomicBool,
}

impl Signals {
    /// The stream is over. The first reason stays.
    pub(super) fn note_loss(&self, loss: Loss) {
        // Ok or not: when another reason came first, that one is told.
        self.loss_code.compare_exchange(0, loss as u8, Ordering::Release, Ordering::Relaxed).ok();
    }

    /// The device overran: samples are missing before the next buffer.
    pub(super) fn note_xrun(&self) {
        self.xruns.fetch_add(1, Ordering::Relaxed);
    }

    /// An error that the stream may survive when it does not repeat.
    pub(super) fn note_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// The system moved the stream to another device.
    pub(super) fn note_reroute(&self) {
        self.reroutes.fetch_add(1, Ordering::Relaxed);
    }

    /// Real-time priority was refused.
    pub(super) fn note_realtime_denied(&self) {
        self.realtime_denied.store(true, Ordering::Relaxed);
    }

    /// Why the stream ended, if it did.
    pub(super) fn loss(&self) -> Option<Loss> {
        Loss::from_code(self.loss_code.load(Ordering::Acquire))
    }

    /// Overruns since the stream began.
    pub(super) fn xruns(&self) -> u64 {
        self.xruns.load(Ordering::Relaxed)
    }

    /// Errors of unclear meaning since the stream began.
    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Reroutes since the stream began.
    pub(super) fn reroutes(&self) -> u64 {
        self.reroutes.load(Ordering::Relaxed)
    }

    /// Whether real-time priority was refused; true once.
    pub(super) fn take_realtime_denied(&self) -> bool {
        self.realtime_denied.load(Ordering::Relaxed) && self.realtime_denied.swap(false, Ordering::Relaxed)
    }
}
