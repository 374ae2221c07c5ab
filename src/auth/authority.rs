//! The authority of one server, what the rest of the program holds: judges tokens, and makes them after a login.

use std::path::Path;

use super::claims::Claims;
use super::error::{IssueError, LoginError, StoreError, TokenError};
use super::issuer::{Issued, Issuer};
use super::keys::KeySet;
use super::login_link::LoginLinks;
use super::scope::Scopes;
use super::users::Users;
use super::verifier::Verifier;
use super::{key_file, secret};
use crate::clock::SharedClock;
use crate::config::AuthConfig;

/// Judge of tokens, and, unless they come from an identity provider, their maker. Share it in an `Arc`.
pub struct Authority {
    verifier: Verifier,
    local: Option<Local>,
    clock: SharedClock,
}

/// What only a server that makes its own tokens has.
struct Local {
    issuer: Issuer,
    users: Users,
    links: LoginLinks,
    session_secs: u64,
    login_link_secs: u64,
}

impl Authority {
    /// Reads the provider's keys, or the secret of `data_dir`, which is made when there is none.
    ///
    /// # Errors
    /// [`StoreError`]: which file cannot be used, why, and what would be right.
    pub fn open(config: &AuthConfig, data_dir: &Path, clock: SharedClock) -> Result<Self, StoreError> {
        let authority = Self::open_with(secret::load_or_create, config, data_dir, clock)?;
        // Everything else works without them, and the file may be mended while the server runs.
        if let Some(Err(error)) = authority.local.as_ref().map(|local| local.users.list()) {
            log::error!(error:% = error; "Nobody can log in with a password");
        }
        Ok(authority)
    }

    /// As [`open`](Self::open), but nothing is made in `data_dir`.
    ///
    /// # Errors
    /// [`StoreError::NoSecret`] when there is no secret, else as [`open`](Self::open).
    pub fn open_existing(config: &AuthConfig, data_dir: &Path, clock: SharedClock) -> Result<Self, StoreError> {
        Self::open_with(secret::load_existing, config, data_dir, clock)
    }

    fn open_with(
        load_secret: fn(&Path) -> Result<Vec<u8>, StoreError>,
        config: &AuthConfig,
        data_dir: &Path,
        clock: SharedClock,
    ) -> Result<Self, StoreError> {
        let (iss, aud) = (config.issuer.as_str(), config.audience.as_str());
        if let Some(path) = &config.verify_keys {
            let verifier = Verifier::new(key_file::read(path)?, iss, aud);
            log::info!(path:% = path.display(), keys = verifier.key_count(); "Tokens are verified with an identity provider's keys");
            return Ok(Self { verifier, local: None, clock });
        }
        let secret = load_secret(data_dir)?;
        let local = Local {
            issuer: Issuer::new(&secret, iss, aud),
            users: Users::in_dir(data_dir),
            links: LoginLinks::in_dir(data_dir),
            session_secs: config.session_secs,
            login_link_secs: config.login_link_secs,
        };
        Ok(Self { verifier: Verifier::new(KeySet::of_secret(&secret), iss, aud), local: Some(local), clock })
    }

    /// The claims of `token`, if it is genuine and holds now.
    ///
    /// # Errors
    /// [`TokenError`]: why not.
    pub fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.verifier.verify(token, self.clock.utc_secs())
    }

    /// Whether tokens are made here; if not, `issue`, `login`, `login_code` and `redeem` fail.
    pub fn can_issue(&self) -> bool {
        self.local.is_some()
    }

    /// A token for `sub` that permits `scopes` for `ttl_secs` from now.
    ///
    /// # Errors
    /// [`IssueError`]: tokens come from elsewhere, or `sub` or `ttl_secs` is out of bounds.
    pub fn issue(&self, sub: &str, scopes: &Scopes, ttl_secs: u64) -> Result<Issued, IssueError> {
        let local = self.local.as_ref().ok_or(IssueError::ForeignKeys)?;
        local.issuer.issue(sub, scopes, ttl_secs, self.clock.utc_secs())
    }

    /// A session for a user with this password. Takes some 50 ms of CPU and 19 MiB, whoever asks: not for tokio
    /// workers.
    ///
    /// # Errors
    /// [`LoginError`]: name or password is wrong, or login is off.
    pub fn login(&self, name: &str, password: &str) -> Result<Issued, LoginError> {
        let local = self.local.as_ref().ok_or(LoginError::Off)?;
        let scopes = local.users.verify(name, password)?.ok_or(LoginError::Refused)?;
        Ok(self.issue(name, &scopes, local.session_secs)?)
    }

    /// A fresh one-time code for the login page: `/login?code=<code>`. Writes a file: not for tokio workers.
    ///
    /// # Errors
    /// [`LoginError`]: login is off, or the file cannot be written.
    pub fn login_code(&self) -> Result<String, LoginError> {
        let local = self.local.as_ref().ok_or(LoginError::Off)?;
        Ok(local.links.create(local.login_link_secs, self.clock.utc_secs())?)
    }

    /// A session of the owner for a one-time code, which is used up by this. Removes a file: not for tokio workers.
    ///
    /// # Errors
    /// [`LoginError`]: the code was used, never made, or is too old; or login is off.
    pub fn redeem(&self, code: &str) -> Result<Issued, LoginError> {
        let local = self.local.as_ref().ok_or(LoginError::Off)?;
        let grant = local.links.redeem(code, self.clock.utc_secs())?;
        Ok(self.issue(&grant.sub, &grant.scope, local.session_secs)?)
    }
}
