//! The log of a running server: what stands in it, in which form, and what never does.

use std::fs;
use std::io::{PipeReader, PipeWriter, Write, pipe};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::command;
use crate::support::process::Process;
use crate::support::server::{END_WITHIN, Lab, Server, wait_until};

/// The fields of the newest line of counters.
fn stats_line(server: &Server) -> Option<String> {
    let log = server.log();
    log.lines().rfind(|line| line.contains("photophone::report: Stream ")).map(str::to_owned)
}

#[tokio::test]
async fn counters_are_logged_at_intervals() {
    let server = Lab::simulated("tone").config("log: {stats_secs: 1}").start();
    let _events = Client::reader(&server).frames().await;
    wait_until("a line with the viewer", || stats_line(&server).is_some_and(|line| line.contains("subscribers=1")));
    let line = stats_line(&server).unwrap();
    for field in ["INFO", "fps=", "frames=", "samples_lost=0", "dropped_frames=", "state=running"] {
        assert!(line.contains(field), "{field} in {line}");
    }
    server.reconfigure("log: {stats_secs: 0}");
    server.wait_for_log("changed=log.stats_secs");
}

#[test]
fn too_few_frames_are_warned_of_once_and_their_return_told_once() {
    // At a quarter of the pace, a quarter of the frames come by the clock: 7.5 of 30 per second.
    let config =
        |min_fps: u32| format!("stream: {{min_fps: {min_fps}}}\nsource: {{pace: 0.25}}\nlog: {{stats_secs: 1}}");
    let server = Lab::simulated("tone").config(&config(10)).start();
    server.wait_for_log("Frames come too slowly");
    let lines_at_warning = server.log().matches("report: Stream").count();
    wait_until("two more lines", || server.log().matches("report: Stream").count() >= lines_at_warning + 2);
    server.reconfigure(&config(2));
    server.wait_for_log("Frames come fast enough again");
    let log = server.log();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(warnings[0].contains("fps=") && warnings[0].contains("min_fps=10"), "{log}");
}

#[tokio::test]
async fn json_lines_are_objects_each() {
    let config = "log: {format: json, level: trace, stats_secs: 1}";
    let mut server = Lab::with_source("wav:\u{1}weird \"name\".wav").config(config).start();
    Client::anonymous(&server).get("/api/nothing?x=%0a").await;
    server.wait_for_log("weird");
    server.signal("HUP");
    server.wait_for_log("Configuration reloaded");
    server.terminate();
    let log = server.log();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect();
    assert!(lines.len() >= 4, "{log}");
    for line in &lines {
        for field in ["ts", "level", "target", "message"] {
            assert!(line[field].is_string(), "{field} in {line}");
        }
    }
}

/// A pipe that nobody reads and that takes nothing more.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    rustix::pipe::fcntl_setpipe_size(&writer, 4096).unwrap();
    writer.write_all(&[b'x'; 4096]).unwrap();
    (reader, writer)
}

#[tokio::test]
async fn a_log_that_nobody_reads_holds_nothing_up() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, writer) = full_pipe();
    serves_and_ends(Process::serve(dir.path(), Stdio::null(), writer), dir.path()).await;
    drop(reader);
}

#[tokio::test]
async fn a_stdout_that_nobody_reads_holds_nothing_up() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, writer) = full_pipe();
    serves_and_ends(Process::serve(dir.path(), writer, Stdio::null()), dir.path()).await;
    drop(reader);
}

async fn serves_and_ends(mut server: Process, dir: &Path) {
    let url = server.url(dir);
    server.signal("HUP");
    assert_eq!(reqwest::get(format!("{url}/api/health")).await.unwrap().status(), 200);
    let (status, took) = server.end_with("TERM");
    assert_eq!(status.code(), Some(0));
    assert!(took < END_WITHIN, "{took:?}");
}

#[test]
fn rust_log_wins_over_the_configuration() {
    let mut server =
        Lab::simulated("tone").env("RUST_LOG", "photophone::acquisition=info").config("log: {level: error}").start();
    server.wait_for_log("Source opened");
    server.terminate();
    assert!(server.log().lines().all(|line| line.contains("photophone::acquisition")), "{}", server.log());
}

