//! Section `log`: what is written to the log (stderr).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is written to the log (stderr).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug` or `trace`, or filters as in `RUST_LOG`, which wins. Reloadable.
    pub level: String,
    /// `text` or `json` (one object per line).
    pub format: LogFormat,
    /// Seconds between lines with frame rate, subscribers, frames and losses; 0 for none.
    #[schemars(range(min = 0.0, max = 86_400.0))]
    pub stats_secs: f64,
}

/// Form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object per line.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Text, stats_secs: 10.0 }
    }
}
