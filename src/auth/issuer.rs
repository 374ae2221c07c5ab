//! Makes tokens: HS256 with the secret of the data directory. With an identity provider's keys there is no issuer.

use jsonwebtoken::{Algorithm, EncodingKey, Header};

use super::claims::{AudienceClaim, Claims, is_subject};
use super::error::IssueError;
use super::scope::Scopes;
use super::verifier::MAX_TOKEN_BYTES;
use super::{crypto, private, random};

/// Longest life of a token in seconds: 365 days.
pub const MAX_TTL_SECS: u64 = 365 * 24 * 3600;

/// Maker of tokens for one issuer and audience.
#[derive(Clone, Debug)]
pub struct Issuer {
    key: EncodingKey,
    issuer: String,
    audience: String,
}

/// A token and what it says.
#[derive(Clone)]
pub struct Issued {
    /// The token, ready for an `Authorization: Bearer` header.
    pub token: String,
    /// Its claims.
    pub claims: Claims,
}

impl Issuer {
    pub(super) fn new(secret: &[u8], issuer: &str, audience: &str) -> Self {
        crypto::install();
        Self { key: EncodingKey::from_secret(secret), issuer: issuer.into(), audience: audience.into() }
    }

    /// A token for `sub` that permits `scopes` from `now_utc_secs` for `ttl_secs`.
    ///
    /// # Errors
    /// [`IssueError`] when `sub` or `ttl_secs` is out of bounds or the token would be too long.
    pub fn issue(&self, sub: &str, scopes: &Scopes, ttl_secs: u64, now_utc_secs: u64) -> Result<Issued, IssueError> {
        if !is_subject(sub) {
            return Err(IssueError::Subject { subject: sub.into() });
        }
        if !(1..=MAX_TTL_SECS).contains(&ttl_secs) {
            return Err(IssueError::Ttl { ttl_secs });
        }
        let claims = Claims {
            sub: sub.into(),
            scope: scopes.clone(),
            iat: Some(now_utc_secs),
            exp: now_utc_secs.saturating_add(ttl_secs),
            nbf: None,
            iss: self.issuer.clone(),
            aud: AudienceClaim::One(self.audience.clone()),
            jti: Some(private::hex(&random::bytes::<16>()?)),
        };
        self.sign(claims)
    }

    fn sign(&self, claims: Claims) -> Result<Issued, IssueError> {
        let token =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.key).map_err(IssueError::Signing)?;
        if token.len() > MAX_TOKEN_BYTES {
            return Err(IssueError::TooLong { bytes: token.len() });
        }
        Ok(Issued { token, claims })
    }
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("claims", &self.claims).finish_non_exhaustive()
    }
}
