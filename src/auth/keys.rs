//! The keys that tokens are verified with, and which of them a token may be tried against.
//!
//! A key carries its algorithm; a token can only pick among keys, never an algorithm for a key.

use jsonwebtoken::{Algorithm, DecodingKey};

use super::error::TokenError;

/// A key and the one algorithm that it is for.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) id: Option<String>,
    pub(super) decoding: DecodingKey,
}

/// What a token's `kid` means to a set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyIds {
    /// Keys have ids: a token's `kid` picks the key with that id.
    Pick,
    /// Keys in PEM have no ids; identity providers set `kid` all the same.
    Ignore,
    /// photophone's own tokens carry no `kid`.
    Refuse,
}

/// The keys of one server.
#[derive(Clone, Debug)]
pub(super) struct KeySet {
    keys: Vec<Key>,
    ids: KeyIds,
}

impl KeySet {
    /// The secret of the data directory.
    pub(super) fn of_secret(secret: &[u8]) -> Self {
        let decoding = DecodingKey::from_secret(secret);
        Self { keys: vec![Key { algorithm: Algorithm::HS256, id: None, decoding }], ids: KeyIds::Refuse }
    }

    /// Public keys of an identity provider.
    pub(super) fn of_provider(keys: Vec<Key>) -> Self {
        let ids = if keys.iter().any(|key| key.id.is_some()) { KeyIds::Pick } else { KeyIds::Ignore };
        Self { keys, ids }
    }

    /// The keys to try for a token whose header says `algorithm` and `kid`; never empty.
    ///
    /// # Errors
    /// [`TokenError::KeyUnknown`] when no key has this id, [`TokenError::Algorithm`] when the key has another
    /// algorithm.
    pub(super) fn candidates(&self, algorithm: &str, kid: Option<&str>) -> Result<Vec<&Key>, TokenError> {
        let named: Vec<&Key> = match (self.ids, kid) {
            (KeyIds::Refuse, Some(_)) => Vec::new(),
            (KeyIds::Pick, Some(kid)) => self.keys.iter().filter(|key| key.id.as_deref() == Some(kid)).collect(),
            (KeyIds::Ignore, _) | (_, None) => self.keys.iter().collect(),
        };
        if named.is_empty() {
            return Err(TokenError::KeyUnknown);
        }
        let fitting: Vec<&Key> =
            named.iter().copied().filter(|key| names(key.algorithm).contains(&algorithm)).collect();
        if fitting.is_empty() { Err(TokenError::Algorithm { expected: names_of(&named) }) } else { Ok(fitting) }
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}

/// What tokens and keys call the algorithm; letters' case matters (RFC 7515, section 4.1.1). The keys of EdDSA are all
/// on Ed25519, after which RFC 9864 names it.
pub(super) fn names(algorithm: Algorithm) -> &'static [&'static str] {
    match algorithm {
        Algorithm::HS256 => &["HS256"],
        Algorithm::RS256 => &["RS256"],
        Algorithm::ES256 => &["ES256"],
        Algorithm::EdDSA => &["EdDSA", "Ed25519"],
        // No key is ever made for another one.
        _ => &[],
    }
}

fn names_of(keys: &[&Key]) -> String {
    let mut names: Vec<&str> = keys.iter().flat_map(|key| names(key.algorithm)).copied().collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}
