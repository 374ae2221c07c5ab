//! Section `server`: where the program listens for browsers and scripts.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Origins (scheme://host:port) of other pages that may call the API with a bearer token. Reloadable.
    pub cors_origins: Vec<String>,
    /// Bounds on what clients may ask for.
    pub limits: LimitsConfig,
}

/// Certificate and key, both PEM; both or none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// File with the certificate chain.
    pub cert: Option<PathBuf>,
    /// File with the private key.
    pub key: Option<PathBuf>,
}

/// Bounds on what clients may ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Largest JSON body in bytes; beyond it 413.
    #[schemars(range(min = 256, max = 16_777_216))]
    pub json_bytes: u64,
    /// Streams open at the same time; beyond it 503.
    #[schemars(range(min = 1, max = 100_000))]
    pub streams: usize,
    /// Login attempts per minute from one address; beyond it 429.
    #[schemars(range(min = 1, max = 10_000))]
    pub logins_per_minute: u32,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            tls: TlsConfig::default(),
            cors_origins: Vec::new(),
            limits: LimitsConfig::default(),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { json_bytes: 65_536, streams: 2000, logins_per_minute: 20 }
    }
}
