//! SIGHUP: what can change while viewers stay, and what is said of the rest.

use std::fs;
use std::process::Command;

use reqwest::Method;

use crate::support::client::{Client, text_until};
use crate::support::command;
use crate::support::server::{Lab, wait_until};

#[tokio::test]
async fn a_new_frame_rate_keeps_epoch_and_counters() {
    let server = Lab::simulated("tone").config("stream: {target_fps: 30}").start();
    let reader = Client::reader(&server);
    let mut events = reader.frames().await;
    let mut before = events.frame().await;
    assert_eq!(before.channel_a.len(), 1600);
    let mut lengths = vec![1600];
    server.reconfigure("stream: {target_fps: 32}\nlog: {level: info}");
    loop {
        let frame = events.frame().await;
        assert_eq!(frame.epoch, before.epoch, "viewers stay in the same epoch");
        assert_eq!(frame.frame_number, before.frame_number + 1);
        assert_eq!(frame.first_sample, before.first_sample + before.channel_a.len() as u64, "no sample is missing");
        lengths.push(frame.channel_a.len());
        if lengths.ends_with(&[1500, 1500]) {
            break;
        }
        before = frame;
    }
    // The frame that was being filled is cut short, and the next one ends on the grid of the new rate.
    let odd = lengths.iter().filter(|length| ![1500, 1600].contains(*length)).count();
    assert!(odd <= 2 && lengths.iter().all(|length| *length <= 1600), "{lengths:?}");
    server.wait_for_log("Configuration reloaded changed=stream.target_fps");
    assert!(!server.log().contains("restart"), "{}", server.log());
}

#[tokio::test]
async fn open_streams_follow_the_heartbeat_settings() {
    // Nothing comes from a file that is not there, so every event is a heartbeat.
    let config = |stream: &str| format!("stream: {{{stream}}}\nlog: {{level: info}}");
    let server = Lab::with_source("wav:missing.wav").config(&config("sse_timeout_secs: 0.2")).start();
    let mut stream = Client::reader(&server).get("/api/audio/stream/audio").await;
    text_until(&mut stream, |text| text.contains("heartbeat")).await;
    server.reconfigure(&config("sse_timeout_secs: 0.1, enable_heartbeats: false"));
    server.wait_for_log("Configuration reloaded changed=\"stream.sse_timeout_secs, stream.enable_heartbeats\"");
    // Comments in place of heartbeats; the wait that went on meanwhile may still end with one.
    text_until(&mut stream, |text| text.contains(":\n\n")).await;
    let text = text_until(&mut stream, |text| text.matches(":\n\n").count() == 5).await;
    assert!(!text.contains("heartbeat"), "{text}");
    server.reconfigure(&config("sse_timeout_secs: 0.1, enable_heartbeats: true"));
    server.wait_for_log("changed=stream.enable_heartbeats");
    text_until(&mut stream, |text| text.matches("heartbeat").count() == 3).await;
}

#[tokio::test]
async fn origins_come_and_go() {
    let server = Lab::simulated("tone").start();
    let reader = Client::reader(&server);
    let allowed = async |origin: &str| {
        let request = reader.request(Method::GET, "/api/source").header("Origin", origin);
        request.send().await.unwrap().headers().contains_key("access-control-allow-origin")
    };
    assert!(!allowed("http://lab.example").await);
    server.reconfigure("server: {cors_origins: ['http://lab.example', 'https://[::1]:8443']}");
    server.wait_for_log("changed=server.cors_origins");
    assert!(allowed("http://lab.example").await && allowed("https://[::1]:8443").await);
    server.reconfigure("");
    server.wait_for_log("Configuration reloaded changed=server.cors_origins\n");
    wait_until("a second reload", || server.log().matches("Configuration reloaded").count() == 2);
    assert!(!allowed("http://lab.example").await);
}

