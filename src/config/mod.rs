//! The configuration: one file per section of `config.yaml`, each key with its default, unit and allowed range.

mod auth;
mod log;
mod server;
mod source;
mod stream;
mod words;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use auth::AuthConfig;
pub use log::{LogConfig, LogFormat};
pub use server::{LimitsConfig, ServerConfig, TlsConfig};
pub use source::{CellConfig, Pace, SourceConfig, SourceKind};
pub use stream::{BroadcastBuffer, StreamConfig, WindowKind};

/// The whole of `config.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Directory for the secret, users and everything else that is kept. Default: `$XDG_DATA_HOME/photophone`, or
    /// `~/.local/share/photophone`.
    pub data_dir: Option<PathBuf>,
    /// Where the program listens for browsers and scripts.
    pub server: ServerConfig,
    /// Who may see what.
    pub auth: AuthConfig,
    /// Where samples come from.
    pub source: SourceConfig,
    /// How samples are cut into frames and handed to viewers.
    pub stream: StreamConfig,
    /// What is written to the log (stderr).
    pub log: LogConfig,
}
