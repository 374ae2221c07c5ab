//! Reads `auth.verify_keys`: public keys of an identity provider, as PEM blocks or as a JWK Set (`jwks`).
//!
//! The file is refused whole when one of its keys cannot be used safely, so that nobody trusts a key that the program
//! dropped in silence. Private and symmetric keys have no place in it.

use std::path::Path;

use jsonwebtoken::{Algorithm, DecodingKey};

use super::der::{self, PublicKey};
use super::error::StoreError;
use super::jwks;
use super::keys::{Key, KeySet};
use crate::files::{FileError, read_regular};

/// Longest file in bytes; a large provider publishes some 20 keys of 2 KiB with their certificates.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// RSA keys that ring verifies with.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The keys in the file at `path`.
///
/// # Errors
/// [`StoreError`] with the place of the key that is refused, why, and what would be right.
pub(super) fn read(path: &Path) -> Result<KeySet, StoreError> {
    let content = read_regular(path, MAX_FILE_BYTES).map_err(|error| match error {
        FileError::Io(source) => StoreError::io("open", path, source),
        other => StoreError::malformed(path, other.to_string()),
    })?;
    parse(&content).map(KeySet::of_provider).map_err(|reason| StoreError::malformed(path, reason))
}

/// The keys in the content of a file: a JWK Set when it begins with a brace, else PEM.
pub(super) fn parse(content: &[u8]) -> Result<Vec<Key>, String> {
    if content.trim_ascii_start().starts_with(b"{") { jwks::parse(content) } else { parse_pem(content) }
}

fn parse_pem(content: &[u8]) -> Result<Vec<Key>, String> {
    let blocks = pem::parse_many(content).map_err(|error| format!("not PEM: {error}"))?;
    if blocks.is_empty() {
        return Err("holds neither a PEM block `PUBLIC KEY` nor a JWK Set {\"keys\": […]}".into());
    }
    let keys = blocks.iter().enumerate().map(|(index, block)| {
        key_of_block(block).map_err(|reason| format!("PEM block {} ({}) {reason}", index + 1, block.tag()))
    });
    keys.collect()
}

fn key_of_block(block: &pem::Pem) -> Result<Key, String> {
    match block.tag() {
        "PUBLIC KEY" => key_of_info(block.contents()),
        "RSA PUBLIC KEY" => rsa_key(der::rsa_public_key(block.contents()).ok_or("is not a PKCS#1 RSA public key")?),
        "CERTIFICATE" => Err("is a certificate: extract its key with `openssl x509 -pubkey -noout -in FILE`".into()),
        tag if tag.ends_with("PRIVATE KEY") => {
            Err("is private and does not belong here: extract the public key with `openssl pkey -pubout -in FILE`"
                .into())
        }
        _ => Err("is not a public key (`PUBLIC KEY` or `RSA PUBLIC KEY`)".into()),
    }
}

fn key_of_info(info: &[u8]) -> Result<Key, String> {
    match der::public_key(info).ok_or("is not a SubjectPublicKeyInfo in DER")? {
        PublicKey::Rsa(key) => rsa_key(der::rsa_public_key(key).ok_or("holds a damaged RSA key")?),
        PublicKey::P256(point) => p256_key(point),
        PublicKey::Ed25519(key) => ed25519_key(key),
        PublicKey::OtherCurve => Err("is on another curve than P-256 (ES256)".into()),
        PublicKey::Other => Err("is neither RSA, nor EC on P-256, nor Ed25519".into()),
    }
}

/// An RS256 key from its components.
pub(super) fn rsa_key(key: der::RsaPublicKey<'_>) -> Result<Key, String> {
    let bits = key.n.len() * 8 - key.n.first().map_or(0, |first| first.leading_zeros() as usize);
    if !RSA_BITS.contains(&bits) {
        return Err(format!("is an RSA key of {bits} bits: RS256 needs {} to {}", RSA_BITS.start(), RSA_BITS.end()));
    }
    Ok(Key { algorithm: Algorithm::RS256, id: None, decoding: DecodingKey::from_rsa_raw_components(key.n, key.e) })
}

/// An ES256 key from an uncompressed point.
pub(super) fn p256_key(point: &[u8]) -> Result<Key, String> {
    match point {
        [4, coordinates @ ..] if coordinates.len() == 64 => {
            Ok(Key { algorithm: Algorithm::ES256, id: None, decoding: DecodingKey::from_ec_der(point) })
        }
        _ => Err("is not an uncompressed point (0x04, x, y) on P-256".into()),
    }
}

/// An EdDSA key from its 32 bytes.
pub(super) fn ed25519_key(key: &[u8]) -> Result<Key, String> {
    if key.len() != 32 {
        return Err(format!("is an Ed25519 key of {} bytes instead of 32", key.len()));
    }
    Ok(Key { algorithm: Algorithm::EdDSA, id: None, decoding: DecodingKey::from_ed_der(key) })
}
