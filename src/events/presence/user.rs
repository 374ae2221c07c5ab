//! What is told of a live user.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A live user, as lists have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveUser {
    /// Who.
    pub distinct_id: String,
    /// The session that was named last.
    pub session_id: Option<String>,
    /// The address of the page that was named last.
    pub current_url: Option<String>,
    /// When the user was active last.
    pub last_seen: DateTime<Utc>,
}

/// A live user, as deliveries of events have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub distinct_id: String,
    /// When this presence began.
    pub first_seen: DateTime<Utc>,
    /// When the user was active last.
    pub last_seen: DateTime<Utc>,
    /// The address of the page that was named last.
    pub current_url: Option<String>,
}
