//! Why a user cannot become live, and what can be kept of one.

/// Longest name of a user or of a session, in bytes: as long as the subject of a token may be.
const ID_BYTES_MAX: usize = 256;

/// Longest address of a page, in bytes.
const URL_BYTES_MAX: usize = 2048;

/// Why a user did not become live.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresenceError {
    /// A user needs a name.
    #[error("distinct_id is empty; it must have 1 to {ID_BYTES_MAX} bytes")]
    NoId,
    /// A text is too long to be kept.
    #[error("{field} has {bytes} bytes; it may have {bytes_max}")]
    TooLong {
        /// Which.
        field: &'static str,
        /// Its length.
        bytes: usize,
        /// What it may have.
        bytes_max: usize,
    },
    /// All places are taken by users who are connected.
    #[error("{users_max} users are connected, as many as there may be")]
    Full {
        /// How many there may be.
        users_max: usize,
    },
}

/// Whether a user's texts can be kept.
pub(super) fn check(
    distinct_id: &str,
    session_id: Option<&str>,
    current_url: Option<&str>,
) -> Result<(), PresenceError> {
    if distinct_id.is_empty() {
        return Err(PresenceError::NoId);
    }
    at_most("distinct_id", distinct_id, ID_BYTES_MAX)?;
    at_most("session_id", session_id.unwrap_or_default(), ID_BYTES_MAX)?;
    at_most("current_url", current_url.unwrap_or_default(), URL_BYTES_MAX)
}

fn at_most(field: &'static str, text: &str, bytes_max: usize) -> Result<(), PresenceError> {
    if text.len() <= bytes_max { Ok(()) } else { Err(PresenceError::TooLong { field, bytes: text.len(), bytes_max }) }
}
