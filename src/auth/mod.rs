//! Who may see what: tokens (JWT), the scopes in them, the keys behind them, users and one-time login links.
//!
//! It knows no HTTP: cookies, headers and status codes are `http`'s. It takes the time from a clock, and everything
//! that it keeps lies in the data directory, for the owner's eyes only:
//!
//! | file | content |
//! |---|---|
//! | `jwt-secret` | the HS256 secret |
//! | `users.json` | names, scopes, argon2id hashes |
//! | `login-links/` | one file per outstanding one-time code |
//!
//! With `auth.verify_keys` none of these is used: tokens are then made by an identity provider, and judged here.

mod authority;
mod claims;
mod crypto;
mod der;
mod error;
mod issuer;
mod jwks;
mod key_file;
mod keys;
mod login_link;
mod private;
mod random;
mod scope;
mod secret;
mod users;
mod verifier;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use authority::Authority;
pub use claims::{AudienceClaim, Claims, MAX_SUBJECT_BYTES};
pub use error::{IssueError, LoginError, StoreError, TokenError, UserError};
pub use issuer::{Issued, Issuer, MAX_TTL_SECS};
pub use login_link::OWNER;
pub use scope::{Scope, Scopes, UnknownScope};
pub use users::{Existing, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, User, Users};
pub use verifier::{LEEWAY_SECS, MAX_TOKEN_BYTES, Verifier, inspect};

/// Whether `auth.verify_keys` can be the file at `path`.
///
/// # Errors
/// [`StoreError`] with the place of the key that is refused, why, and what would be right.
pub fn check_verify_keys(path: &Path) -> Result<(), StoreError> {
    key_file::read(path).map(drop)
}
