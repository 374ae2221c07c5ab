//! Fuzz body for tokens: no input panics, and none is accepted that was not signed with the secret.
//!
//! A plain function for libFuzzer and for the seeded runs of `make test`. Data with a newline is also read as header
//! and payload, and signed, so that the parsers behind the signature are reached.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use photophone::auth::{Authority, inspect};
use photophone::clock::SystemClock;
use photophone::config::AuthConfig;
use ring::hmac;

/// An authority with a secret that the input cannot know.
pub(crate) struct Bench {
    authority: Authority,
    key: hmac::Key,
}

impl Bench {
    /// A bench on a fresh data directory, which is removed again.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let config = AuthConfig::default();
        let authority = Authority::open(&config, dir.path(), SystemClock::shared()).expect("a fresh authority");
        let secret = std::fs::read(dir.path().join("jwt-secret")).expect("the secret just made");
        Self { authority, key: hmac::Key::new(hmac::HMAC_SHA256, &secret) }
    }

    /// Tries `data` as a token, and as header and payload of a signed one.
    pub(crate) fn token(&self, data: &[u8]) {
        if let Ok(text) = std::str::from_utf8(data) {
            assert!(self.authority.verify(text).is_err(), "accepted without the secret");
            drop(inspect(text));
        }
        let Some(newline) = data.iter().position(|byte| *byte == b'\n') else { return };
        let signed = self.sign(&data[..newline], &data[newline + 1..]);
        if let Ok(claims) = self.authority.verify(&signed) {
            assert!(claims.aud.contains("photophone") && claims.iss == "photophone");
            serde_json::to_string(&claims).expect("claims are JSON");
        }
    }

    fn sign(&self, header: &[u8], payload: &[u8]) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = hmac::sign(&self.key, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A header and a payload to be signed, and tokens as others make them.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let payload = r#"{"sub":"ada","scope":"stream:read admin","iat":1700000000,"exp":99999999999,"nbf":1,
        "iss":"photophone","aud":["photophone","other"],"jti":"6fa459ea"}"#;
    let signed = |header: &str| format!("{header}\n{payload}");
    let foreign = |header: &str| [header, payload, "signature"].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let seeds = [
        signed(r#"{"alg":"HS256","typ":"JWT"}"#),
        signed(r#"{"alg":"HS256","kid":"../../etc/passwd","jku":"http://example.org/keys","crit":["exp"]}"#),
        foreign(r#"{"alg":"none"}"#),
        foreign(r#"{"alg":"RS256","kid":"1"}"#),
        String::new(),
    ];
    seeds.map(String::into_bytes).into()
}
