//! What can go wrong here, sorted by who can do something about it: the caller with the token ([`TokenError`]), the
//! person who logs in ([`LoginError`]), the one who keeps users ([`UserError`]), the operator ([`StoreError`]).
//!
//! No text contains a key, a password or a token. Every error that reaches a client has a stable snake_case code.

use std::io;
use std::path::{Path, PathBuf};

use super::claims::MAX_SUBJECT_BYTES;
use super::issuer::MAX_TTL_SECS;
use super::users::{MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS};
use super::verifier::MAX_TOKEN_BYTES;

/// Why a token was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is no token.
    #[error("a token is required")]
    Missing,
    /// The token is longer than [`MAX_TOKEN_BYTES`].
    #[error("the token has {bytes} bytes, the longest accepted has {MAX_TOKEN_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The token has not the form of a signed JWT.
    #[error("the token is not a signed JWT: {reason}")]
    Malformed {
        /// What is wrong with its form.
        reason: &'static str,
    },
    /// The token's header asks for something that this program does on no token's word.
    #[error("the token's header has `{field}`, which is not accepted here")]
    Header {
        /// Name of the header field.
        field: &'static str,
    },
    /// The token names another algorithm than that of the key.
    #[error("the token's algorithm is not accepted: the key here is for {expected}")]
    Algorithm {
        /// The algorithms of the keys here, with commas.
        expected: String,
    },
    /// No key here has the token's key id.
    #[error("the token's key id (kid) is not among the keys here")]
    KeyUnknown,
    /// The signature does not fit.
    #[error("the token's signature is not valid: it was changed, or made with another key")]
    Signature,
    /// A claim that every token must have is not there.
    #[error("the token has no `{claim}`")]
    ClaimMissing {
        /// Name of the claim.
        claim: &'static str,
    },
    /// A claim has a value of the wrong form.
    #[error("the token's `{claim}` is not {expected}")]
    ClaimInvalid {
        /// Name of the claim.
        claim: &'static str,
        /// What it would have to be.
        expected: &'static str,
    },
    /// `exp` is past.
    #[error("the token expired {ago_secs} s ago")]
    Expired {
        /// Seconds since `exp`.
        ago_secs: u64,
    },
    /// `nbf` or `iat` is ahead of this machine's clock.
    #[error("the token is valid only in {in_secs} s (`{claim}`): compare the clocks of its maker and of this machine")]
    NotYetValid {
        /// `nbf` or `iat`.
        claim: &'static str,
        /// Seconds until it holds.
        in_secs: u64,
    },
    /// `iss` is not `auth.issuer`.
    #[error("the token was issued by somebody else (`iss` is not the configured `auth.issuer`)")]
    Issuer,
    /// `aud` does not contain `auth.audience`.
    #[error("the token is meant for somebody else (`aud` is not the configured `auth.audience`)")]
    Audience,
}

impl TokenError {
    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::TooLong { .. } => "token_too_long",
            Self::Malformed { .. } => "token_malformed",
            Self::Header { .. } => "token_header",
            Self::Algorithm { .. } => "token_algorithm",
            Self::KeyUnknown => "token_key_unknown",
            Self::Signature => "token_signature",
            Self::ClaimMissing { .. } => "token_claim_missing",
            Self::ClaimInvalid { .. } => "token_claim_invalid",
            Self::Expired { .. } => "token_expired",
            Self::NotYetValid { .. } => "token_not_yet_valid",
            Self::Issuer => "token_issuer",
            Self::Audience => "token_audience",
        }
    }
}

/// Why no token was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Tokens come from an identity provider.
    #[error("tokens are made by the identity provider whose keys are in `auth.verify_keys`, not by photophone")]
    ForeignKeys,
    /// The subject is empty, too long or has control characters.
    #[error("subject {subject:?} is not 1 to {MAX_SUBJECT_BYTES} bytes without control characters")]
    Subject {
        /// The subject asked for.
        subject: String,
    },
    /// The life is zero or too long.
    #[error("a token's life of {ttl_secs} s is not within 1 to {MAX_TTL_SECS} s (365 days)")]
    Ttl {
        /// The life asked for.
        ttl_secs: u64,
    },
    /// The token would be longer than a verifier accepts.
    #[error("the token would have {bytes} bytes, the longest accepted has {MAX_TOKEN_BYTES}: give it fewer scopes")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The signature could not be made.
    #[error("the token could not be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
    /// The system gave no random token id.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a login failed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Tokens come from an identity provider, so passwords and links are off.
    #[error("login is off: tokens come from the identity provider whose keys are in `auth.verify_keys`")]
    Off,
    /// The user is unknown or the password is wrong; which of the two stays untold.
    #[error("unknown user or wrong password")]
    Refused,
    /// The one-time code was used, or never made.
    #[error("this one-time link was already used or never made: get a fresh one with `photophone login-url`")]
    CodeUnknown,
    /// The one-time code is too old.
    #[error("this one-time link has expired: get a fresh one with `photophone login-url`")]
    CodeExpired,
    /// The session's token could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The data directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LoginError {
    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off => "login_off",
            Self::Refused => "login_refused",
            Self::CodeUnknown => "login_code_unknown",
            Self::CodeExpired => "login_code_expired",
            Self::Issue(_) | Self::Store(_) => "login_failed",
        }
    }
}

/// Why the users stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The name cannot be a user's.
    #[error("user name {name:?} {reason}")]
    Name {
        /// The name asked for.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The password is too short or too long.
    #[error("a password has {MIN_PASSWORD_CHARS} characters or more, and {MAX_PASSWORD_BYTES} bytes or less")]
    Password,
    /// A user of this name exists.
    #[error("user {name:?} exists: remove it first, or replace it")]
    Exists {
        /// The name asked for.
        name: String,
    },
    /// No user has this name.
    #[error("there is no user {name:?}")]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// The data directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with a file of keys, users or links.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read a file that is private.
    #[error("{} is open to other users (mode {mode:04o}): run `chmod 600 {}`", path.display(), path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The content is not what it should be.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// A data directory has no secret, and none is to be made.
    #[error(
        "there is no secret at {}, so no token can be judged: give the data directory of the server (data_dir, or \
         --data-dir), which makes one when it first starts", path.display()
    )]
    NoSecret {
        /// Where it would be.
        path: PathBuf,
    },
    /// The system has no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

impl StoreError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }

    pub(super) fn malformed(path: &Path, reason: impl Into<String>) -> Self {
        Self::Malformed { path: path.into(), reason: reason.into() }
    }
}
