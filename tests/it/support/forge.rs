//! Tokens made by hand, without the program's own code: any header, any payload, any signature.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use photophone::clock::SystemClock;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{hmac, signature};
use serde_json::{Value, json};

use super::server::{Server, fixture};

/// Something that signs.
pub(crate) enum Pen {
    Hs256(Vec<u8>),
    Rs256,
    Es256,
    EdDsa,
    Nothing,
}

impl Pen {
    /// The pen of the server itself, whose secret lies in its data directory.
    pub(crate) fn of(server: &Server) -> Self {
        Self::Hs256(fs::read(server.dir().join("jwt-secret")).unwrap())
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Hs256(secret) => hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec(),
            Self::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(&private_key("rsa2048")).unwrap();
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Es256 => {
                let algorithm: &'static signature::EcdsaSigningAlgorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let pair = EcdsaKeyPair::from_pkcs8(algorithm, &private_key("p256"), &random).unwrap();
                pair.sign(&random, message).unwrap().as_ref().to_vec()
            }
            Self::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&private_key("ed25519")).unwrap();
                pair.sign(message).as_ref().to_vec()
            }
            Self::Nothing => Vec::new(),
        }
    }
}

/// The token of `header` and `payload`, signed with `pen`.
pub(crate) fn token(header: &Value, payload: &Value, pen: &Pen) -> String {
    let base64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let message = format!("{}.{}", base64(header.to_string().as_bytes()), base64(payload.to_string().as_bytes()));
    let signature = base64(&pen.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// Claims that hold now and permit reading streams.
pub(crate) fn claims() -> Value {
    let now = now_secs();
    json!({
        "sub": "ada", "scope": "stream:read", "iat": now, "exp": now + 3600,
        "iss": "photophone", "aud": "photophone", "jti": "1",
    })
}

/// [`claims`] with one of them changed; null takes it away.
pub(crate) fn claims_with(claim: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
        value => claims[claim] = value,
    }
    claims
}

/// UTC seconds.
pub(crate) fn now_secs() -> u64 {
    SystemClock::shared().utc_secs()
}

fn private_key(name: &str) -> Vec<u8> {
    let text = fs::read_to_string(fixture(&format!("keys/{name}.private.pem"))).unwrap();
    pem::parse(text).unwrap().into_contents()
}
