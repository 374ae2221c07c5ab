//! Tests of `token`, `user` and `login-url`: what is printed where, on a manual clock.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::token::{CreateArgs, TokenCommand, VerifyArgs};
use super::user::{AddArgs, ListArgs, RemoveArgs, UserCommand};
use super::{CliError, Streams, login_url, token, user};
use crate::auth::{Authority, OWNER, Scope};
use crate::clock::{ManualClock, SharedClock};
use crate::config::{AuthConfig, ServerConfig};
use crate::running::{RunningServer, ServedDir};

/// 2026-01-01T00:00:00Z.
const NOW_US: u64 = 1_767_225_600_000_000;

/// A data directory, and a clock that a test can move.
struct Desk {
    dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
    auth: AuthConfig,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
struct Answer {
    out: String,
    err: String,
    end: Result<(), CliError>,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir, clock: ManualClock::starting_at(NOW_US), auth: AuthConfig::default() }
    }

    fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn run(
        &self,
        input: impl AsRef<[u8]>,
        command: impl FnOnce(&AuthConfig, &Path, &SharedClock, &mut Streams<'_>) -> Result<(), CliError>,
    ) -> Answer {
        let (mut input, mut out, mut err) = (Cursor::new(input), Vec::new(), Vec::new());
        let mut streams = Streams { input: &mut input, input_is_terminal: false, out: &mut out, err: &mut err };
        let clock: SharedClock = self.clock.clone();
        let end = command(&self.auth, &self.data_dir(), &clock, &mut streams);
        Answer { out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap(), end }
    }

    fn token(&self, input: &str, command: &TokenCommand) -> Answer {
        self.run(input, |auth, dir, clock, streams| token::run(command, auth, dir, clock, streams))
    }

    fn create(&self, scope: &str, ttl: u64) -> Answer {
        let args = CreateArgs { subject: "ada".into(), scope: vec![scope.into()], ttl };
        self.token("", &TokenCommand::Create(args))
    }

    fn verify(&self, token: &str) -> Answer {
        self.token(token, &TokenCommand::Verify(VerifyArgs { token: "-".into() }))
    }

    fn user(&self, input: impl AsRef<[u8]>, command: &UserCommand) -> Answer {
        self.run(input, |auth, dir, _, streams| user::run(command, auth, dir, streams))
    }

    fn login_url(&self, server: &ServerConfig) -> Answer {
        self.run("", |auth, dir, clock, streams| login_url::run(auth, server, dir, clock, streams))
    }

    fn server(&self) -> Authority {
        Authority::open(&self.auth, &self.data_dir(), self.clock.clone()).unwrap()
    }
}

#[test]
fn token_create_prints_the_token_and_nothing_else() {
    let desk = Desk::new();
    let answer = desk.create("stream:read events:read", 60);
    assert!(answer.end.is_ok() && answer.err.is_empty(), "{answer:?}");
    let claims = desk.server().verify(answer.out.strip_suffix('\n').unwrap()).unwrap();
    assert_eq!((claims.sub.as_str(), claims.exp), ("ada", NOW_US / 1_000_000 + 60));
    assert!(claims.scope.allows(Scope::EventsRead) && !claims.scope.allows(Scope::Admin));
}

#[test]
fn an_unknown_scope_is_warned_of_and_kept() {
    let desk = Desk::new();
    let answer = desk.create("stream:raed openid admin", 60);
    assert!(
        answer.err.contains("unknown scope \"stream:raed\" permits nothing, did you mean stream:read?"),
        "{answer:?}"
    );
    assert!(answer.err.contains("\"openid\" permits nothing\n"));
    assert_eq!(desk.server().verify(answer.out.trim()).unwrap().scope.to_string(), "admin openid stream:raed");
    assert!(desk.create("openid", 60).err.contains("nothing is permitted"));
}

#[test]
fn token_verify_explains() {
    let desk = Desk::new();
    let token = desk.create("stream:read", 8 * 3600).out;
    let answer = desk.verify(&format!("  Bearer {token}\n"));
    assert!(answer.end.is_ok(), "{answer:?}");
    for line in [
        "algorithm  HS256\n",
        "subject    ada\n",
        "scopes     stream:read\n",
        "issuer     photophone\n",
        "issued     2026-01-01T00:00:00Z (just now)\n",
        "expires    2026-01-01T08:00:00Z (in 8 h 0 min)\n",
        "verdict    accepted\n",
    ] {
        assert!(answer.out.contains(line), "{line} in {}", answer.out);
    }
    desk.clock.advance_us(3_000_000);
    assert!(desk.verify(&token).out.contains("(3 s ago)"));
    desk.clock.advance_us((9 * 3600 - 3) * 1_000_000);
    let late = desk.verify(&token);
    assert!(late.out.contains("(1 h 0 min ago)") && late.out.contains("verdict    refused"), "{late:?}");
    let end = late.end.unwrap_err();
    assert_eq!(end.to_string(), "token_expired: the token expired 3600 s ago");
}

#[test]
fn token_verify_says_why_a_strange_token_is_refused() {
    let desk = Desk::new();
    desk.create("admin", 60).end.unwrap();
    let elsewhere = Desk::new().create("admin", 60).out;
    for (token, code) in [
        (elsewhere.as_str(), "token_signature"),
        ("", "token_missing"),
        ("a.b", "token_malformed"),
        (&"x".repeat(20_000), "token_too_long"),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJcdTAwMWJbMm0ifQ.", "token_algorithm"),
    ] {
        let answer = desk.verify(token);
        assert!(answer.end.unwrap_err().to_string().starts_with(code), "{code}");
        assert!(!answer.out.contains('\u{1b}'), "no control characters of a stranger");
    }
}

