//! Section `log`: what is written to the log (stderr).

use env_filter::{Builder, Filter};
use log::LevelFilter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Check;

/// What is written to the log (stderr).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Least level that is logged: `off`, `error`, `warn`, `info`, `debug` or `trace`, for all or by target, as in
    /// `info,photophone::source=debug`. The variable `RUST_LOG` wins. Reloadable.
    pub level: String,
    /// Form of a line: for people, or one JSON object.
    pub format: LogFormat,
    /// Whole seconds between lines with frame rate, subscribers, frames and losses; 0 for none. Reloadable.
    #[schemars(range(min = 0, max = 86_400))]
    pub stats_secs: u32,
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
        Self { level: "info".into(), format: LogFormat::Text, stats_secs: 10 }
    }
}

impl LogConfig {
    pub(super) fn check(&self, check: &mut Check<'_>) {
        if level_filter(&self.level).is_err() {
            check.refuse("log.level", &[], EXPECTED_LEVEL);
        }
    }
}

const EXPECTED_LEVEL: &str = "off, error, warn, info, debug or trace, or target=level, separated by commas";

/// A filter that leaves out what clients can make others write, unless these are named: the web framework a line for every
/// request that is refused, some with the whole URI; h2 a warning for each connection that resets its requests.
pub fn quiet_filter() -> Builder {
    let mut builder = Builder::new();
    builder.filter_module("rocket", LevelFilter::Off).filter_module("h2", LevelFilter::Error);
    builder
}

/// The filter that `log.level` describes, upon [`quiet_filter`].
///
/// # Errors
/// What would be right. Other than in `RUST_LOG`, a word that is no level is not taken for a target: `inof` would
/// silently log nothing.
pub fn level_filter(level: &str) -> Result<Filter, &'static str> {
    let mut builder = quiet_filter();
    let is_known = |part: &str| part.contains('=') || part.parse::<LevelFilter>().is_ok();
    let directives = level.split_once('/').map_or(level, |(directives, _)| directives);
    if directives.split(',').map(str::trim).all(is_known) && builder.try_parse(level).is_ok() {
        Ok(builder.build())
    } else {
        Err(EXPECTED_LEVEL)
    }
}
