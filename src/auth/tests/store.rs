//! The data directory: the secret, users and one-time codes, with many hands in it at once.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use argon2::Params;
use argon2::password_hash::phc::PasswordHash;
use proptest::prelude::*;

use super::NOW;
use crate::auth::login_link::{LoginLinks, OWNER};
use crate::auth::{Existing, LoginError, Scope, Scopes, StoreError, UserError, Users, secret, users};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What each of `count` threads answers to `work`, all of them let go at once.
fn at_once<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(count);
    thread::scope(|scope| {
        let start = |index| {
            let (barrier, work) = (&barrier, &work);
            scope.spawn(move || {
                barrier.wait();
                work(index)
            })
        };
        let threads: Vec<_> = (0..count).map(start).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn all_who_start_at_once_get_the_same_secret() {
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = dir.path().join("made/by/it");
        let secrets = at_once(4, |_| secret::load_or_create(&data_dir).unwrap());
        assert!(secrets.iter().all(|secret| *secret == secrets[0] && secret.len() == 32));
        assert_eq!(fs::read(data_dir.join("jwt-secret")).unwrap(), secrets[0]);
        assert_eq!((mode(&data_dir), mode(&data_dir.join("jwt-secret"))), (0o700, 0o600));
    }
}

#[test]
fn a_secret_that_is_open_or_short_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jwt-secret");
    secret::load_or_create(dir.path()).unwrap();
    for open in [0o640, 0o604, 0o660, 0o610] {
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
        let error = secret::load_or_create(dir.path()).unwrap_err();
        assert!(matches!(error, StoreError::TooOpen { mode, .. } if mode == open), "{error}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    for (bytes, reason) in [(0, "0 bytes instead of 32"), (31, "31 bytes"), (5000, "longer than 4096")] {
        fs::write(&path, vec![7; bytes]).unwrap();
        let error = secret::load_or_create(dir.path()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn users_log_in_with_their_own_password_only() {
    let dir = tempfile::tempdir().unwrap();
    let users = Users::in_dir(dir.path());
    assert_eq!(users.verify("ada", "correct horse").unwrap(), None, "no file yet");
    users.add("ada", "correct horse", Scopes::parse("stream:read x:y"), Existing::Refuse).unwrap();
    users.add("bob@lab", "battery staple", Scopes::all(), Existing::Refuse).unwrap();
    assert_eq!(users.verify("ada", "correct horse").unwrap().unwrap().to_string(), "stream:read x:y");
    assert!(users.verify("bob@lab", "battery staple").unwrap().unwrap().allows(Scope::Admin));
    for (name, password) in [("ada", "battery staple"), ("ada", ""), ("Ada", "correct horse"), ("eve", "correct horse")]
    {
        assert_eq!(users.verify(name, password).unwrap(), None, "{name}");
    }
    assert_eq!(users.verify("ada", &"x".repeat(5000)).unwrap(), None);
    assert_eq!(mode(&dir.path().join("users.json")), 0o600);
    assert!(!fs::read_to_string(dir.path().join("users.json")).unwrap().contains("horse"));

    let again = users.add("ada", "another one", Scopes::all(), Existing::Refuse);
    assert!(matches!(again, Err(UserError::Exists { .. })));
    users.add("ada", "another one", Scopes::default(), Existing::Replace).unwrap();
    assert!(
        users.verify("ada", "correct horse").unwrap().is_none()
            && users.verify("ada", "another one").unwrap().is_some()
    );
    let names: Vec<_> = users.list().unwrap().into_iter().map(|user| user.name).collect();
    assert_eq!(names, ["ada", "bob@lab"]);

    users.remove("ada").unwrap();
    assert_eq!(users.verify("ada", "another one").unwrap(), None);
    assert!(matches!(users.remove("ada"), Err(UserError::Unknown { .. })));
}

#[test]
fn names_and_passwords_have_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let users = Users::in_dir(dir.path());
    let long = "a".repeat(65);
    for name in ["", "Ada", "a b", "../x", ".ada", "-a", "a\n", "ä", "a/b", "owner", &long] {
        let answer = users.add(name, "long enough", Scopes::default(), Existing::Refuse);
        assert!(matches!(answer, Err(UserError::Name { .. })), "{name:?}");
    }
    for password in ["", "seven77", "ääääääà", &"x".repeat(1025)] {
        let answer = users.add("ada", password, Scopes::default(), Existing::Refuse);
        assert!(matches!(answer, Err(UserError::Password)), "{password:.10}");
    }
    assert!(!dir.path().join("users.json").exists());
}

#[test]
fn nobody_is_hashed_like_everybody() {
    let nobody = PasswordHash::new(users::NOBODY).unwrap();
    assert_eq!(nobody.algorithm.as_str(), "argon2id");
    let params = Params::try_from(&nobody).unwrap();
    let default = Params::default();
    assert_eq!(
        (params.m_cost(), params.t_cost(), params.p_cost()),
        (default.m_cost(), default.t_cost(), default.p_cost())
    );
}

#[test]
fn a_damaged_users_file_is_said_to_be_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let users = Users::in_dir(dir.path());
    users.add("ada", "correct horse", Scopes::default(), Existing::Refuse).unwrap();
    let path = dir.path().join("users.json");
    let good = fs::read_to_string(&path).unwrap();
    for (bad, reason) in [
        (good.replace("argon2id", "argon2d"), "\"ada\" is not an argon2id hash"),
        (good.replace("\"scope\"", "\"scopes\""), "unknown field `scopes`"),
        (good[..good.len() / 2].to_owned(), "EOF"),
    ] {
        fs::write(&path, bad).unwrap();
        for error in [users.list().unwrap_err(), users.verify("ada", "correct horse").unwrap_err()] {
            assert!(error.to_string().contains(reason) && error.to_string().contains("users.json"), "{error}");
        }
        assert!(users.remove("ada").is_err(), "what cannot be read is not overwritten");
    }
    fs::write(&path, good).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(users.list(), Err(StoreError::TooOpen { .. })));
}

#[test]
fn no_edit_of_users_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    at_once(6, |index| {
        Users::in_dir(dir.path())
            .add(&format!("user{index}"), "long enough", Scopes::default(), Existing::Refuse)
            .unwrap();
    });
    assert_eq!(Users::in_dir(dir.path()).list().unwrap().len(), 6);
}

