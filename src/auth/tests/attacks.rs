//! Tables of attacks: every one is refused, and for its own reason.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::auth::{MAX_TOKEN_BYTES, TokenError};

const HS256: Pen<'_> = Pen::Hs256(SECRET);

fn hs256(header: Value) -> String {
    token(&header, &claims(), &HS256)
}

#[test]
fn a_good_token_is_accepted() {
    let good = hs256(json!({"alg": "HS256", "typ": "JWT"}));
    let claims = local_verifier().verify(&good, NOW).unwrap();
    assert_eq!((claims.sub.as_str(), claims.scope.to_string().as_str()), ("ada", "stream:read"));
    assert_eq!(verdict(&local_verifier(), &hs256(json!({"alg": "HS256"}))), "accepted", "typ is optional");
}

#[test]
fn no_algorithm_is_none() {
    for alg in ["none", "None", "NONE", "nOnE", "", " none", "null"] {
        for pen in [Pen::Nothing, HS256] {
            let forged = token(&json!({"alg": alg, "typ": "JWT"}), &claims(), &pen);
            assert_eq!(verdict(&local_verifier(), &forged), "token_algorithm", "{alg:?}");
            assert_eq!(verdict(&provider_verifier(JWKS), &forged), "token_algorithm", "{alg:?}");
        }
    }
    for alg in [json!(null), json!(0), json!(["HS256"]), json!({"alg": "HS256"})] {
        assert_eq!(verdict(&local_verifier(), &hs256(json!({"alg": alg}))), "token_malformed", "{alg}");
    }
    assert_eq!(verdict(&local_verifier(), &hs256(json!({"typ": "JWT"}))), "token_malformed");
}

#[test]
fn a_token_cannot_choose_its_algorithm() {
    for alg in ["hs256", "HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256", "ES256K", "HS256\0", "HS256 "] {
        assert_eq!(verdict(&local_verifier(), &hs256(json!({"alg": alg}))), "token_algorithm", "{alg}");
    }
    let expected = local_verifier().verify(&hs256(json!({"alg": "RS256"})), NOW);
    assert_eq!(expected, Err(TokenError::Algorithm { expected: "HS256".into() }));
}

#[test]
fn a_public_key_is_no_secret() {
    let der = pem::parse(RSA_PUBLIC).unwrap().into_contents();
    let secrets = [RSA_PUBLIC.as_bytes(), RSA_PUBLIC.trim_end().as_bytes(), &der, JWKS.as_bytes(), b""];
    for verifier in [provider_verifier(RSA_PUBLIC), provider_verifier(JWKS)] {
        for secret in secrets {
            for (alg, refusal) in [("HS256", "token_algorithm"), ("RS256", "token_signature")] {
                let forged = token(&json!({"alg": alg}), &claims(), &Pen::Hs256(secret));
                assert_eq!(verdict(&verifier, &forged), refusal, "{alg}");
            }
        }
    }
}

#[test]
fn a_key_id_only_picks_among_the_keys() {
    let tricks =
        ["../../../../dev/null", "x' UNION SELECT 'secret' --", "rsa-2", "", "rsa-1\0", "RSA-1", "http://evil/"];
    for kid in tricks {
        for pen in [HS256, Pen::Hs256(b""), Pen::Rs256] {
            let header = json!({"alg": "RS256", "kid": kid});
            assert_eq!(
                verdict(&provider_verifier(JWKS), &token(&header, &claims(), &pen)),
                "token_key_unknown",
                "{kid}"
            );
            let header = json!({"alg": "HS256", "kid": kid});
            assert_eq!(verdict(&local_verifier(), &token(&header, &claims(), &pen)), "token_key_unknown", "{kid}");
        }
    }
    let crossed = token(&json!({"alg": "RS256", "kid": "ec-1"}), &claims(), &Pen::Rs256);
    assert_eq!(verdict(&provider_verifier(JWKS), &crossed), "token_algorithm");
    let encryption = token(&json!({"alg": "RS256", "kid": "rsa-enc"}), &claims(), &Pen::Rs256);
    assert_eq!(verdict(&provider_verifier(JWKS), &encryption), "token_key_unknown");
    assert_eq!(verdict(&local_verifier(), &hs256(json!({"alg": "HS256", "kid": 7}))), "token_malformed");
}

