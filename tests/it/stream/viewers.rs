//! Who watches what, and that a viewer that takes nothing is closed and counted.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::{Lab, now};
use crate::support::slow_viewer::SlowViewer;

const VIEWERS: &str = "/api/audio/stream/viewers";
const FRAMES: &str = "/api/audio/stream/audio";

#[tokio::test]
async fn viewers_are_listed_for_the_admin_while_they_are_there_and_after() {
    let server = Lab::simulated("tone").start();
    let (reader, admin) = (Client::reader(&server), Client::with_scope(&server, "admin"));
    assert_eq!(reader.json(VIEWERS).await.0, StatusCode::FORBIDDEN);
    assert_eq!(admin.json(VIEWERS).await, (StatusCode::OK, json!([])));
    let mut frames = reader.frames().await;
    frames.account(|account| account.frames.len() == 5).await;
    let mut spectra = reader.spectra().await;
    spectra.spectrum().await;
    let (_, list) = admin.json(VIEWERS).await;
    let [first, second] = list.as_array().unwrap().as_slice() else { panic!("two viewers: {list}") };
    assert_eq!((&first["kind"], &second["kind"]), (&"frames".into(), &"spectrum".into()));
    assert_eq!((&first["address"], &first["form"], &first["gone"]), (&"127.0.0.1".into(), &"sse".into(), &Value::Null));
    assert!(first["events"].as_u64() >= Some(5) && first["bytes"].as_u64() > Some(50_000), "{first}");
    assert!(first["idle_secs"].as_f64() < Some(5.0), "{first}");
    drop(frames);
    reader.wait_for_stats("one viewer", |stats| stats["active_subscribers"] == 1).await;
    let (_, list) = admin.json(VIEWERS).await;
    let [second, first] = list.as_array().unwrap().as_slice() else { panic!("one is gone: {list}") };
    assert_eq!((&second["kind"], &second["gone"]), (&"spectrum".into(), &Value::Null));
    assert_eq!((&first["viewer"], &first["gone"]["reason"]), (&0.into(), &"closed".into()));
}

#[tokio::test]
async fn a_viewer_that_takes_nothing_is_closed_and_its_neighbour_notices_nothing() {
    let config = "source: {rate_hz: 192000}\nserver: {stall_secs: 1}\nstream: {target_fps: 100}";
    let server = Lab::simulated("tone").config(config).start();
    let (reader, admin) = (Client::reader(&server), Client::with_scope(&server, "admin"));
    let mut neighbour = reader.frames().await;
    let stalled = SlowViewer::connect(&server, &server.token("stream:read"), FRAMES).await;
    let connected = now();
    let watching = async { reader.wait_for_stats("one that stalled", |stats| stats["stalled_viewers"] == 1).await };
    let (stats, account) = tokio::join!(watching, neighbour.account(|account| account.frames.len() == 300));
    assert_eq!((&stats["active_subscribers"], account.gaps.len()), (&1.into(), 0));
    assert!(connected.elapsed().as_secs_f64() > 1.0);
    let (_, list) = admin.json(VIEWERS).await;
    assert_eq!(list[1]["gone"]["reason"], "stalled", "{list}");
    server.wait_for_log("Viewer took nothing and was closed");
    drop(stalled);
}

#[tokio::test]
async fn the_servers_time_is_that_of_its_frames() {
    let server = Lab::simulated("tone").start();
    let client = Client::reader(&server);
    let frame = client.frames().await.frame().await;
    let (status, first) = client.json("/api/time").await;
    let (_, second) = client.json("/api/time").await;
    let us = |time: &Value, name: &str| time[name].as_u64().unwrap();
    assert_eq!(status, StatusCode::OK);
    assert!((us(&first, "utc_us") - frame.captured_us) < 60_000_000, "{first}");
    assert!(us(&second, "utc_us") >= us(&first, "utc_us"));
    assert!(us(&second, "monotonic_us") > us(&first, "monotonic_us"));
    assert_eq!(Client::anonymous(&server).json("/api/time").await.0, StatusCode::UNAUTHORIZED);
}
