//! Reads a JWK Set (RFC 7517) of public signature keys: RSA → RS256, EC on P-256 → ES256, OKP on Ed25519 → EdDSA.
//!
//! Keys that say they are for encryption are passed over, since providers publish them in the same set; any other key
//! that cannot be used is an error.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::der::RsaPublicKey;
use super::key_file::{ed25519_key, p256_key, rsa_key};
use super::keys::{Key, names};

#[derive(Deserialize)]
struct WireSet {
    keys: Vec<WireKey>,
}

#[derive(Deserialize)]
struct WireKey {
    kty: String,
    crv: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// Private part of RSA, EC and OKP keys.
    d: Option<Value>,
    /// Prime factor of a private RSA key.
    p: Option<Value>,
}

/// The keys of a set.
///
/// # Errors
/// Which key is refused (counted from 1, with its `kid`), and why.
pub(super) fn parse(content: &[u8]) -> Result<Vec<Key>, String> {
    let set: WireSet =
        serde_json::from_slice(content).map_err(|error| format!("not a JWK Set {{\"keys\": […]}}: {error}"))?;
    let mut keys = Vec::new();
    let mut ids = HashSet::new();
    for (index, wire) in set.keys.iter().enumerate() {
        let place = format!("key {} (kid {})", index + 1, wire.kid.as_deref().unwrap_or("absent"));
        wire.refuse_secret().map_err(|reason| format!("{place} {reason}"))?;
        if !wire.is_for_signatures() {
            continue;
        }
        let key = wire.key().map_err(|reason| format!("{place} {reason}"))?;
        if wire.kid.is_some() && !ids.insert(wire.kid.as_deref()) {
            return Err(format!("{place} has the kid of an earlier key"));
        }
        keys.push(key);
    }
    if keys.is_empty() { Err("holds no key for signatures".into()) } else { Ok(keys) }
}

impl WireKey {
    fn is_for_signatures(&self) -> bool {
        let verifies = |ops: &Vec<String>| ops.iter().any(|op| op == "verify");
        self.usage.as_deref().is_none_or(|usage| usage == "sig") && self.key_ops.as_ref().is_none_or(verifies)
    }

    fn refuse_secret(&self) -> Result<(), &'static str> {
        if self.kty == "oct" {
            return Err("is symmetric (oct): whoever can read this file could make tokens");
        }
        if self.d.is_some() || self.p.is_some() {
            return Err("is private and does not belong here: take only the public members (n, e or crv, x, y)");
        }
        Ok(())
    }

    fn key(&self) -> Result<Key, String> {
        let key = self.public_key()?;
        let names = names(key.algorithm);
        if let Some(alg) = self.alg.as_deref().filter(|alg| !names.contains(alg)) {
            return Err(format!("is for {alg}: of its kind only {} is accepted", names.join(" or ")));
        }
        Ok(Key { id: self.kid.clone(), ..key })
    }

    fn public_key(&self) -> Result<Key, String> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (bytes("n", self.n.as_deref())?, bytes("e", self.e.as_deref())?);
                rsa_key(RsaPublicKey { n: without_zeros(&n), e: without_zeros(&e) })
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes("x", self.x.as_deref())?, bytes("y", self.y.as_deref())?);
                p256_key(&point(&x, &y)?)
            }
            ("OKP", Some("Ed25519")) => ed25519_key(&bytes("x", self.x.as_deref())?),
            (kty, crv) => Err(format!(
                "is {kty}{}{}: accepted are RSA, EC with P-256, OKP with Ed25519",
                crv.map_or("", |_| " with "),
                crv.unwrap_or_default()
            )),
        }
    }
}

/// The uncompressed point of two coordinates; each has its full 32 bytes (RFC 7518, section 6.2.1.2).
fn point(x: &[u8], y: &[u8]) -> Result<Vec<u8>, String> {
    if x.len() != 32 || y.len() != 32 {
        return Err(format!("has coordinates of {} and {} bytes instead of 32", x.len(), y.len()));
    }
    Ok([&[4], x, y].concat())
}

fn bytes(member: &str, value: Option<&str>) -> Result<Vec<u8>, String> {
    let value = value.ok_or_else(|| format!("has no `{member}`"))?;
    URL_SAFE_NO_PAD.decode(value).map_err(|error| format!("has a `{member}` that is not base64url: {error}"))
}

/// Some providers encode the sign byte of DER with the number.
fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
