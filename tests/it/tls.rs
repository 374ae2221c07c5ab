//! HTTPS with the user's own certificate, seen by curl.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::command;
use crate::support::server::{END_WITHIN, Lab, Server, report, wait_until};

/// A certificate for 127.0.0.1 in `dir`, as a lab would make one.
fn certify(dir: &Path) {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    openssl.args([
        "-subj",
        "/CN=lab",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
    ]);
    let made = openssl.current_dir(dir).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// curl that trusts that certificate and no other; gives head and body, or what it complains of.
fn curl(dir: &Path, args: &[&str]) -> Result<String, String> {
    let output = Command::new("curl")
        .args(["-sSi", "--max-time", "20", "--cacert"])
        .arg(dir.join("cert.pem"))
        .args(args)
        .output();
    let output = output.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

fn start(dir: &Path) -> Server {
    let config = format!("server: {{tls: {{cert: '{0}/cert.pem', key: '{0}/key.pem'}}}}", dir.display());
    Lab::simulated("tone").config(&config).start()
}

#[test]
fn the_server_speaks_tls_with_the_users_certificate() {
    let dir = tempfile::tempdir().unwrap();
    certify(dir.path());
    let server = start(dir.path());
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let link = server.login_url.clone().unwrap();
    assert!(link.starts_with(&server.url), "{link}");
    let health = curl(dir.path(), &[&format!("{}/api/health", server.url)]).unwrap();
    assert!(health.starts_with("HTTP/2 200"), "HTTP/2 is agreed on: {health}");
    let code = link.split_once("code=").unwrap().1;
    let body = format!("{{\"code\":\"{code}\"}}");
    let origin = format!("Origin: {}", server.url);
    let target = format!("{}/api/auth/code", server.url);
    let login =
        curl(dir.path(), &["-H", "Content-Type: application/json", "-H", &origin, "-d", &body, &target]).unwrap();
    let cookie =
        login.lines().find(|line| line.to_lowercase().starts_with("set-cookie: ")).unwrap_or_else(|| panic!("{login}"));
    for attribute in ["; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    // A client that does not know the certificate, and one that speaks plain HTTP, get nothing.
    fs::rename(dir.path().join("cert.pem"), dir.path().join("known.pem")).unwrap();
    certify(dir.path());
    assert!(curl(dir.path(), &[&format!("{}/api/health", server.url)]).unwrap_err().contains("certificate"));
    curl(dir.path(), &[&format!("{}/api/health", server.url.replace("https", "http"))]).unwrap_err();
    assert!(server.command(&["login-url"]).starts_with(&server.url));
}

#[test]
fn a_tls_server_ends_in_time() {
    let dir = tempfile::tempdir().unwrap();
    certify(dir.path());
    let mut server = start(dir.path());
    let bearer = format!("Authorization: Bearer {}", server.token("stream:read"));
    let mut viewer = Command::new("curl");
    viewer.args(["-sSN", "--cacert"]).arg(dir.path().join("cert.pem")).args(["-H", &bearer]);
    viewer
        .arg(format!("{}/api/audio/stream/audio", server.url))
        .stdout(fs::File::create(dir.path().join("events")).unwrap());
    let mut viewer = viewer.spawn().unwrap();
    let events = || fs::read_to_string(dir.path().join("events")).unwrap();
    wait_until("frames", || events().contains("channel_a"));
    let (status, took) = server.terminate();
    report("SIGTERM with a viewer over TLS", took);
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < END_WITHIN, "{took:?}");
    viewer.wait().unwrap();
    assert!(events().contains("event: shutdown"), "it is told");
}

#[test]
fn certificates_that_cannot_be_used_end_the_start_with_their_name() {
    let dir = tempfile::tempdir().unwrap();
    certify(dir.path());
    fs::write(dir.path().join("text.pem"), "this is no certificate").unwrap();
    fs::rename(dir.path().join("key.pem"), dir.path().join("other.pem")).unwrap();
    certify(dir.path());
    for (cert, key, named) in [
        ("missing.pem", "key.pem", "missing.pem"),
        ("cert.pem", "missing.pem", "missing.pem"),
        ("text.pem", "key.pem", "text.pem"),
        ("cert.pem", "text.pem", "text.pem"),
        ("key.pem", "cert.pem", "key.pem"),
        ("cert.pem", "other.pem", "other.pem"),
    ] {
        fs::write(dir.path().join("config.yaml"), format!("server: {{tls: {{cert: {cert}, key: {key}}}}}")).unwrap();
        let ended = command::run(dir.path(), &["serve", "--source", "sim", "--port", "0", "--data-dir", "data"], "");
        assert_eq!(ended.code, Some(1), "{cert} {key}: {ended:?}");
        assert!(ended.err.contains(named) && ended.err.contains("server.tls"), "{cert} {key}: {ended:?}");
        assert!(!ended.err.contains("panicked") && !ended.out.contains("listening"), "{cert} {key}: {ended:?}");
    }
    // What is wrong with the address is still said of the address.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    fs::write(dir.path().join("config.yaml"), "server: {tls: {cert: cert.pem, key: key.pem}}").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = command::run(dir.path(), &["serve", "--source", "sim", "--port", &port], "");
    assert!(ended.err.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{ended:?}");
    let half = "server: {tls: {cert: cert.pem}}";
    fs::write(dir.path().join("config.yaml"), half).unwrap();
    let ended = command::run(dir.path(), &["serve", "--source", "sim", "--port", "0"], "");
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert!(ended.err.contains("server.tls.key"), "{ended:?}");
}
