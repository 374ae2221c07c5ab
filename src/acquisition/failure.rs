//! What the stream says when a fault in the program ends the daemon's thread: without it, the last state would stand.

use std::thread;

use crate::clock::SharedClock;
use crate::stream::{DaemonState, SharedAudioStream, StateChange, StateReason};

/// Lives as long as the daemon runs.
pub(super) struct FailureWatch {
    pub(super) stream: SharedAudioStream,
    pub(super) clock: SharedClock,
}

impl Drop for FailureWatch {
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        let message = "a fault in the program ended the acquisition; the log says more".to_owned();
        let change = StateChange {
            state: DaemonState::Failed,
            reason: Some(StateReason { code: "internal_error", message }),
            at_us: self.clock.utc_us(),
            ..StateChange::clone(&self.stream.state())
        };
        log::error!(state:% = change.state; "Acquisition has panicked");
        self.stream.publish_state(change, self.stream.source());
    }
}
