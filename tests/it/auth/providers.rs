//! Tokens of an identity provider: `auth.verify_keys` decides, and photophone makes none of its own.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::command;
use crate::support::forge::{Pen, claims, token};
use crate::support::server::{Lab, Server, fixture};

const TARGET: &str = "/api/audio/stream/stats";

fn trusting(file: &str, more: &str) -> Server {
    let keys = fixture(&format!("keys/{file}"));
    Lab::simulated("tone").config(&format!("auth: {{verify_keys: {:?}{more}}}", keys.display().to_string())).start()
}

async fn code(server: &Server, token: &str) -> String {
    let (_, body) = Client::bearing(server, token).json(TARGET).await;
    body["error"]["code"].as_str().unwrap_or("accepted").to_owned()
}

#[tokio::test]
async fn each_algorithm_is_accepted_with_its_key_only() {
    let server = trusting("jwks.json", "");
    let kinds = [("RS256", "rsa-1", Pen::Rs256), ("ES256", "ec-1", Pen::Es256), ("EdDSA", "ed-1", Pen::EdDsa)];
    for (alg, kid, pen) in &kinds {
        for header in [json!({"alg": alg}), json!({"alg": alg, "kid": kid, "typ": "at+jwt"})] {
            assert_eq!(code(&server, &token(&header, &claims(), pen)).await, "accepted", "{header}");
        }
        for (other, _, wrong) in kinds.iter().filter(|(other, ..)| other != alg) {
            let forged = token(&json!({"alg": alg}), &claims(), wrong);
            assert_eq!(code(&server, &forged).await, "token_signature", "{alg} signed as {other}");
        }
    }
    let public = std::fs::read(fixture("keys/rsa2048.public.pem")).unwrap();
    let confused = token(&json!({"alg": "HS256", "kid": "rsa-1"}), &claims(), &Pen::Hs256(public.clone()));
    assert_eq!(code(&server, &confused).await, "token_algorithm");
    let confused = token(&json!({"alg": "RS256", "kid": "rsa-1"}), &claims(), &Pen::Hs256(public));
    assert_eq!(code(&server, &confused).await, "token_signature");
    let misnamed = token(&json!({"alg": "RS256", "kid": "ec-1"}), &claims(), &Pen::Rs256);
    assert_eq!(code(&server, &misnamed).await, "token_algorithm");
    let unsigned = token(&json!({"alg": "none"}), &claims(), &Pen::Nothing);
    assert_eq!(code(&server, &unsigned).await, "token_algorithm");
}

#[tokio::test]
async fn a_pem_file_trusts_its_one_key() {
    for (file, alg, pen) in [
        ("rsa2048.public.pem", "RS256", Pen::Rs256),
        ("p256.public.pem", "ES256", Pen::Es256),
        ("ed25519.public.pem", "EdDSA", Pen::EdDsa),
    ] {
        let server = trusting(file, "");
        assert_eq!(code(&server, &token(&json!({"alg": alg}), &claims(), &pen)).await, "accepted", "{file}");
        let own = Pen::Hs256(vec![0; 32]);
        assert_eq!(code(&server, &token(&json!({"alg": "HS256"}), &claims(), &own)).await, "token_algorithm", "{file}");
    }
}

#[tokio::test]
async fn tokens_of_another_implementation_are_understood() {
    let server = trusting("jwks.json", ", issuer: 'https://login.example.org/realms/lab'");
    let foreign: Value = serde_json::from_slice(&std::fs::read(fixture("keys/foreign.json")).unwrap()).unwrap();
    for alg in ["RS256", "ES256", "EdDSA"] {
        let token = foreign["tokens"][alg].as_str().unwrap();
        // They ended on 2026-01-01; that is said only of a token whose signature, issuer and audience hold.
        assert_eq!(code(&server, token).await, "token_expired", "{alg}");
        let changed = format!("{}AAAA", &token[..token.len() - 4]);
        assert_eq!(code(&server, &changed).await, "token_signature", "{alg}");
    }
}

#[tokio::test]
async fn nobody_logs_in_here() {
    let server = trusting("jwks.json", "");
    assert_eq!(server.login_url, None, "no one-time link is printed");
    let anonymous = Client::anonymous(&server);
    let (_, methods) = anonymous.json("/api/auth/methods").await;
    assert_eq!(methods, json!({"password": false, "link": false, "token": true}));
    for (path, body) in [
        ("/api/auth/login", json!({"username": "ada", "password": "battery staple"})),
        ("/api/auth/code", json!({"code": "A".repeat(43)})),
    ] {
        let response = anonymous.post(path, &body).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
        assert_eq!(response.json::<Value>().await.unwrap()["error"]["code"], "login_off", "{path}");
    }
    let genuine = token(&json!({"alg": "EdDSA"}), &claims(), &Pen::EdDsa);
    let session = Client::bearing(&server, &genuine).post("/api/auth/session", &json!({})).await;
    assert_eq!(session.status(), StatusCode::OK, "a page takes a token instead");
}

#[test]
fn a_key_file_that_cannot_be_trusted_ends_the_start() {
    let dir = tempfile::tempdir().unwrap();
    for (file, reason) in [
        ("rsa2048.private.pem", "is private"),
        ("rsa1024.public.pem", "1024 bits"),
        ("certificate.pem", "is a certificate"),
        ("nothing.pem", "nothing.pem"),
    ] {
        let keys = fixture(&format!("keys/{file}"));
        let config = format!("auth: {{verify_keys: {:?}}}", keys.display().to_string());
        std::fs::write(dir.path().join("config.yaml"), config).unwrap();
        let ended = command::run(dir.path(), &["serve", "--source", "sim", "--port", "0", "--data-dir", "data"], "");
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains(file) && ended.err.contains(reason), "{ended:?}");
        assert!(!ended.err.contains("BEGIN"), "no key is shown: {ended:?}");
    }
}