#[test]
fn token_verify_makes_nothing_where_there_is_no_secret() {
    let desk = Desk::new();
    let answer = desk.verify(&Desk::new().create("admin", 60).out);
    assert!(answer.out.contains("subject    ada\n") && answer.out.contains("verdict    unknown"), "{answer:?}");
    let end = answer.end.unwrap_err().to_string();
    let secret = desk.data_dir().join("jwt-secret");
    assert!(end.starts_with(&format!("there is no secret at {}", secret.display())), "{end}");
    assert!(!desk.data_dir().exists(), "verifying makes nothing");
}

#[test]
fn users_are_added_listed_and_removed() {
    let desk = Desk::new();
    let add = |name: &str, scope: &str, replace| {
        UserCommand::Add(AddArgs { name: name.into(), scope: vec![scope.into()], replace })
    };
    let answer = desk.user("correct horse\r\nrest", &add("ada", "stream:read", false));
    assert!(answer.end.is_ok() && answer.out.is_empty() && answer.err == "added ada\n", "{answer:?}");
    assert!(desk.server().login("ada", "correct horse").is_ok());
    let again = desk.user("another one\n", &add("ada", "stream:read", false)).end.unwrap_err();
    assert!(again.to_string().contains("exists"), "{again:?}");
    assert!(desk.user("another one\n", &add("ada", "admin", true)).end.is_ok());
    assert!(desk.server().login("ada", "another one").is_ok());
    assert!(desk.user("", &add("bob", "stream:read", false)).end.unwrap_err().to_string().contains("8 characters"));
    let latin1 = desk.user(b"caf\xe9 au lait", &add("bob", "stream:read", false)).end.unwrap_err();
    assert!(latin1.to_string().contains("password on stdin is not text"), "{latin1:?}");
    assert!(desk.user("battery staple", &add("bob", "stream:read", false)).end.is_ok());

    let list = |json| desk.user("", &UserCommand::List(ListArgs { json })).out;
    assert_eq!(list(false), "ada  admin\nbob  stream:read\n");
    let json: serde_json::Value = serde_json::from_str(&list(true)).unwrap();
    assert_eq!(json, serde_json::json!([{"name": "ada", "scope": "admin"}, {"name": "bob", "scope": "stream:read"}]));

    let remove = UserCommand::Remove(RemoveArgs { name: "ada".into() });
    let answer = desk.user("", &remove);
    assert_eq!(
        answer.err,
        "removed ada; sessions begun by login end within 8 h 0 min, tokens made by `token create` when they expire\n"
    );
    assert!(desk.server().login("ada", "another one").is_err());
    assert!(desk.user("", &remove).end.unwrap_err().to_string().contains("no user \"ada\""));
}

#[test]
fn a_login_url_leads_to_the_running_server() {
    let desk = Desk::new();
    let serving = ServedDir::hold(desk.data_dir()).unwrap();
    RunningServer::announce(serving.path(), "https://lab:4711").unwrap();
    let answer = desk.login_url(&ServerConfig::default());
    let code = answer.out.strip_prefix("https://lab:4711/login?code=").unwrap().trim_end();
    assert_eq!(desk.server().redeem(code).unwrap().claims.sub, OWNER);
    drop(serving);
    assert_eq!(RunningServer::find(&desk.data_dir()), None);
    assert!(desk.login_url(&ServerConfig::default()).out.starts_with("http://127.0.0.1:8080/login?code="));
}

#[test]
fn a_note_of_a_dead_server_is_seen_through() {
    let desk = Desk::new();
    fs::create_dir(desk.data_dir()).unwrap();
    // Beyond the largest pid that Linux can be set to (2^22).
    let note = r#"{"url": "http://127.0.0.1:9", "pid": 4194305}"#;
    for note in [note, "{", ""] {
        fs::write(desk.data_dir().join("server.json"), note).unwrap();
        assert!(desk.login_url(&ServerConfig::default()).out.starts_with("http://127.0.0.1:8080/"), "{note}");
    }
}

#[test]
fn a_login_url_of_the_next_server_comes_from_its_configuration() {
    let desk = Desk::new();
    let url = |address: &str, port, cert: Option<&str>| {
        let mut server = ServerConfig { address: address.parse().unwrap(), port, ..ServerConfig::default() };
        server.tls.cert = cert.map(PathBuf::from);
        desk.login_url(&server)
    };
    assert!(url("0.0.0.0", 80, None).out.starts_with("http://127.0.0.1:80/login?code="));
    assert!(url("::", 443, Some("cert.pem")).out.starts_with("https://[::1]:443/login?code="));
    let unknown = url("127.0.0.1", 0, None);
    assert!(unknown.out.is_empty() && unknown.end.unwrap_err().to_string().contains("start it first"));
}

#[test]
fn with_a_providers_keys_commands_say_what_is_off() {
    let mut desk = Desk::new();
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/keys/p256.public.pem");
    desk.auth.verify_keys = Some(keys);
    assert!(desk.create("admin", 60).end.unwrap_err().to_string().contains("identity provider"));
    assert!(desk.login_url(&ServerConfig::default()).end.unwrap_err().to_string().contains("login is off"));
    assert!(desk.user("", &UserCommand::List(ListArgs { json: false })).err.contains("nobody can log in"));
}
