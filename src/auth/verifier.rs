//! Decides whether a token is genuine and holds here and now: form, header, key, signature, time, issuer, audience.
//!
//! Nothing in a token is believed before its signature holds, except which key to try. jsonwebtoken checks the
//! signature; its own reading of claims is not used, since it takes the time from the system and not from a clock.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::claims::Claims;
use super::crypto;
use super::error::TokenError;
use super::keys::KeySet;
use crate::json;

/// Longest token in bytes; what is longer is refused before it is looked at.
pub const MAX_TOKEN_BYTES: usize = 8192;

/// How far two clocks may be apart, in seconds.
pub const LEEWAY_SECS: u64 = 5;

/// Judge of tokens for one issuer and audience.
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: KeySet,
    issuer: String,
    audience: String,
}

/// The header of a token (RFC 7515, section 4.1). Fields that would make the program fetch or trust a key of the
/// token's choice, or change how the token is to be read, are noted only to refuse them.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "is_there")]
    jku: bool,
    #[serde(default, deserialize_with = "is_there")]
    x5u: bool,
    #[serde(default, deserialize_with = "is_there")]
    jwk: bool,
    #[serde(default, deserialize_with = "is_there")]
    x5c: bool,
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
    /// Whether the payload is signed as it stands (RFC 7797).
    #[serde(default, deserialize_with = "is_there")]
    b64: bool,
}

impl Verifier {
    pub(super) fn new(keys: KeySet, issuer: &str, audience: &str) -> Self {
        crypto::install();
        Self { keys, issuer: issuer.into(), audience: audience.into() }
    }

    /// The claims of `token`, if it is genuine and holds at `now_utc_secs`.
    ///
    /// # Errors
    /// [`TokenError`]: the first reason found against it.
    pub fn verify(&self, token: &str, now_utc_secs: u64) -> Result<Claims, TokenError> {
        let claims = self.verify_signature(token)?;
        check_times(&claims, now_utc_secs)?;
        if claims.iss != self.issuer {
            return Err(TokenError::Issuer);
        }
        if !claims.aud.contains(&self.audience) {
            return Err(TokenError::Audience);
        }
        Ok(claims)
    }

    fn verify_signature(&self, token: &str) -> Result<Claims, TokenError> {
        let Parts { message, header, payload, signature } = Parts::of(token)?;
        let header = Header::decode(header)?;
        let keys = self.keys.candidates(&header.alg, header.kid.as_deref())?;
        // A signature that is no base64, or a damaged key, does not fit either.
        let fits = |key: &&super::keys::Key| {
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.decoding, key.algorithm).unwrap_or(false)
        };
        if !keys.iter().any(fits) {
            return Err(TokenError::Signature);
        }
        Claims::from_json(&decode(payload, "its payload is not base64url")?)
    }

    /// How many keys there are.
    pub(super) fn key_count(&self) -> usize {
        self.keys.len()
    }
}

/// The parts of a token, encoded; `message` is header and payload as they were signed.
struct Parts<'a> {
    message: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, TokenError> {
        if token.is_empty() {
            return Err(TokenError::Missing);
        }
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong { bytes: token.len() });
        }
        let parts = token.rsplit_once('.').and_then(|(message, signature)| {
            let (header, payload) = message.split_once('.')?;
            Some(Self { message, header, payload, signature })
        });
        match parts {
            Some(parts) if !parts.payload.contains('.') => Ok(parts),
            _ => Err(TokenError::Malformed { reason: "it has not three parts with dots between" }),
        }
    }
}

impl Header {
    fn decode(encoded: &str) -> Result<Self, TokenError> {
        let text = decode(encoded, "its header is not base64url")?;
        let malformed = TokenError::Malformed { reason: "its header is not a JSON object with `alg`, each field once" };
        let Ok(header) = json::object::<Self>(&text) else { return Err(malformed) };
        match header.refused_field() {
            Some(field) => Err(TokenError::Header { field }),
            None => Ok(header),
        }
    }

    fn refused_field(&self) -> Option<&'static str> {
        let refused = [
            ("jku", self.jku),
            ("x5u", self.x5u),
            ("jwk", self.jwk),
            ("x5c", self.x5c),
            ("crit", self.crit),
            ("b64", self.b64),
            ("typ", !self.typ.as_deref().is_none_or(is_access_token)),
        ];
        refused.into_iter().find_map(|(field, is_refused)| is_refused.then_some(field))
    }
}

/// Whether `typ` is that of an access token (RFC 9068, section 2.1) or the general one, and not that of another kind
/// which the same provider signs, such as a logout token (RFC 8725, section 3.11).
fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "at+jwt")
}

/// Reads over a value, whatever it is, null included.
fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|IgnoredAny| true)
}

fn decode(part: &str, reason: &'static str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_untold| TokenError::Malformed { reason })
}

fn check_times(claims: &Claims, now_secs: u64) -> Result<(), TokenError> {
    if now_secs >= claims.exp.saturating_add(LEEWAY_SECS) {
        return Err(TokenError::Expired { ago_secs: now_secs - claims.exp });
    }
    for (claim, time) in [("nbf", claims.nbf), ("iat", claims.iat)] {
        let in_secs = time.unwrap_or(0).saturating_sub(now_secs);
        if in_secs > LEEWAY_SECS {
            return Err(TokenError::NotYetValid { claim, in_secs });
        }
    }
    Ok(())
}

/// Header and payload of a token as they stand there, for explaining it. Nothing of it is verified.
///
/// # Errors
/// [`TokenError::Missing`], [`TokenError::TooLong`] or [`TokenError::Malformed`].
pub fn inspect(token: &str) -> Result<(serde_json::Value, serde_json::Value), TokenError> {
    let parts = Parts::of(token)?;
    let json = |part, reason| {
        serde_json::from_slice(&decode(part, reason)?).map_err(|_untold| TokenError::Malformed { reason })
    };
    Ok((
        json(parts.header, "its header is not JSON in base64url")?,
        json(parts.payload, "its payload is not JSON in base64url")?,
    ))
}
