//! How a server ends: whoever listens is told, nothing holds it, and it leaves nothing behind.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::support::client::Client;
use crate::support::raw::connect;
use crate::support::server::{END_WITHIN, Lab, Server, now, program, report, wait_until};

const VIEWERS: usize = 40;

/// A connection that asks for spectra, which are large, and then reads nothing.
fn stalled(server: &Server, token: &str) -> TcpStream {
    let mut connection = connect(server);
    let path = "/api/audio/stream/spectral";
    write!(connection, "GET {path} HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer {token}\r\n\r\n").unwrap();
    connection
}

/// The last bytes of a stream once it has ended. Understands nothing on the way, so that 40 keep up on a busy machine.
async fn last_words(client: Client) -> String {
    let mut response = client.get("/api/audio/stream/audio").await;
    let mut tail = Vec::new();
    while let Ok(Some(bytes)) = response.chunk().await {
        tail.extend_from_slice(&bytes);
        tail.drain(..tail.len().saturating_sub(100));
    }
    String::from_utf8_lossy(&tail).into_owned()
}

/// Ends a server with many viewers: live ones, some that read nothing, one that stopped after a little.
async fn end_with_viewers(signal: &'static str) {
    let mut server = Lab::simulated("tone").start();
    let reader = Client::reader(&server);
    let token = server.token("stream:read");
    let idle: Vec<_> = (0..9).map(|_| stalled(&server, &token)).collect();
    let mut stopped = stalled(&server, &token);
    stopped.read_exact(&mut [0; 64]).unwrap();
    let mut live = JoinSet::new();
    for _ in 0..VIEWERS {
        live.spawn(last_words(reader.clone()));
    }
    let stats = reader.wait_for_stats("50 viewers", |stats| stats["active_subscribers"] == 50).await;
    // Long enough that those who read nothing have all that the system holds for them.
    let frames = |stats: &Value| stats["total_frames"].as_u64().unwrap();
    reader.wait_for_stats("60 more frames", |later| frames(later) >= frames(&stats) + 60).await;
    let (status, took) = tokio::task::spawn_blocking(move || server.end_with(signal)).await.unwrap();
    report(&format!("SIG{signal} with 50 streams"), took);
    assert_eq!(status.code(), Some(0));
    assert!(took < END_WITHIN, "{took:?}");
    for words in live.join_all().await {
        assert!(words.contains("event: shutdown\ndata: "), "each live viewer is told last of all: {words:?}");
    }
    drop((idle, stopped));
}

#[tokio::test]
async fn sigterm_tells_every_stream_and_ends_in_time() {
    end_with_viewers("TERM").await;
}

#[tokio::test]
async fn sigint_tells_every_stream_and_ends_in_time() {
    end_with_viewers("INT").await;
}

#[test]
fn an_idle_server_ends_and_leaves_no_note() {
    let mut server = Lab::simulated("tone").start();
    assert!(server.dir().join("server.json").is_file());
    let (status, took) = server.terminate();
    report("SIGTERM without viewers", took);
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < END_WITHIN, "{took:?}");
    assert!(!server.dir().join("server.json").exists());
    for line in ["WARN", "ERROR", "panicked"] {
        assert!(!server.log().contains(line), "{}", server.log());
    }
}

#[test]
fn nothing_is_reported_of_a_stream_that_is_ending() {
    let mut server = Lab::simulated("tone").config("log: {stats_secs: 1}").start();
    let reports = |server: &Server| server.log().matches("report: Stream").count();
    // A request whose body does not come holds the end up for longer than the next report takes to come.
    let held = connect(&server);
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: lab\r\nContent-Type: application/json\r\nContent-Length: 99\r\n";
    write!(&held, "{head}\r\n{{\"username\": \"ada\",").unwrap();
    let before = reports(&server);
    wait_until("two more reports", || reports(&server) >= before + 2);
    let start = now();
    let (status, _) = server.terminate();
    let held = start.elapsed();
    assert_eq!(status.code(), Some(0), "{}", server.log());
    let log = server.log();
    let (_, end) = log.split_once(": Ending").unwrap();
    assert!(held.as_millis() >= 1000 && !end.contains("report: "), "{held:?}: {log}");
}

#[test]
fn it_takes_the_file_descriptors_that_the_system_gives_and_says_when_they_are_few() {
    for (hard, streams, is_few) in [(400, 145, true), (400, 144, false)] {
        let server = Lab::simulated("tone")
            .config(&format!("server: {{limits: {{streams: {streams}}}}}"))
            .file_descriptors(300, hard)
            .start();
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.pid())).unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        let values: Vec<_> = line.split_whitespace().skip(3).take(2).collect();
        assert_eq!(values, ["400", "400"]);
        server.wait_for_log("Source opened");
        assert_eq!(server.log().contains("Too few file descriptors"), is_few, "{}", server.log());
    }
}

#[test]
fn it_says_when_file_descriptors_run_out_and_when_they_are_back() {
    let server = Lab::simulated("tone").file_descriptors(100, 100).start();
    let idle: Vec<_> = (0..100).map(|_| connect(&server)).collect();
    server.wait_for_log("File descriptors run out");
    drop(idle);
    server.wait_for_log("There are file descriptors again");
}

#[test]
fn half_a_request_and_an_idle_connection_do_not_hold_it() {
    let mut server = Lab::simulated("tone").start();
    let (half, mut idle) = (connect(&server), connect(&server));
    (&half).write_all(b"GET /api/health HTTP/1.1\r\nHost: l").unwrap();
    idle.write_all(b"GET /api/health HTTP/1.1\r\nHost: lab\r\n\r\n").unwrap();
    idle.read_exact(&mut [0; 15]).unwrap();
    let (status, took) = server.terminate();
    report("SIGTERM with half a request", took);
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < END_WITHIN, "{took:?}");
}

#[test]
fn further_signals_while_ending_change_nothing() {
    let mut server = Lab::simulated("tone").start();
    server.signal("HUP");
    server.signal("TERM");
    server.signal("INT");
    let (status, took) = server.terminate();
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < END_WITHIN, "{took:?}");
}

#[test]
fn sigterm_during_the_start_ends_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut codes = Vec::new();
    for marker in [".server.lock", "jwt-secret", "login-links", "server.json"] {
        let data = dir.path().join(marker.trim_matches('.'));
        let mut server = program(dir.path());
        server.arg("serve").args(["--source", "sim", "--port", "0", "--data-dir"]).arg(&data);
        let mut server =
            server.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        wait_until(marker, || data.join(marker).exists());
        let pid = server.id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut status = None;
        wait_until("the end", || {
            status = server.try_wait().unwrap();
            status.is_some()
        });
        // Before it listens for signals, the system ends it; then there is no exit code.
        codes.push(status.unwrap().code());
        assert!(matches!(codes.last(), Some(Some(0) | None)), "{marker}: {codes:?}");
    }
    assert_eq!(codes.last(), Some(&Some(0)), "{codes:?}");
}

#[test]
fn a_killed_server_leaves_its_directory_usable() {
    let mut server = Lab::simulated("tone").start();
    let token = server.token("stream:read");
    server.kill();
    assert!(server.command(&["login-url"]).starts_with("http://127.0.0.1:8080/"), "its note is seen through");
    let mut again = program(server.dir());
    again.args(["serve", "--source", "sim", "--port", "0"]).stdout(std::process::Stdio::piped());
    let mut again = again.stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut first = [0; 13];
    again.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    again.kill().unwrap();
    again.wait().unwrap();
    assert_eq!(&first, b"listening on ");
    assert!(server.command(&["token", "verify", &token]).contains("accepted"), "the secret is the same");
}