#[test]
fn a_header_cannot_bring_its_own_key_or_rules() {
    let jwk: Value = serde_json::from_str::<Value>(JWKS).unwrap()["keys"][0].clone();
    let fields = [
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("jwk", jwk),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["b64"])),
        ("crit", json!([])),
        ("jku", json!(null)),
        ("typ", json!("logout+jwt")),
        ("typ", json!("dpop+jwt")),
    ];
    for (field, value) in fields {
        let mut header = json!({"alg": "HS256"});
        header[field] = value;
        assert_eq!(local_verifier().verify(&hs256(header), NOW), Err(TokenError::Header { field }));
    }
    for typ in ["JWT", "jwt", "at+jwt", "application/at+jwt"] {
        assert_eq!(verdict(&local_verifier(), &hs256(json!({"alg": "HS256", "typ": typ}))), "accepted", "{typ}");
    }
}

#[test]
fn no_byte_of_a_token_can_be_changed() {
    for (verifier, header, pen) in [
        (local_verifier(), json!({"alg": "HS256"}), HS256),
        (provider_verifier(JWKS), json!({"alg": "ES256", "kid": "ec-1"}), Pen::Es256),
    ] {
        let good = token(&header, &claims(), &pen);
        assert_eq!(verdict(&verifier, &good), "accepted");
        for at in 0..good.len() {
            let mut changed = good.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_ne!(verdict(&verifier, &changed), "accepted", "byte {at}");
        }
    }
}

#[test]
fn a_payload_cannot_be_exchanged() {
    let good = hs256(json!({"alg": "HS256"}));
    let (header, rest) = good.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let admin = base64(claims_with("scope", json!("admin")).to_string());
    assert_eq!(verdict(&local_verifier(), &format!("{header}.{admin}.{signature}")), "token_signature");
    assert_eq!(verdict(&local_verifier(), &format!("{header}.{admin}.")), "token_signature");
    let other = token(&json!({"alg": "HS256"}), &claims(), &Pen::Hs256(b"another secret of another server"));
    assert_eq!(verdict(&local_verifier(), &other), "token_signature");
}

#[test]
fn claims_hold_here_and_now_only() {
    let table = [
        ("iss", json!("someone"), "token_issuer"),
        ("iss", json!("photophone "), "token_issuer"),
        ("iss", json!(["photophone"]), "token_claim_invalid"),
        ("iss", json!(null), "token_claim_missing"),
        ("aud", json!("someone"), "token_audience"),
        ("aud", json!([]), "token_audience"),
        ("aud", json!(["someone", "else"]), "token_audience"),
        ("aud", json!(["someone", "photophone"]), "accepted"),
        ("aud", json!([["photophone"]]), "token_claim_invalid"),
        ("aud", json!({"photophone": 1}), "token_claim_invalid"),
        ("aud", json!(null), "token_claim_missing"),
        ("sub", json!(null), "token_claim_missing"),
        ("sub", json!(""), "token_claim_invalid"),
        ("sub", json!("a\nb"), "token_claim_invalid"),
        ("sub", json!("a".repeat(257)), "token_claim_invalid"),
        ("sub", json!(7), "token_claim_invalid"),
        ("scope", json!(["admin"]), "token_claim_invalid"),
        ("scope", json!(null), "accepted"),
        ("exp", json!(null), "token_claim_missing"),
        ("exp", json!(NOW - 4), "accepted"),
        ("exp", json!(NOW - 5), "token_expired"),
        ("exp", json!(0), "token_expired"),
        ("exp", json!(NOW as f64 + 0.5), "accepted"),
        ("exp", json!(NOW as f64 - 4.5), "token_expired"),
        ("exp", json!("1999999999"), "token_claim_invalid"),
        ("exp", json!(-1), "token_claim_invalid"),
        ("exp", json!(-0.5), "token_claim_invalid"),
        ("exp", json!(u64::MAX), "token_claim_invalid"),
        ("exp", json!(1e300), "token_claim_invalid"),
        ("exp", json!(253_402_300_800_u64), "token_claim_invalid"),
        ("exp", json!(253_402_300_799_u64), "accepted"),
        ("exp", json!(true), "token_claim_invalid"),
        ("exp", json!([NOW + 60]), "token_claim_invalid"),
        ("nbf", json!(NOW + 5), "accepted"),
        ("nbf", json!(NOW + 6), "token_not_yet_valid"),
        ("nbf", json!("soon"), "token_claim_invalid"),
        ("iat", json!(NOW + 6), "token_not_yet_valid"),
        ("iat", json!(null), "accepted"),
        ("jti", json!(7), "token_claim_invalid"),
        ("jti", json!(null), "accepted"),
    ];
    for (claim, value, expected) in table {
        let text = value.to_string();
        let token = token(&json!({"alg": "HS256"}), &claims_with(claim, value), &HS256);
        assert_eq!(verdict(&local_verifier(), &token), expected, "{claim}: {text}");
    }
}

