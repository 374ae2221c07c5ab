//! The authority as a server holds it: login, one-time link, own tokens, and a provider's tokens, on a manual clock.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::{JWKS, NOW, Pen, claims, token};
use crate::auth::{Authority, Existing, IssueError, LoginError, MAX_TTL_SECS, OWNER, Scope, Scopes, TokenError, Users};
use crate::clock::ManualClock;
use crate::config::AuthConfig;

fn clock() -> Arc<ManualClock> {
    ManualClock::starting_at(NOW * 1_000_000)
}

fn local(data_dir: &Path, clock: &Arc<ManualClock>) -> Authority {
    Authority::open(&AuthConfig::default(), data_dir, clock.clone()).unwrap()
}

fn provider(data_dir: &Path) -> Authority {
    let path = data_dir.join("jwks.json");
    fs::write(&path, JWKS).unwrap();
    Authority::open(&AuthConfig { verify_keys: Some(path), ..AuthConfig::default() }, data_dir, clock()).unwrap()
}

#[test]
fn own_tokens_hold_until_they_expire() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let authority = local(dir.path(), &clock);
    let issued = authority.issue("script", &Scopes::parse("stream:read x:y"), 60).unwrap();
    assert_eq!(authority.verify(&issued.token).unwrap(), issued.claims);
    assert_eq!(local(dir.path(), &clock).verify(&issued.token).unwrap(), issued.claims, "same data directory");
    let elsewhere = tempfile::tempdir().unwrap();
    assert_eq!(local(elsewhere.path(), &clock).verify(&issued.token), Err(TokenError::Signature));
    clock.advance_us(64_999_999);
    assert!(authority.verify(&issued.token).is_ok(), "within the leeway");
    clock.advance_us(1);
    assert_eq!(authority.verify(&issued.token), Err(TokenError::Expired { ago_secs: 5 }));
}

#[test]
fn no_two_tokens_share_an_id() {
    let dir = tempfile::tempdir().unwrap();
    let authority = local(dir.path(), &clock());
    let id = || authority.issue("script", &Scopes::all(), 60).unwrap().claims.jti.unwrap();
    assert_ne!(id(), id());
}

#[test]
fn impossible_tokens_are_not_issued() {
    let dir = tempfile::tempdir().unwrap();
    let authority = local(dir.path(), &clock());
    for ttl_secs in [0, MAX_TTL_SECS + 1, u64::MAX] {
        assert!(matches!(authority.issue("a", &Scopes::all(), ttl_secs), Err(IssueError::Ttl { .. })));
    }
    for sub in ["", "a\u{7}", &"a".repeat(257)] {
        assert!(matches!(authority.issue(sub, &Scopes::all(), 60), Err(IssueError::Subject { .. })));
    }
    let scopes = Scopes::parse(&"x".repeat(9000));
    assert!(matches!(authority.issue("a", &scopes, 60), Err(IssueError::TooLong { .. })));
}

#[test]
fn a_login_gives_a_session_with_the_users_scopes() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let authority = local(dir.path(), &clock);
    assert!(matches!(authority.login("ada", "correct horse"), Err(LoginError::Refused)));
    Users::in_dir(dir.path()).add("ada", "correct horse", Scopes::parse("events:read"), Existing::Refuse).unwrap();
    let session = authority.login("ada", "correct horse").unwrap();
    let claims = authority.verify(&session.token).unwrap();
    assert_eq!((claims.sub.as_str(), claims.exp), ("ada", NOW + AuthConfig::default().session_secs));
    assert!(claims.scope.allows(Scope::EventsRead) && !claims.scope.allows(Scope::StreamRead));
    assert!(matches!(authority.login("ada", "wrong horse"), Err(LoginError::Refused)));
    assert!(!format!("{session:?}").contains(&session.token));
}

#[test]
fn a_one_time_link_works_across_processes_once() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let code = local(dir.path(), &clock).login_code().unwrap();
    let server = local(dir.path(), &clock);
    let session = server.redeem(&code).unwrap();
    assert_eq!(server.verify(&session.token).unwrap().sub, OWNER);
    assert!(Scope::ALL.into_iter().all(|scope| session.claims.scope.allows(scope)));
    assert!(matches!(server.redeem(&code), Err(LoginError::CodeUnknown)));
    let late = server.login_code().unwrap();
    clock.advance_us(600_000_000);
    assert!(matches!(server.redeem(&late), Err(LoginError::CodeExpired)));
}

#[test]
fn with_a_providers_keys_nothing_is_made_here() {
    let dir = tempfile::tempdir().unwrap();
    let authority = provider(dir.path());
    assert!(!authority.can_issue() && !dir.path().join("jwt-secret").exists());
    assert!(matches!(authority.issue("a", &Scopes::all(), 60), Err(IssueError::ForeignKeys)));
    assert!(matches!(authority.login("ada", "correct horse"), Err(LoginError::Off)));
    assert!(matches!(authority.login_code(), Err(LoginError::Off)));
    assert!(matches!(authority.redeem("code"), Err(LoginError::Off)));
    let theirs = token(&json!({"alg": "EdDSA", "kid": "ed-1"}), &claims(), &Pen::EdDsa);
    assert_eq!(authority.verify(&theirs).unwrap().sub, "ada");
    let own = local(tempfile::tempdir().unwrap().path(), &clock()).issue("a", &Scopes::all(), 60).unwrap();
    assert!(matches!(authority.verify(&own.token), Err(TokenError::Algorithm { .. })));
}

#[test]
fn a_key_file_that_fails_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("provider.pem");
    let config = AuthConfig { verify_keys: Some(path.clone()), ..AuthConfig::default() };
    let reason = || match Authority::open(&config, dir.path(), clock()) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert!(reason().contains("cannot open") && reason().contains("provider.pem"));
    fs::write(&path, super::RSA_PRIVATE).unwrap();
    assert!(reason().contains("provider.pem: PEM block 1"), "{}", reason());
    fs::write(&path, vec![b' '; 300_000]).unwrap();
    assert!(reason().contains("longer than"), "{}", reason());
}
