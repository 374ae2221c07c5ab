//! One-time login codes: each is a file in `login-links/` of the data directory, named by the code's SHA-256.
//!
//! Whoever removes the file has redeemed the code: the file system decides between any number of redeemers in any
//! number of processes. The code itself is stored nowhere. Looking at the login page redeems nothing.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde::{Deserialize, Serialize};

use super::error::{LoginError, StoreError};
use super::scope::Scopes;
use super::{private, random};

/// `sub` of whoever follows a one-time link: the one who can read this machine's data directory.
pub const OWNER: &str = "owner";

/// Codes outstanding at the same time; one more drops the one that would expire first.
const MAX_CODES: usize = 100;
const CODE_BYTES: usize = 32;
const MAX_FILE_BYTES: u64 = 4096;

/// The one-time codes of one data directory.
#[derive(Clone, Debug)]
pub(super) struct LoginLinks {
    data_dir: PathBuf,
}

/// What a code grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) sub: String,
    pub(super) scope: Scopes,
    /// UTC seconds.
    expires: u64,
}

impl LoginLinks {
    pub(super) fn in_dir(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.into() }
    }

    /// A fresh code that grants the owner every scope for `ttl_secs`; forgets the expired ones.
    pub(super) fn create(&self, ttl_secs: u64, now_utc_secs: u64) -> Result<String, StoreError> {
        let _lock = private::lock(&self.data_dir)?;
        private::ensure_dir(&self.dir())?;
        self.make_room(now_utc_secs)?;
        let code = random::bytes::<CODE_BYTES>()?;
        let expires = now_utc_secs.saturating_add(ttl_secs);
        let grant = Grant { sub: OWNER.into(), scope: Scopes::all(), expires };
        let path = self.path(&code);
        let content = serde_json::to_vec(&grant).map_err(|error| StoreError::malformed(&path, error.to_string()))?;
        private::replace(&path, &content)?;
        Ok(URL_SAFE_NO_PAD.encode(code))
    }

    /// What `code` grants; afterwards it grants nothing.
    pub(super) fn redeem(&self, code: &str, now_utc_secs: u64) -> Result<Grant, LoginError> {
        let Some(code) = decode(code) else { return Err(LoginError::CodeUnknown) };
        let path = self.path(&code);
        let Some(grant) = read_grant(&path)? else { return Err(LoginError::CodeUnknown) };
        match fs::remove_file(&path) {
            Ok(()) if now_utc_secs < grant.expires => Ok(grant),
            Ok(()) => Err(LoginError::CodeExpired),
            Err(source) if source.kind() == ErrorKind::NotFound => Err(LoginError::CodeUnknown),
            Err(source) => Err(StoreError::io("remove", &path, source).into()),
        }
    }

    fn dir(&self) -> PathBuf {
        self.data_dir.join("login-links")
    }

    fn path(&self, code: &[u8; CODE_BYTES]) -> PathBuf {
        self.dir().join(private::hex(digest::digest(&digest::SHA256, code).as_ref()))
    }

    /// Removes what is expired or malformed (a write that a power cut broke), and the oldest beyond the bound. What
    /// cannot be read now may be valid.
    fn make_room(&self, now_utc_secs: u64) -> Result<(), StoreError> {
        let mut outstanding = Vec::new();
        for path in self.files()? {
            match read_grant(&path) {
                Ok(Some(grant)) if now_utc_secs < grant.expires => outstanding.push((grant.expires, path)),
                Ok(_) | Err(StoreError::Malformed { .. }) => remove(&path)?,
                Err(error) => log::warn!(path:% = path.display(), error:% = error; "One-time link cannot be read"),
            }
        }
        outstanding.sort();
        let surplus = (outstanding.len() + 1).saturating_sub(MAX_CODES);
        outstanding.iter().take(surplus).try_for_each(|(_, path)| remove(path))
    }

    fn files(&self) -> Result<Vec<PathBuf>, StoreError> {
        let dir = self.dir();
        let entries = fs::read_dir(&dir).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        entries.map_err(|source| StoreError::io("list", &dir, source))
    }
}

fn decode(code: &str) -> Option<[u8; CODE_BYTES]> {
    // 43 characters; what is longer is not worth decoding.
    if code.len() > 2 * CODE_BYTES {
        return None;
    }
    URL_SAFE_NO_PAD.decode(code).ok()?.try_into().ok()
}

fn read_grant(path: &Path) -> Result<Option<Grant>, StoreError> {
    let Some(content) = private::read(path, MAX_FILE_BYTES)? else { return Ok(None) };
    serde_json::from_slice(&content).map(Some).map_err(|error| StoreError::malformed(path, error.to_string()))
}

/// Removes a file that somebody else may remove at the same time.
fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(StoreError::io("remove", path, source)),
        _ => Ok(()),
    }
}
