//! What a token says: the claims, and how they are read from the payload of a token whose signature holds.
//!
//! This file knows the form of each claim, not whether it is true at this time and place: that is `verifier`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::TokenError;
use super::scope::Scopes;
use crate::json;

/// Longest `sub` in bytes.
pub const MAX_SUBJECT_BYTES: usize = 256;

/// Last second of the year 9999. Times beyond are refused, so that sums with a time never overflow downstream.
const MAX_TIME_SECS: u64 = 253_402_300_799;

/// What a token says (RFC 7519, section 4.1). Times are UTC seconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// Who the token is for: the name of a user, a script, a person at the identity provider.
    pub sub: String,
    /// What it permits.
    pub scope: Scopes,
    /// When it was issued; identity providers may leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<u64>,
    /// When it ends.
    pub exp: u64,
    /// Before when it is not valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    /// Who issued it.
    pub iss: String,
    /// For whom it is meant.
    pub aud: AudienceClaim,
    /// Unique id of the token; identity providers may leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
}

/// `aud`: one name or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AudienceClaim {
    /// One name.
    One(String),
    /// Several names.
    Several(Vec<String>),
}

impl AudienceClaim {
    /// Whether `name` is among them.
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Several(several) => several.iter().any(|one| one == name),
        }
    }
}

/// The claims as they stand in the payload. A claim that stands there twice is an error of the derived reader, so no
/// two readers of a token can disagree on its value.
#[derive(Deserialize)]
struct WireClaims {
    sub: Option<Value>,
    scope: Option<Value>,
    iat: Option<Value>,
    exp: Option<Value>,
    nbf: Option<Value>,
    iss: Option<Value>,
    aud: Option<Value>,
    jti: Option<Value>,
}

impl Claims {
    /// Reads the JSON payload of a token.
    ///
    /// # Errors
    /// [`TokenError::Malformed`], [`TokenError::ClaimMissing`] or [`TokenError::ClaimInvalid`].
    pub(super) fn from_json(payload: &[u8]) -> Result<Self, TokenError> {
        let malformed = TokenError::Malformed { reason: "its payload is not a JSON object with each claim once" };
        let Ok(wire) = json::object::<WireClaims>(payload) else { return Err(malformed) };
        Ok(Self {
            exp: time("exp", wire.exp)?.ok_or(TokenError::ClaimMissing { claim: "exp" })?,
            nbf: time("nbf", wire.nbf)?,
            iat: time("iat", wire.iat)?,
            iss: text("iss", wire.iss)?.ok_or(TokenError::ClaimMissing { claim: "iss" })?,
            aud: audience(wire.aud)?,
            sub: subject(wire.sub)?,
            scope: text("scope", wire.scope)?.map(Scopes::from).unwrap_or_default(),
            jti: text("jti", wire.jti)?,
        })
    }
}

/// Whether `subject` can be a token's `sub`.
pub(super) fn is_subject(subject: &str) -> bool {
    (1..=MAX_SUBJECT_BYTES).contains(&subject.len()) && !subject.chars().any(char::is_control)
}

/// A NumericDate: RFC 7519, section 2, allows fractions of a second; they are cut off.
fn time(claim: &'static str, value: Option<Value>) -> Result<Option<u64>, TokenError> {
    let Some(value) = value else { return Ok(None) };
    let secs = value.as_u64().or_else(|| {
        let secs = value.as_f64().filter(|secs| (0.0..=MAX_TIME_SECS as f64).contains(secs))?;
        Some(secs as u64)
    });
    let expected = "a number of seconds from 1970 to the year 9999";
    secs.filter(|secs| *secs <= MAX_TIME_SECS).map(Some).ok_or(TokenError::ClaimInvalid { claim, expected })
}

fn text(claim: &'static str, value: Option<Value>) -> Result<Option<String>, TokenError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(TokenError::ClaimInvalid { claim, expected: "a string" }),
    }
}

fn subject(value: Option<Value>) -> Result<String, TokenError> {
    let subject = text("sub", value)?.ok_or(TokenError::ClaimMissing { claim: "sub" })?;
    if is_subject(&subject) {
        Ok(subject)
    } else {
        Err(TokenError::ClaimInvalid { claim: "sub", expected: "1 to 256 bytes without control characters" })
    }
}

fn audience(value: Option<Value>) -> Result<AudienceClaim, TokenError> {
    let invalid = TokenError::ClaimInvalid { claim: "aud", expected: "a string or an array of strings" };
    match value {
        None => Err(TokenError::ClaimMissing { claim: "aud" }),
        Some(Value::String(one)) => Ok(AudienceClaim::One(one)),
        Some(several @ Value::Array(_)) => {
            serde_json::from_value(several).map(AudienceClaim::Several).map_err(|_untold| invalid)
        }
        Some(_) => Err(invalid),
    }
}
