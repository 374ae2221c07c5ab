//! The HS256 secret of a data directory: 32 random bytes in `jwt-secret`, made on first use, for its owner's eyes only.
//!
//! Whoever has it can make tokens. A longer one may be put there by hand; the file's bytes are the key as they are.

use std::path::Path;

use super::error::StoreError;
use super::{private, random};

/// Name of the file in the data directory.
const FILE: &str = "jwt-secret";
/// Shortest secret: as many bytes as SHA-256 yields (RFC 7518, section 3.2).
const MIN_BYTES: usize = 32;
const MAX_BYTES: u64 = 4096;

/// The secret of `data_dir`; made when there is none. Of several processes that start at once, one makes it and all
/// get the same.
///
/// # Errors
/// [`StoreError`]: readable by others, too short, or the system refused.
pub(super) fn load_or_create(data_dir: &Path) -> Result<Vec<u8>, StoreError> {
    if let Some(secret) = load(data_dir)? {
        return Ok(secret);
    }
    let _lock = private::lock(data_dir)?;
    if let Some(secret) = load(data_dir)? {
        return Ok(secret);
    }
    let secret = random::bytes::<MIN_BYTES>()?;
    let path = data_dir.join(FILE);
    private::replace(&path, &secret)?;
    log::info!(path:% = path.display(); "Made a new secret for tokens");
    Ok(secret.to_vec())
}

/// The secret of `data_dir`, and nothing is made.
///
/// # Errors
/// [`StoreError::NoSecret`] when there is none, and as [`load_or_create`].
pub(super) fn load_existing(data_dir: &Path) -> Result<Vec<u8>, StoreError> {
    load(data_dir)?.ok_or_else(|| StoreError::NoSecret { path: data_dir.join(FILE) })
}

fn load(data_dir: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let path = data_dir.join(FILE);
    let secret = private::read(&path, MAX_BYTES)?;
    match &secret {
        Some(secret) if secret.len() < MIN_BYTES => Err(StoreError::malformed(
            &path,
            format!("has {} bytes instead of {MIN_BYTES} or more: remove it, and a new one is made", secret.len()),
        )),
        _ => Ok(secret),
    }
}
