//! The states of the acquisition daemon as everybody sees them, each change with its typed reason.

use std::fmt;

use photophone_signal::Epoch;
use serde::Serialize;
use utoipa::ToSchema;

/// What the daemon is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DaemonState {
    /// The source is being opened for the first time.
    Starting,
    /// Samples flow.
    Running,
    /// Samples flow, and all are below `source.silent_dbfs`.
    Silent,
    /// The source is open and delivers nothing.
    Stalled,
    /// The source was lost and is being opened again.
    Reopening,
    /// The source could not be opened since the start: the device is absent, busy or not permitted.
    WaitingForDevice,
    /// The file has ended.
    Finished,
    /// The source cannot work until the user changes something.
    Failed,
}

impl DaemonState {
    /// Whether no sample follows that continues those before: what comes next is a gap, another epoch, or nothing.
    pub fn ends_samples(self) -> bool {
        match self {
            Self::Stalled | Self::Reopening | Self::Finished | Self::Failed => true,
            Self::Starting | Self::Running | Self::Silent | Self::WaitingForDevice => false,
        }
    }
}

/// Why the daemon is in its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateReason {
    /// One of `source_absent`, `source_unavailable`, `source_lost`, `source_unusable`, `file_unreadable`,
    /// `no_samples`, `below_silence_level`, `end_of_file`, `internal_error`.
    pub code: &'static str,
    /// For people: what was wrong, where, and what would help.
    pub message: String,
}

/// One change of state or of epoch, as the `state` event carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateChange {
    /// The state from now on.
    pub state: DaemonState,
    /// Why; null when there is nothing to explain.
    pub reason: Option<StateReason>,
    /// The epoch in which the following frames count; null before the first began.
    #[schema(value_type = Option<String>)]
    pub epoch: Option<Epoch>,
    /// Samples per second and channel; null before the source was open for the first time.
    pub sample_rate: Option<u32>,
    /// 1 or 2; null before the source was open for the first time.
    pub channels: Option<u8>,
    /// UTC of the change in microseconds since the Unix epoch.
    pub at_us: u64,
}

impl fmt::Display for DaemonState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Silent => "silent",
            Self::Stalled => "stalled",
            Self::Reopening => "reopening",
            Self::WaitingForDevice => "waiting_for_device",
            Self::Finished => "finished",
            Self::Failed => "failed",
        })
    }
}