/// A whole visit at the highest level, refused requests included: nothing that opens a door is written down.
#[tokio::test]
async fn no_token_code_password_or_secret_is_ever_logged() {
    for lab in [
        Lab::simulated("tone").config("log: {level: trace}"),
        Lab::simulated("tone").env("RUST_LOG", "trace"),
        Lab::simulated("tone").config("log: {level: trace, format: json}"),
    ] {
        let mut server = lab.start();
        let told = visit(&server).await;
        server.terminate();
        let log = server.log();
        assert!(log.contains("Logged in"), "{log}");
        for secret in told {
            assert!(secret.len() >= 8 && !log.contains(&secret), "{secret} in the log: {log}");
        }
    }
}

#[tokio::test]
async fn refused_requests_write_nothing_at_the_default_level() {
    let mut server = Lab::simulated("tone").start();
    let before = server.log().lines().count();
    let anonymous = Client::anonymous(&server);
    for path in ["/api/source", "/api/health?x", "/nothing", "/api/auth/login", "/api/doc/", "/login?code=x"] {
        for method in [reqwest::Method::GET, reqwest::Method::HEAD, reqwest::Method::POST, reqwest::Method::DELETE] {
            anonymous.request(method, path).body("x").send().await.unwrap();
        }
    }
    server.terminate();
    let log = server.log();
    let more: Vec<_> = log
        .lines()
        .skip(before)
        .filter(|line| !line.contains("photophone::acquisition") && !line.contains(": Ending"))
        .collect();
    assert!(more.is_empty(), "whoever reaches the port could fill the disk: {more:#?}");
}

/// Uses every door once, rightly and wrongly; gives every secret that was told on the way.
async fn visit(server: &Server) -> Vec<String> {
    let (password, wrong) = ("correct horse battery", "incorrect donkey accumulator");
    let dir = server.dir().to_str().unwrap();
    command::run(server.dir(), &["--data-dir", dir, "user", "add", "ada"], &format!("{password}\n")).ok();
    let anonymous = Client::anonymous(server);
    for body in [
        json!({"username": "ada", "password": wrong}),
        json!({"username": wrong, "password": wrong}),
        json!({"username": "ada", "password": [wrong]}),
        json!({"username": "ada", "password": password}),
    ] {
        anonymous.post("/api/auth/login", &body).await;
    }
    let link = server.login_url.clone().unwrap();
    let code = link.split_once("code=").unwrap().1.to_owned();
    for method in ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "TRACE"] {
        anonymous.request(method.parse().unwrap(), &format!("/login?code={code}")).send().await.unwrap();
        anonymous.request(method.parse().unwrap(), &format!("/nothing?code={code}")).send().await.unwrap();
    }
    let redeemed = anonymous.post("/api/auth/code", &json!({"code": code})).await;
    let cookie = redeemed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    anonymous.post("/api/auth/code", &json!({"code": code})).await;
    let token = server.token("stream:read");
    let changed = format!("{}AAAA", &token[..token.len() - 4]);
    for token in [&token, &changed] {
        let client = Client::bearing(server, token);
        client.get("/api/audio/stream/stats").await;
        client.get(&format!("/api/audio/stream/stats?token={token}")).await;
        client.post("/api/auth/session", &json!({})).await;
        client.post("/api/auth/logout", &json!({})).await;
    }
    let with_cookie = anonymous.request(reqwest::Method::GET, "/api/auth/session").header("Cookie", &cookie);
    with_cookie.header("Accept", "text/html").send().await.unwrap();
    Client::reader(server).frames().await.frame().await;
    let secret = fs::read(server.dir().join("jwt-secret")).unwrap();
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let cookie = cookie.split_once('=').unwrap().1.to_owned();
    vec![password.into(), wrong.into(), code, signature(&token), signature(&changed), signature(&cookie), hex]
}
