//! Forged, changed and misplaced tokens.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::forge::{Pen, claims, claims_with, now_secs, token};
use crate::support::server::{Lab, Server, fixture};

const TARGET: &str = "/api/audio/stream/stats";

/// Status and code of the answer to `token`.
async fn verdict(server: &Server, token: &str) -> (StatusCode, String) {
    let (status, body) = Client::bearing(server, token).json(TARGET).await;
    let code = body["error"]["code"].as_str().unwrap_or("accepted").to_owned();
    assert!(status == StatusCode::OK || body["error"]["status"] == status.as_u16(), "{body}");
    (status, code)
}

async fn assert_refused(server: &Server, token: &str, expected: &str) {
    let (status, code) = verdict(server, token).await;
    assert_eq!((status, code.as_str()), (StatusCode::UNAUTHORIZED, expected), "{token:.200}");
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let server = Lab::simulated("tone").start();
    let own = Pen::of(&server);
    let (hs256, good) = (json!({"alg": "HS256"}), claims());
    assert_eq!(verdict(&server, &token(&hs256, &good, &own)).await.1, "accepted", "the forge makes good tokens");

    let public_key = std::fs::read(fixture("keys/rsa2048.public.pem")).unwrap();
    let rs256 = json!({"alg": "RS256"});
    let with = |field: &str, value: Value| {
        let mut header = hs256.clone();
        header[field] = value;
        token(&header, &good, &own)
    };
    let genuine = token(&hs256, &good, &own);
    let (head, signature) = genuine.rsplit_once('.').unwrap();
    let admin = token(&hs256, &claims_with("scope", json!("admin")), &Pen::Nothing);
    let table = [
        ("no algorithm", token(&json!({"alg": "none"}), &good, &Pen::Nothing), "token_algorithm"),
        ("no algorithm, signed", token(&json!({"alg": "None"}), &good, &own), "token_algorithm"),
        ("no algorithm named", token(&json!({"typ": "JWT"}), &good, &own), "token_malformed"),
        ("another HMAC", token(&json!({"alg": "HS512"}), &good, &own), "token_algorithm"),
        ("an RSA key of its own", token(&rs256, &good, &Pen::Rs256), "token_algorithm"),
        ("a public key as secret", token(&hs256, &good, &Pen::Hs256(public_key)), "token_signature"),
        ("an empty secret", token(&hs256, &good, &Pen::Hs256(Vec::new())), "token_signature"),
        ("no signature", format!("{head}."), "token_signature"),
        ("two parts", head.to_owned(), "token_malformed"),
        ("another payload", format!("{admin}{signature}"), "token_signature"),
        ("a path as key id", with("kid", json!("../../../../dev/null")), "token_key_unknown"),
        ("SQL as key id", with("kid", json!("x' UNION SELECT 'k' --")), "token_key_unknown"),
        ("a URL of keys", with("jku", json!("https://evil.example/jwks.json")), "token_header"),
        ("a URL of certificates", with("x5u", json!("https://evil.example/cert.pem")), "token_header"),
        ("a key in the header", with("jwk", json!({"kty": "oct", "k": ""})), "token_header"),
        ("an unencoded payload", with("b64", json!(false)), "token_header"),
        ("critical rules", with("crit", json!(["b64"])), "token_header"),
    ];
    for (trick, forged, expected) in table {
        let (status, code) = verdict(&server, &forged).await;
        assert_eq!((status, code.as_str()), (StatusCode::UNAUTHORIZED, expected), "{trick}");
    }
}

#[tokio::test]
async fn claims_hold_for_this_server_and_now() {
    let server = Lab::simulated("tone").start();
    let (own, now) = (Pen::of(&server), now_secs());
    for (claim, value, expected) in [
        ("iss", json!("someone"), "token_issuer"),
        ("iss", json!(null), "token_claim_missing"),
        ("aud", json!("someone"), "token_audience"),
        ("aud", json!(null), "token_claim_missing"),
        ("exp", json!(now - 60), "token_expired"),
        ("exp", json!(null), "token_claim_missing"),
        ("exp", json!("tomorrow"), "token_claim_invalid"),
        ("exp", json!(1e300), "token_claim_invalid"),
        ("nbf", json!(now + 60), "token_not_yet_valid"),
        ("iat", json!(now + 60), "token_not_yet_valid"),
        ("sub", json!(null), "token_claim_missing"),
        ("scope", json!(["admin"]), "token_claim_invalid"),
    ] {
        assert_refused(&server, &token(&json!({"alg": "HS256"}), &claims_with(claim, value), &own), expected).await;
    }
    // The leeway is 5 s; 3 of them leave room for a slow machine.
    for (claim, value) in [("nbf", now + 3), ("exp", now + 60)] {
        let tolerated = token(&json!({"alg": "HS256"}), &claims_with(claim, json!(value)), &own);
        assert_eq!(verdict(&server, &tolerated).await.1, "accepted", "{claim}");
    }
    let powerless = token(&json!({"alg": "HS256"}), &claims_with("scope", json!(null)), &own);
    assert_eq!(verdict(&server, &powerless).await, (StatusCode::FORBIDDEN, "scope_missing".into()));
}

