//! The configuration: one file per section of `config.yaml`, each key with its default, unit and allowed range.
//!
//! A section's struct is all there is to a key: its JSON Schema gives type, range, default and documentation to the
//! checks, to the names of variables, to `config print` and to the test that holds `config.yaml` to it. [`Loaded::load`]
//! lays file, environment and flags over the defaults and reports all [`Problems`] at once; [`reload()`] compares two
//! configurations. Nothing else in the program reads the environment or a configuration file.

mod auth;
mod calibration;
mod events;
mod log;
mod server;
mod source;
mod stream;
mod words;

mod check;
mod environment;
mod keys;
mod layers;
mod load;
mod origin;
mod print;
mod problem;
mod reload;
mod rule;
mod yaml;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use check::Check;

pub use auth::AuthConfig;
pub use calibration::{CalibrationConfig, ChannelCalibrationConfig};
pub use environment::Environment;
pub use events::EventsConfig;
pub use keys::schema;
pub use layers::Flag;
pub use load::{Loaded, Sources, from_yaml};
pub use log::{LogConfig, LogFormat, level_filter, quiet_filter};
pub use problem::{Origin, Problem, Problems};
pub use reload::{ReloadPlan, reload};
pub use server::{LimitsConfig, ServerConfig, TlsConfig};
pub use source::{CellConfig, Pace, SCENARIOS, SIMULATED_TONE_HZ, SourceConfig, SourceKind};
pub use stream::{BroadcastBuffer, StreamConfig, WindowKind};

/// The whole of `config.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Directory for the secret, users and everything else that is kept. When absent: `$XDG_DATA_HOME/photophone`, or
    /// `~/.local/share/photophone`.
    #[schemars(extend("format" = "directory"))]
    pub data_dir: Option<PathBuf>,
    /// Where the program listens for browsers and scripts.
    pub server: ServerConfig,
    /// Who may see what.
    pub auth: AuthConfig,
    /// Where samples come from.
    pub source: SourceConfig,
    /// What the samples of each channel are in volts and pascals; without it, levels are fractions of full scale.
    pub calibration: CalibrationConfig,
    /// How samples are cut into frames and handed to viewers.
    pub stream: StreamConfig,
    /// What happens in the lab and on its pages, live.
    pub events: EventsConfig,
    /// What is written to the log (stderr).
    pub log: LogConfig,
}

impl Config {
    /// The rules over several keys, each in its section.
    fn check(&self, check: &mut Check<'_>) {
        self.server.check(check);
        self.source.check(check);
        self.log.check(check);
    }
}
