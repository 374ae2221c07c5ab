//! The little DER (X.690) that public keys need: SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) and the RSA key in
//! it (RFC 8017, A.1.1). Reads borrowed slices; anything unexpected is `None`, trailing bytes included.

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// rsaEncryption, with its NULL parameters.
const RSA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0];
/// id-ecPublicKey on prime256v1.
const P256: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
/// id-ecPublicKey on any curve.
const ANY_EC: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
/// id-Ed25519 (RFC 8410).
const ED25519: &[u8] = &[0x06, 3, 0x2b, 0x65, 0x70];

/// A public key by its kind; the bytes are those of the kind's own encoding.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PublicKey<'a> {
    /// PKCS#1 RSAPublicKey in DER.
    Rsa(&'a [u8]),
    /// Point on P-256 in SEC 1 encoding.
    P256(&'a [u8]),
    /// 32 bytes.
    Ed25519(&'a [u8]),
    /// Elliptic curve that is not P-256.
    OtherCurve,
    /// Something else: RSA-PSS, Ed448, X25519, DSA, …
    Other,
}

/// Modulus and exponent of an RSA key, big-endian without leading zeros.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RsaPublicKey<'a> {
    pub(super) n: &'a [u8],
    pub(super) e: &'a [u8],
}

/// Reads a SubjectPublicKeyInfo, the content of a PEM block `PUBLIC KEY`.
pub(super) fn public_key(der: &[u8]) -> Option<PublicKey<'_>> {
    let (info, []) = element(der, SEQUENCE)? else { return None };
    let (algorithm, rest) = element(info, SEQUENCE)?;
    // The first byte of a bit string counts its unused bits.
    let ([0, key @ ..], []) = element(rest, BIT_STRING)? else { return None };
    Some(match algorithm {
        RSA => PublicKey::Rsa(key),
        P256 => PublicKey::P256(key),
        ED25519 => PublicKey::Ed25519(key),
        other if other.starts_with(ANY_EC) => PublicKey::OtherCurve,
        _ => PublicKey::Other,
    })
}

/// Reads an RSAPublicKey, the content of a PEM block `RSA PUBLIC KEY`.
pub(super) fn rsa_public_key(der: &[u8]) -> Option<RsaPublicKey<'_>> {
    let (key, []) = element(der, SEQUENCE)? else { return None };
    let (n, rest) = element(key, INTEGER)?;
    let (e, []) = element(rest, INTEGER)? else { return None };
    Some(RsaPublicKey { n: positive(n)?, e: positive(e)? })
}

/// The magnitude of a positive integer.
fn positive(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, magnitude @ ..] if !magnitude.is_empty() => Some(magnitude),
        [first, ..] if (1..0x80).contains(first) => Some(integer),
        _ => None,
    }
}

/// Content of the element with this tag at the start of `der`, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    if first != tag {
        return None;
    }
    let (length, rest) = match rest {
        [length @ 0..=0x7f, rest @ ..] => (usize::from(*length), rest),
        [0x81, length @ 0x80..=0xff, rest @ ..] => (usize::from(*length), rest),
        [0x82, high @ 1..=0xff, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn elements_end_where_they_say() {
        assert_eq!(element(&[INTEGER, 1, 7, 9], INTEGER), Some((&[7][..], &[9][..])));
        assert_eq!(element(&[INTEGER, 2, 7], INTEGER), None);
        assert_eq!(element(&[INTEGER, 0x81, 1, 7], INTEGER), None, "a long form where the short one does");
        assert_eq!(element(&[INTEGER, 0x80, 7, 0, 0], INTEGER), None, "no indefinite length in DER");
        assert_eq!(element(&[], INTEGER), None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(der in proptest::collection::vec(any::<u8>(), 0..300)) {
            public_key(&der);
            rsa_public_key(&der);
        }
    }
}