#[test]
fn a_code_is_redeemed_by_one_of_many() {
    let dir = tempfile::tempdir().unwrap();
    let links = LoginLinks::in_dir(dir.path());
    for _ in 0..20 {
        let code = links.create(600, NOW).unwrap();
        let answers = at_once(16, |_| LoginLinks::in_dir(dir.path()).redeem(&code, NOW));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        let losers = answers.iter().filter(|answer| matches!(answer, Err(LoginError::CodeUnknown)));
        assert_eq!(losers.count(), 15);
    }
}

#[test]
fn a_code_grants_all_until_it_expires() {
    let dir = tempfile::tempdir().unwrap();
    let links = LoginLinks::in_dir(dir.path());
    let (early, late) = (links.create(600, NOW).unwrap(), links.create(600, NOW).unwrap());
    assert!(early != late && early.len() == 43);
    let grant = links.redeem(&early, NOW + 599).unwrap();
    assert_eq!((grant.sub.as_str(), grant.scope), (OWNER, Scopes::all()));
    assert!(matches!(links.redeem(&late, NOW + 600), Err(LoginError::CodeExpired)));
    assert!(matches!(links.redeem(&late, NOW), Err(LoginError::CodeUnknown)), "an expired code is gone");
}

#[test]
fn outstanding_codes_are_few_private_and_nameless() {
    let dir = tempfile::tempdir().unwrap();
    let links = LoginLinks::in_dir(dir.path());
    let first = links.create(600, NOW).unwrap();
    let torn = dir.path().join("login-links/torn.tmp");
    fs::write(&torn, "{").unwrap();
    fs::set_permissions(&torn, fs::Permissions::from_mode(0o600)).unwrap();
    let codes: Vec<_> = (1..=100).map(|second| links.create(600, NOW + second).unwrap()).collect();
    let files: Vec<_> =
        fs::read_dir(dir.path().join("login-links")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 100);
    assert!(files.iter().all(|file| mode(file) == 0o600) && mode(&dir.path().join("login-links")) == 0o700);
    assert!(files.iter().all(|file| !codes.iter().any(|code| file.to_string_lossy().contains(code.as_str()))));
    assert!(matches!(links.redeem(&first, NOW), Err(LoginError::CodeUnknown)), "the oldest made room");
    assert!(links.redeem(&codes[99], NOW + 101).is_ok());
    links.create(600, NOW + 10_000).unwrap();
    assert_eq!(fs::read_dir(dir.path().join("login-links")).unwrap().count(), 1, "expired ones are swept");
}

#[test]
fn a_code_that_cannot_be_read_now_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let links = LoginLinks::in_dir(dir.path());
    let code = links.create(600, NOW).unwrap();
    let file = fs::read_dir(dir.path().join("login-links")).unwrap().next().unwrap().unwrap().path();
    let aside = dir.path().join("aside");
    fs::rename(&file, &aside).unwrap();
    // Opening a link to itself fails, as it does for a process with too many open files.
    std::os::unix::fs::symlink(&file, &file).unwrap();
    links.create(600, NOW).unwrap();
    assert!(file.is_symlink());
    fs::rename(&aside, &file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    links.create(600, NOW).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(links.redeem(&code, NOW).is_ok());
}

proptest! {
    #[test]
    fn no_code_leaves_the_directory(code in ".{0,80}") {
        let dir = tempfile::tempdir().unwrap();
        prop_assert!(matches!(LoginLinks::in_dir(dir.path()).redeem(&code, NOW), Err(LoginError::CodeUnknown)));
    }
}