#[test]
fn the_log_level_changes() {
    let server = Lab::simulated("tone").config("log: {level: error}").start();
    server.reconfigure("log: {level: info}");
    server.wait_for_log("Configuration reloaded changed=log.level");
    assert!(!server.log().contains("Source opened"), "{}", server.log());
    server.reconfigure("log: {level: 'off'}");
    server.reconfigure("log: {level: 'info,photophone::http=debug', stats_secs: 3}");
    server.wait_for_log("log.stats_secs");
}

#[test]
fn rust_log_stays_and_the_log_says_so() {
    let server = Lab::simulated("tone").env("RUST_LOG", "warn").config("log: {level: info}").start();
    server.reconfigure("log: {level: info}\nserver: {port: 1}\nstream: {broadcast_buffer_size: 7}");
    server.wait_for_log("need a restart");
    assert!(!server.log().contains("RUST_LOG"), "the level was not asked to change: {}", server.log());
    server.reconfigure("log: {level: debug}");
    server.wait_for_log("RUST_LOG wins");
    assert!(!server.log().contains("INFO") && !server.log().contains("DEBUG"), "{}", server.log());
}

#[tokio::test]
async fn a_wrong_configuration_changes_nothing_and_is_told_whole() {
    let server = Lab::simulated("tone").config("stream: {target_fps: 30}").start();
    let reader = Client::reader(&server);
    let mut events = reader.frames().await;
    let epoch = events.frame().await.epoch;
    server.reconfigure("stream: {target_fps: many, min_fsp: 2}\nlog: {level: loud}");
    server.wait_for_log("Configuration not reloaded");
    for word in ["stream.target_fps", "many", "min_fsp", "min_fps", "log.level", "loud"] {
        assert!(server.log().contains(word), "{word}: {}", server.log());
    }
    server.reconfigure("stream: [");
    wait_until("the second refusal", || server.log().matches("Configuration not reloaded").count() == 2);
    let frame = events.frame().await;
    assert_eq!((frame.epoch, frame.channel_a.len()), (epoch, 1600));
    assert!(reader.stats().await["state"] == "running");
}

#[test]
fn a_pipe_as_configuration_is_refused_and_holds_nothing_up() {
    let mut server = Lab::simulated("tone").start();
    let file = server.dir().join("config.yaml");
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    server.signal("HUP");
    server.wait_for_log("config.yaml: is no regular file");
    let check = command::run(server.dir(), &["config", "check"], "");
    assert_eq!((check.code, check.err.trim_end()), (Some(1), "config.yaml: is no regular file"));
    let zero = command::run(server.dir(), &["config", "check", "/dev/zero"], "");
    assert_eq!((zero.code, zero.err.trim_end()), (Some(1), "/dev/zero: is no regular file"));
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[tokio::test]
async fn what_needs_a_restart_is_told_and_left() {
    let server = Lab::simulated("tone").start();
    let reader = Client::reader(&server);
    server.reconfigure(
        "server: {address: 127.0.0.2, limits: {streams: 1}}\nstream: {target_fps: 40}\nauth: {issuer: lab}",
    );
    server.wait_for_log("Configuration reloaded changed=stream.target_fps");
    server.wait_for_log("need a restart");
    for key in ["server.address", "server.limits.streams", "auth.issuer"] {
        assert!(server.log().contains(key), "{key}: {}", server.log());
    }
    assert_eq!(reader.stats().await["state"], "running", "it listens where it did, and takes the tokens it took");
}

#[tokio::test]
async fn users_and_links_need_no_signal() {
    let server = Lab::simulated("tone").start();
    let dir = server.dir().to_str().unwrap();
    let add = ["--data-dir", dir, "user", "add", "ada"];
    command::run(server.dir(), &add, "correct horse battery\n").ok();
    let body = serde_json::json!({"username": "ada", "password": "correct horse battery"});
    let anonymous = Client::anonymous(&server);
    assert_eq!(anonymous.post("/api/auth/login", &body).await.status(), 200);
    server.command(&["user", "remove", "ada"]);
    assert_eq!(anonymous.post("/api/auth/login", &body).await.status(), 401);
}
