//! What the tests of this module share: hand-made tokens of any header and payload, signed with any key.

mod attacks;
mod authority;
#[path = "../../../tests/fuzz/token.rs"]
mod fuzz;
mod providers;
mod store;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{hmac, signature};
use serde_json::{Value, json};

use super::keys::KeySet;
use super::{Verifier, key_file};

/// 2026-01-01T00:00:00Z.
const NOW: u64 = 1_767_225_600;
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

const RSA_PRIVATE: &str = include_str!("../../../tests/fixtures/keys/rsa2048.private.pem");
const RSA_PUBLIC: &str = include_str!("../../../tests/fixtures/keys/rsa2048.public.pem");
const P256_PRIVATE: &str = include_str!("../../../tests/fixtures/keys/p256.private.pem");
const P256_PUBLIC: &str = include_str!("../../../tests/fixtures/keys/p256.public.pem");
const ED25519_PRIVATE: &str = include_str!("../../../tests/fixtures/keys/ed25519.private.pem");
const ED25519_PUBLIC: &str = include_str!("../../../tests/fixtures/keys/ed25519.public.pem");
const JWKS: &str = include_str!("../../../tests/fixtures/keys/jwks.json");

/// Something that signs, without jsonwebtoken.
enum Pen<'a> {
    Hs256(&'a [u8]),
    Rs256,
    Es256,
    Es256Der,
    EdDsa,
    Nothing,
}

impl Pen<'_> {
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let der = |pem: &str| pem::parse(pem).unwrap().into_contents();
        let ecdsa = |algorithm: &'static signature::EcdsaSigningAlgorithm| {
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, &der(P256_PRIVATE), &random).unwrap();
            pair.sign(&random, message).unwrap().as_ref().to_vec()
        };
        match self {
            Self::Hs256(secret) => hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec(),
            Self::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(&der(RSA_PRIVATE)).unwrap();
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Es256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Self::Es256Der => ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
            Self::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der(ED25519_PRIVATE)).unwrap();
                pair.sign(message).as_ref().to_vec()
            }
            Self::Nothing => Vec::new(),
        }
    }
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A token with exactly these bytes for header and payload.
fn raw_token(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>, pen: &Pen<'_>) -> String {
    let message = format!("{}.{}", base64(header), base64(payload));
    let signature = base64(pen.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn token(header: &Value, payload: &Value, pen: &Pen<'_>) -> String {
    raw_token(header.to_string(), payload.to_string(), pen)
}

/// Claims that hold at [`NOW`].
fn claims() -> Value {
    json!({
        "sub": "ada", "scope": "stream:read", "iat": NOW, "exp": NOW + 3600,
        "iss": "photophone", "aud": "photophone", "jti": "1",
    })
}

/// [`claims`] with one of them changed; null takes it away.
fn claims_with(claim: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
        value => claims[claim] = value,
    }
    claims
}

fn local_verifier() -> Verifier {
    Verifier::new(KeySet::of_secret(SECRET), "photophone", "photophone")
}

fn provider_verifier(file: &str) -> Verifier {
    let keys = key_file::parse(file.as_bytes()).unwrap();
    Verifier::new(KeySet::of_provider(keys), "photophone", "photophone")
}

/// The code of the refusal at [`NOW`], or `accepted`.
fn verdict(verifier: &Verifier, token: &str) -> &'static str {
    verifier.verify(token, NOW).map_or_else(|error| error.code(), |_| "accepted")
}
