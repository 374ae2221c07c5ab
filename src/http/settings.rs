//! What may change while the server runs.

use std::time::Duration;

use crate::config::Config;

/// Settings that SIGHUP changes for open connections too.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// Time without an event after which a viewer gets a heartbeat.
    pub sse_timeout: Duration,
    /// Whether heartbeats are events that a page sees, or comments.
    pub heartbeats: bool,
    /// Frames per second, and estimates of spectra of who asks for no other number.
    pub target_fps: f64,
    /// Origins of other pages that may call the API with a bearer token.
    pub cors_origins: Vec<String>,
}

impl From<&Config> for LiveSettings {
    fn from(config: &Config) -> Self {
        Self {
            sse_timeout: Duration::from_millis((config.stream.sse_timeout_secs * 1e3) as u64),
            heartbeats: config.stream.enable_heartbeats,
            target_fps: config.stream.target_fps,
            cors_origins: config.server.cors_origins.clone(),
        }
    }
}
