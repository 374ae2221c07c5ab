//! Why a source could not be opened or died, sorted by what the daemon can do about it.

use std::path::PathBuf;

use thiserror::Error;

/// A source that cannot be opened or read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The device is not there yet. It is waited for.
    #[error("input device {wanted} is not there: {hint}")]
    Absent {
        /// What was looked for: `default`, a name or an id.
        wanted: String,
        /// What would help.
        hint: String,
    },
    /// The device is there and cannot be had now: busy, or permission is missing. It is tried again.
    #[error("input device {device} cannot be opened: {detail}")]
    Unavailable {
        /// Name of the device.
        device: String,
        /// What the system says and what would help.
        detail: String,
    },
    /// The device went away or its stream broke while running. It is reopened.
    #[error("input device {device} was lost: {detail}")]
    Lost {
        /// Name of the device.
        device: String,
        /// What the system says.
        detail: String,
    },
    /// The settings cannot work with this device or file, however often it is tried.
    #[error("{key}: {problem}")]
    Unusable {
        /// The key of config.yaml, or the flag, that has to change.
        key: &'static str,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// The file cannot be read or understood.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, with chunk and byte offset where there is one.
        problem: String,
    },
}

/// What to do after a [`SourceError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Wait for the device and try again.
    Wait,
    /// Open again soon.
    Reopen,
    /// Give up: only the user can mend it.
    GiveUp,
}

impl SourceError {
    /// A stable word for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent { .. } => "source_absent",
            Self::Unavailable { .. } => "source_unavailable",
            Self::Lost { .. } => "source_lost",
            Self::Unusable { .. } => "source_unusable",
            Self::File { .. } => "file_unreadable",
        }
    }

    /// What to do about it.
    pub fn reaction(&self) -> Reaction {
        match self {
            Self::Absent { .. } => Reaction::Wait,
            Self::Unavailable { .. } | Self::Lost { .. } => Reaction::Reopen,
            Self::Unusable { .. } | Self::File { .. } => Reaction::GiveUp,
        }
    }
}
