//! Keys of identity providers: which files are accepted, and the tokens that their keys verify.

use serde_json::{Value, json};

use super::*;

/// The reason against a key file.
fn refusal(file: &str) -> String {
    key_file::parse(file.as_bytes()).expect_err("the file is accepted")
}

fn jwk(index: usize) -> Value {
    serde_json::from_str::<Value>(JWKS).unwrap()["keys"][index].clone()
}

/// A set of one key with these members changed; null takes one away.
fn jwks_with(index: usize, changes: &[(&str, Value)]) -> String {
    let mut key = jwk(index);
    for (member, value) in changes {
        match value {
            Value::Null => drop(key.as_object_mut().unwrap().remove(*member)),
            value => key[*member] = value.clone(),
        }
    }
    json!({"keys": [key]}).to_string()
}

#[test]
fn each_kind_of_key_verifies_its_algorithm_from_pem_and_jwks() {
    let kinds = [
        ("RS256", "rsa-1", RSA_PUBLIC, Pen::Rs256),
        ("ES256", "ec-1", P256_PUBLIC, Pen::Es256),
        ("EdDSA", "ed-1", ED25519_PUBLIC, Pen::EdDsa),
    ];
    let all_pems = [RSA_PUBLIC, P256_PUBLIC, ED25519_PUBLIC].concat();
    for (alg, kid, pem, pen) in &kinds {
        let plain = token(&json!({"alg": alg}), &claims(), pen);
        let named = token(&json!({"alg": alg, "kid": kid}), &claims(), pen);
        for verifier in [provider_verifier(pem), provider_verifier(&all_pems), provider_verifier(JWKS)] {
            assert_eq!(verdict(&verifier, &plain), "accepted", "{alg}");
            assert_eq!(verdict(&verifier, &named), "accepted", "{alg} {kid}");
        }
        for (other, _, _, wrong_pen) in kinds.iter().filter(|(other, ..)| other != alg) {
            let forged = token(&json!({"alg": alg}), &claims(), wrong_pen);
            assert_eq!(verdict(&provider_verifier(JWKS), &forged), "token_signature", "{alg} signed as {other}");
        }
    }
    let asn1 = token(&json!({"alg": "ES256"}), &claims(), &Pen::Es256Der);
    assert_eq!(verdict(&provider_verifier(P256_PUBLIC), &asn1), "token_signature", "RFC 7518 wants r and s, no DER");
}

#[test]
fn pkcs1_is_the_same_key() {
    let pkcs1 = include_str!("../../../tests/fixtures/keys/rsa2048.pkcs1.pem");
    let token = token(&json!({"alg": "RS256"}), &claims(), &Pen::Rs256);
    assert_eq!(verdict(&provider_verifier(pkcs1), &token), "accepted");
}

#[test]
fn tokens_of_another_implementation_are_accepted() {
    let foreign: Value = serde_json::from_str(include_str!("../../../tests/fixtures/keys/foreign.json")).unwrap();
    let issuer = "https://login.example.org/realms/lab";
    let secret = foreign["secret"].as_str().unwrap().as_bytes();
    let provider = key_file::parse(JWKS.as_bytes()).unwrap();
    for (alg, token) in foreign["tokens"].as_object().unwrap() {
        let keys = if alg == "HS256" { KeySet::of_secret(secret) } else { KeySet::of_provider(provider.clone()) };
        let claims = Verifier::new(keys, issuer, "photophone").verify(token.as_str().unwrap(), NOW).unwrap();
        assert_eq!(
            (claims.sub.as_str(), claims.exp, claims.jti.as_deref()),
            ("notebook", NOW + 3600, Some("0b6c1f4e"))
        );
    }
    assert_eq!(foreign["tokens"].as_object().unwrap().len(), 4);
}

#[test]
fn a_second_key_of_a_kind_is_tried_when_no_id_says_which() {
    let other = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let other = Ed25519KeyPair::from_pkcs8(other.as_ref()).unwrap();
    let x = base64(signature::KeyPair::public_key(&other).as_ref());
    let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "old"}, jwk(2)]}).to_string();
    let verifier = provider_verifier(&set);
    assert_eq!(verdict(&verifier, &token(&json!({"alg": "EdDSA"}), &claims(), &Pen::EdDsa)), "accepted");
    let misnamed = token(&json!({"alg": "EdDSA", "kid": "old"}), &claims(), &Pen::EdDsa);
    assert_eq!(verdict(&verifier, &misnamed), "token_signature");
}

#[test]
fn harmless_differences_of_jwks_are_accepted() {
    let padded = base64([&[0][..], &URL_SAFE_NO_PAD.decode(jwk(0)["n"].as_str().unwrap()).unwrap()].concat());
    for set in [
        jwks_with(0, &[("n", json!(padded))]),
        jwks_with(0, &[("alg", json!(null)), ("use", json!(null)), ("kid", json!(null))]),
        jwks_with(0, &[("key_ops", json!(["verify"])), ("x5t", json!("x")), ("x5c", json!(["MIIB"]))]),
    ] {
        let token = token(&json!({"alg": "RS256"}), &claims(), &Pen::Rs256);
        assert_eq!(verdict(&provider_verifier(&set), &token), "accepted", "{set}");
    }
}

