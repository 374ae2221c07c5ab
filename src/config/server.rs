//! Section `server`: where the program listens for browsers and scripts.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Check;
use super::origin;

/// Where the program listens for browsers and scripts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address to listen on. Anything but a loopback address should have `tls`.
    pub address: IpAddr,
    /// Port to listen on; 0 picks a free one.
    pub port: u16,
    /// Certificate and key; plain HTTP without.
    pub tls: TlsConfig,
    /// Origins, such as `http://lab.example:3000`, of other pages that may call the API with a bearer token. Reloadable.
    pub cors_origins: Vec<String>,
    /// Time in seconds for which a viewer may take nothing of what is sent to it; after that its connection is closed.
    #[schemars(range(min = 1.0, max = 3600.0))]
    pub stall_secs: f64,
    /// Bounds on what clients may ask for.
    pub limits: LimitsConfig,
}

/// Certificate and key, both PEM; both or none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// File with the certificate chain.
    #[schemars(extend("format" = "file"))]
    pub cert: Option<PathBuf>,
    /// File with the private key.
    #[schemars(extend("format" = "file"))]
    pub key: Option<PathBuf>,
}

/// Bounds on what clients may ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Largest JSON body in bytes; beyond it 413.
    #[schemars(range(min = 256, max = 16_777_216))]
    pub json_bytes: u64,
    /// Time for the body of a request to arrive, in seconds; beyond it 408.
    #[schemars(range(min = 0.1, max = 600.0))]
    pub body_secs: f64,
    /// Time in seconds for the head of a request to arrive, from when it may begin: a connection on which none comes is
    /// closed.
    #[schemars(range(min = 0.1, max = 600.0))]
    pub head_secs: f64,
    /// Streams open at the same time; beyond it 503.
    #[schemars(range(min = 1, max = 100_000))]
    pub streams: usize,
    /// Login attempts per minute from one IPv4 address or IPv6 /64 network; beyond it 429.
    #[schemars(range(min = 1, max = 10_000))]
    pub logins_per_minute: u32,
}

impl ServerConfig {
    /// `stall_secs` to the millisecond, as the system counts it.
    pub fn stall(&self) -> Duration {
        Duration::from_millis((self.stall_secs * 1e3) as u64)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        let (cert, key) = ("server.tls.cert", "server.tls.key");
        match (&self.tls.cert, &self.tls.key) {
            (Some(_), None) => check.refuse(key, &[cert], "the file of the private key, as server.tls.cert is set"),
            (None, Some(_)) => check.refuse(cert, &[key], "the file of the certificate, as server.tls.key is set"),
            _ => {}
        }
        if let Some(expected) = self.cors_origins.iter().find_map(|origin| origin::expected(origin)) {
            check.refuse("server.cors_origins", &[], &expected);
        }
    }
}

impl LimitsConfig {
    /// `head_secs` to the millisecond.
    pub fn head(&self) -> Duration {
        Duration::from_millis((self.head_secs * 1e3) as u64)
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            tls: TlsConfig::default(),
            cors_origins: Vec::new(),
            stall_secs: 60.0,
            limits: LimitsConfig::default(),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { json_bytes: 65_536, body_secs: 10.0, head_secs: 30.0, streams: 2000, logins_per_minute: 20 }
    }
}