#[test]
fn a_claim_or_field_stands_once() {
    let payload = claims().to_string().replace("\"sub\":", "\"scope\":\"admin\",\"sub\":");
    assert_eq!(verdict(&local_verifier(), &raw_token(r#"{"alg":"HS256"}"#, payload, &HS256)), "token_malformed");
    let header = r#"{"alg":"none","alg":"HS256"}"#;
    assert_eq!(verdict(&local_verifier(), &raw_token(header, claims().to_string(), &HS256)), "token_malformed");
}

#[test]
fn the_form_is_checked_before_the_content() {
    let good = hs256(json!({"alg": "HS256"}));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let long = format!("{}.a.b", "A".repeat(MAX_TOKEN_BYTES));
    let table = [
        ("", "token_missing"),
        (long.as_str(), "token_too_long"),
        (".", "token_malformed"),
        ("..", "token_malformed"),
        ("...", "token_malformed"),
        ("a", "token_malformed"),
        (head, "token_malformed"),
        (signature, "token_malformed"),
        (&format!("{good}."), "token_malformed"),
        (&format!(".{good}"), "token_malformed"),
        (&format!(".{head}"), "token_malformed"),
        (&format!("{good}="), "token_signature"),
        (&format!(" {good}"), "token_malformed"),
        (&format!("{good}\n"), "token_signature"),
        (&format!("{head}.{}", "é".repeat(20)), "token_signature"),
        ("ée.ü.ß", "token_malformed"),
        ("e30.e30.", "token_malformed"),
    ];
    for (text, expected) in table {
        assert_eq!(verdict(&local_verifier(), text), expected, "{text:.80}");
    }
    let at_bound = token(&json!({"alg": "HS256"}), &claims_with("scope", json!("x".repeat(5600))), &HS256);
    assert!(at_bound.len() <= MAX_TOKEN_BYTES && verdict(&local_verifier(), &at_bound) == "accepted");
}

#[test]
fn a_payload_is_one_flat_object() {
    let deep = "[".repeat(4000);
    let nested = format!("{{\"x\":{}1{},\"exp\":1}}", "[".repeat(2000), "]".repeat(2000));
    let inner = hs256(json!({"alg": "HS256"}));
    let as_array = format!("[\"ada\",\"admin\",{NOW},{},null,\"photophone\",\"photophone\",null]", NOW + 60);
    for payload in ["", "null", "7", "\"x\"", "[]", "{", "{}{}", "\u{feff}{}", &deep, &inner, &as_array] {
        let token = raw_token(r#"{"alg":"HS256"}"#, payload, &HS256);
        assert_eq!(verdict(&local_verifier(), &token), "token_malformed", "{payload:.40}");
    }
    let token = raw_token(r#"{"alg":"HS256"}"#, &nested, &HS256);
    assert_ne!(verdict(&local_verifier(), &token), "accepted");
    let token = raw_token(r#"["HS256"]"#, claims().to_string(), &HS256);
    assert_eq!(verdict(&local_verifier(), &token), "token_malformed", "a header is no array");
    let token = raw_token(b"{\"alg\":\"HS256\"}", b"{\"sub\":\"\xff\"}", &HS256);
    assert_eq!(verdict(&local_verifier(), &token), "token_malformed", "not UTF-8");
}

#[test]
fn refusals_do_not_repeat_the_token() {
    let secret_word = "hunter2hunter2";
    for claim in ["sub", "iss", "aud", "exp", "scope"] {
        let token = token(&json!({"alg": "HS256"}), &claims_with(claim, json!([{ "x": secret_word }])), &HS256);
        let error = local_verifier().verify(&token, NOW).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret_word), "{error:?}");
    }
    assert!(!format!("{:?}", local_verifier()).contains("0123456789"));
}

proptest! {
    #[test]
    fn arbitrary_text_is_refused(text in ".{0,200}") {
        prop_assert_ne!(verdict(&local_verifier(), &text), "accepted");
    }

    #[test]
    fn arbitrary_parts_are_refused(header in ".{0,60}", payload in ".{0,60}", other in any::<[u8; 32]>()) {
        let token = raw_token(header, payload, &Pen::Hs256(&other));
        prop_assert_ne!(verdict(&local_verifier(), &token), "accepted");
    }

    #[test]
    fn no_fuzz_input_panics(data in proptest::collection::vec(any::<u8>(), 0..400)) {
        let bench = fuzz::Bench::new();
        bench.token(&data);
    }
}

#[test]
fn fuzz_seeds_are_refused_or_genuine() {
    let bench = fuzz::Bench::new();
    fuzz::seeds().iter().for_each(|seed| bench.token(seed));
}