#[test]
fn ed25519_goes_by_both_its_names() {
    for of_key in ["EdDSA", "Ed25519"] {
        let verifier = provider_verifier(&jwks_with(2, &[("alg", json!(of_key))]));
        for (of_token, expected) in [("EdDSA", "accepted"), ("Ed25519", "accepted"), ("ed25519", "token_algorithm")] {
            let token = token(&json!({"alg": of_token}), &claims(), &Pen::EdDsa);
            assert_eq!(verdict(&verifier, &token), expected, "{of_key} {of_token}");
        }
    }
    let misnamed = token(&json!({"alg": "Ed25519", "kid": "ec-1"}), &claims(), &Pen::EdDsa);
    assert_eq!(verdict(&provider_verifier(JWKS), &misnamed), "token_algorithm");
}

#[test]
fn pem_files_that_cannot_be_trusted_are_refused() {
    let certificate = include_str!("../../../tests/fixtures/keys/certificate.pem");
    let table = [
        (RSA_PRIVATE.to_owned(), "PEM block 1 (PRIVATE KEY) is private"),
        ([RSA_PUBLIC, P256_PRIVATE].concat(), "PEM block 2 (PRIVATE KEY) is private"),
        (RSA_PRIVATE.replace("PRIVATE", "RSA PRIVATE"), "is private"),
        (certificate.to_owned(), "is a certificate"),
        (include_str!("../../../tests/fixtures/keys/rsa1024.public.pem").to_owned(), "RSA key of 1024 bits"),
        (include_str!("../../../tests/fixtures/keys/p384.public.pem").to_owned(), "another curve than P-256"),
        (include_str!("../../../tests/fixtures/keys/secp256k1.public.pem").to_owned(), "another curve than P-256"),
        (include_str!("../../../tests/fixtures/keys/x25519.public.pem").to_owned(), "is neither RSA"),
        (RSA_PUBLIC.replace("PUBLIC KEY", "RSA PUBLIC KEY"), "not a PKCS#1"),
        (RSA_PUBLIC.replace("PUBLIC KEY", "OPENSSH KEY"), "is not a public key"),
        (String::new(), "neither a PEM block"),
        ("a text".to_owned(), "neither a PEM block"),
    ];
    for (file, reason) in table {
        let said = refusal(&file);
        assert!(said.contains(reason), "{said:?} lacks {reason:?}");
    }
}

#[test]
fn jwks_that_cannot_be_trusted_are_refused() {
    let table = [
        (json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}).to_string(), "is symmetric"),
        (json!({"keys": [{"kty": "oct", "k": "c2VjcmV0", "use": "enc"}]}).to_string(), "is symmetric"),
        (jwks_with(2, &[("d", json!("AAAA"))]), "key 1 (kid ed-1) is private"),
        (jwks_with(0, &[("p", json!("AAAA"))]), "is private"),
        (jwks_with(0, &[("alg", json!("RS512"))]), "is for RS512: of its kind only RS256"),
        (jwks_with(0, &[("alg", json!("HS256"))]), "is for HS256"),
        (jwks_with(1, &[("alg", json!("Ed25519"))]), "is for Ed25519: of its kind only ES256"),
        (jwks_with(2, &[("alg", json!("Ed448"))]), "is for Ed448: of its kind only EdDSA or Ed25519"),
        (jwks_with(0, &[("n", json!("AQAB"))]), "RSA key of 17 bits"),
        (jwks_with(0, &[("n", json!(null))]), "has no `n`"),
        (jwks_with(0, &[("e", json!("!"))]), "`e` that is not base64url"),
        (jwks_with(1, &[("crv", json!("P-384"))]), "is EC with P-384"),
        (jwks_with(1, &[("x", json!("AQAB"))]), "coordinates of 3 and 32 bytes"),
        (jwks_with(2, &[("crv", json!("X25519"))]), "is OKP with X25519"),
        (jwks_with(2, &[("x", json!("AQAB"))]), "Ed25519 key of 3 bytes"),
        (jwks_with(0, &[("use", json!("enc"))]), "no key for signatures"),
        (json!({"keys": []}).to_string(), "no key for signatures"),
        (json!({"keys": [jwk(0), jwk(0)]}).to_string(), "has the kid of an earlier key"),
        (jwk(0).to_string(), "not a JWK Set"),
        ("{".to_owned(), "not a JWK Set"),
    ];
    for (file, reason) in table {
        let said = refusal(&file);
        assert!(said.contains(reason), "{said:?} lacks {reason:?}");
    }
}

#[test]
fn no_change_of_a_key_file_panics() {
    for file in [RSA_PUBLIC, P256_PUBLIC, ED25519_PUBLIC] {
        let der = pem::parse(file).unwrap().into_contents();
        for (at, bit) in (0..der.len().min(60)).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut changed = der.clone();
            changed[at] ^= 1 << bit;
            let file = pem::encode(&pem::Pem::new("PUBLIC KEY", changed));
            if let Ok(keys) = key_file::parse(file.as_bytes()) {
                let verifier = Verifier::new(KeySet::of_provider(keys), "photophone", "photophone");
                for (alg, pen) in [("RS256", Pen::Rs256), ("ES256", Pen::Es256), ("EdDSA", Pen::EdDsa)] {
                    verdict(&verifier, &token(&json!({"alg": alg}), &claims(), &pen));
                }
            }
        }
    }
}
