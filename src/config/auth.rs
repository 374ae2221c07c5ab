//! Section `auth`: who may see what.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may see what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuthConfig {
    /// File with the public keys (PEM, or JWKS) of an identity provider: RS256, ES256 or EdDSA. Its tokens are then
    /// the only ones accepted, and passwords and one-time links are off. When absent, tokens are signed with HS256 and
    /// a secret kept in the data directory.
    #[schemars(extend("format" = "file"))]
    pub verify_keys: Option<PathBuf>,
    /// Required `iss` of tokens.
    #[schemars(length(min = 1))]
    pub issuer: String,
    /// Required `aud` of tokens.
    #[schemars(length(min = 1))]
    pub audience: String,
    /// Life of a session made by login, in seconds.
    #[schemars(range(min = 60, max = 31_536_000))]
    pub session_secs: u64,
    /// Life of a one-time login link, in seconds.
    #[schemars(range(min = 10, max = 86_400))]
    pub login_link_secs: u64,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            verify_keys: None,
            issuer: "photophone".into(),
            audience: "photophone".into(),
            session_secs: 8 * 3600,
            login_link_secs: 600,
        }
    }
}