#[tokio::test]
async fn no_character_of_a_token_can_be_changed() {
    let server = Lab::simulated("tone").start();
    let good = server.token("stream:read");
    // Each third character keeps this quick; the unit tests change all of them.
    for at in (0..good.len()).step_by(3) {
        let mut changed = good.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let (status, _) = verdict(&server, &String::from_utf8(changed).unwrap()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "character {at}");
    }
}

#[tokio::test]
async fn a_token_of_another_server_is_none() {
    let (server, other) = (Lab::simulated("tone").start(), Lab::simulated("tone").start());
    assert_refused(&server, &other.token("admin"), "token_signature").await;
}

#[tokio::test]
async fn huge_tokens_are_refused_before_they_are_read() {
    let server = Lab::simulated("tone").start();
    for bytes in [8193, 20_000, 60_000] {
        assert_refused(&server, &"A".repeat(bytes), "token_too_long").await;
    }
    let cookie = format!("photophone_{}={}", server.port(), "A".repeat(20_000));
    let request = Client::anonymous(&server).request(Method::GET, TARGET).header("Cookie", cookie);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    // More than the HTTP layer takes at all.
    let request = Client::bearing(&server, "A".repeat(1_000_000)).request(Method::GET, TARGET);
    // The server may close before it has read all; then there is no answer.
    assert!(request.send().await.map_or(true, |response| response.status() == 431));
    assert_eq!(Client::reader(&server).get(TARGET).await.status(), StatusCode::OK, "and goes on");
}

#[tokio::test]
async fn a_token_stands_in_one_bearer_header_or_the_cookie_and_nowhere_else() {
    let server = Lab::simulated("tone").start();
    let (token, port) = (server.token("stream:read"), server.port());
    let anonymous = Client::anonymous(&server);
    let request = || anonymous.request(Method::GET, TARGET);
    let (bearer, cookie) = (format!("Bearer {token}"), format!("photophone_{port}={token}"));
    let accepted = [
        request().header("Authorization", &bearer),
        request().header("Authorization", format!("bearer  {token} ")),
        request().header("Cookie", &cookie),
        request().header("Cookie", format!("photophone_1=x; {cookie}; theme=dark")),
    ];
    for request in accepted {
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }
    let refused = [
        (request().header("Authorization", &bearer).header("Authorization", &bearer), "token_malformed"),
        (request().header("Authorization", &bearer).header("Authorization", "Bearer x.y.z"), "token_malformed"),
        (request().header("Authorization", format!("{bearer}, {bearer}")), "token_malformed"),
        (request().header("Authorization", format!("Basic {token}")), "token_malformed"),
        (request().header("Authorization", format!("Token {token}")), "token_malformed"),
        (request().header("Authorization", &token), "token_malformed"),
        (request().header("Authorization", "Bearer x.y.z").header("Cookie", &cookie), "token_malformed"),
        (request().header("Cookie", format!("photophone_{}={token}", port ^ 1)), "token_missing"),
        (request().header("Cookie", format!("photophone={token}; PHOTOPHONE_{port}={token}")), "token_missing"),
        (request().header("X-Auth-Token", &token).header("Proxy-Authorization", &bearer), "token_missing"),
    ];
    for (at, (request, expected)) in refused.into_iter().enumerate() {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "row {at}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], expected, "row {at}: {body}");
    }
    for query in [format!("token={token}"), format!("access_token={token}")] {
        let (status, body) = anonymous.json(&format!("{TARGET}?{query}")).await;
        assert_eq!((status, &body["error"]["code"]), (StatusCode::UNAUTHORIZED, &json!("token_missing")));
    }
}
