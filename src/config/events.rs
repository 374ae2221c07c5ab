//! Section `events`: what happens in the lab and on its pages, live.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens in the lab and on its pages, live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EventsConfig {
    /// The installation that events come from, when they do not name one.
    #[schemars(length(min = 1))]
    pub environment: String,
    /// Newest events that are kept in memory, to be looked at and to resume from.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub recent_events: usize,
    /// Memory that they may take, in MiB.
    #[schemars(range(min = 1, max = 65_536))]
    pub recent_mib: usize,
    /// Days for which events are kept on disk, in `events.sqlite` in the data directory; 0: in memory only.
    #[schemars(range(max = 36_500))]
    pub retention_days: u32,
    /// What events may take on disk, in MiB; beyond it the oldest go, however young.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub history_mib: u64,
    /// Longest time in milliseconds that an event waits before it is written to disk: as much is lost when the program or
    /// the machine stops at once.
    #[schemars(range(min = 10, max = 60_000))]
    pub flush_ms: u64,
    /// Events that wait for one connection; beyond it the oldest are dropped, and the connection is told how many.
    #[schemars(range(min = 1, max = 100_000))]
    pub queue_events: usize,
    /// Events per second that may be captured in the name of one subject (a user, or who a token is for); beyond it 429.
    #[schemars(range(min = 1, max = 100_000))]
    pub per_second: u32,
    /// Time in seconds without activity after which a user is not live any more; an open connection keeps one live.
    #[schemars(range(min = 1, max = 86_400))]
    pub user_timeout_secs: u64,
}

impl Default for EventsConfig {
    fn default() -> Self {
        Self {
            environment: "production".into(),
            recent_events: 10_000,
            recent_mib: 16,
            retention_days: 30,
            history_mib: 1024,
            flush_ms: 500,
            queue_events: 1000,
            per_second: 200,
            user_timeout_secs: 60,
        }
    }
}
