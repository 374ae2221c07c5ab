//! `/api/realtime`: what clients and the server itself publish, and who gets it.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::refused;
use crate::support::client::{Client, Events};
use crate::support::server::{Lab, PATIENCE, Server};

/// Heartbeats that show soon that a reader has gone.
const QUICK: &str = "stream: {sse_timeout_secs: 0.2}";

struct Clients {
    reader: Client,
    writer: Client,
}

fn lab(yaml: &str) -> (Server, Clients) {
    let server = Lab::simulated("tone").config(yaml).start();
    let clients = Clients {
        reader: Client::with_scope(&server, "events:read"),
        writer: Client::with_scope(&server, "events:write"),
    };
    (server, clients)
}

async fn next_json(events: &mut Events) -> Value {
    serde_json::from_str(&events.next_event().await.data).unwrap()
}

async fn capture(client: &Client, event: Value) -> String {
    let response = client.post("/api/realtime/capture", &event).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["rejected"], json!([]));
    answer["accepted"][0].as_str().unwrap().to_owned()
}

const NEWEST: &str = "/api/realtime/events?limit=1000";

/// Those of this name, the newest first.
fn named(list: &Value, name: &str) -> Vec<Value> {
    list["events"].as_array().unwrap().iter().filter(|event| event["event"] == name).cloned().collect()
}

async fn recent(client: &Client, name: &str) -> Vec<Value> {
    named(&client.json(NEWEST).await.1, name)
}

/// The newest of this name, once there are so many.
async fn recent_when(client: &Client, name: &str, count: usize) -> Vec<Value> {
    named(&client.wait_for(NEWEST, name, |list| named(list, name).len() >= count).await, name)
}

#[tokio::test]
async fn what_is_captured_comes_to_who_asks_for_it() {
    let (_server, Clients { reader, writer }) = lab("events: {environment: lab-3}");
    let filter = r#"{"property":"n","operator":"gte","value":2}"#;
    let path = format!("/api/realtime/sse?events=note,page.*&filter={}", urlencoded(filter));
    let mut events = reader.events(&path).await;
    for (event, n) in [("note", 1), ("note", 2), ("other", 3), ("page.open", 4)] {
        capture(&writer, json!({ "event": event, "properties": { "n": n }, "session_id": "s" })).await;
    }
    let first = next_json(&mut events).await;
    let keys: BTreeSet<_> = first.as_object().unwrap().keys().map(String::as_str).collect();
    let expected =
        ["distinct_id", "environment", "event", "id", "properties", "session_id", "subscription_ids", "timestamp"];
    assert_eq!(keys, expected.into_iter().collect());
    assert_eq!((&first["event"], &first["properties"]), (&json!("note"), &json!({ "n": 2 })));
    assert_eq!((&first["distinct_id"], &first["environment"]), (&json!("tester"), &json!("lab-3")));
    assert_eq!(first["subscription_ids"], json!(["default"]));
    assert_eq!(next_json(&mut events).await["event"], "page.open");
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn a_subscription_that_cannot_be_had_is_refused_with_the_reason() {
    let (_server, Clients { reader, .. }) = lab("");
    for (query, code) in [
        ("events=a.*.b", "subscription_invalid"),
        ("events=", "query_invalid"),
        ("environment=", "subscription_invalid"),
        (r#"filter={"property":"a","operator":"like","value":1}"#, "query_invalid"),
        (r#"filter={"property":"a","operator":"regex","value":"("}"#, "query_invalid"),
        ("filter=nonsense", "query_invalid"),
    ] {
        let (key, value) = query.split_once('=').unwrap();
        let path = format!("/api/realtime/sse?{key}={}", urlencoded(value));
        let (found, _) = refused(reader.request(Method::GET, &path), 400).await;
        assert_eq!(found, code, "{query}");
    }
    let request = reader.request(Method::GET, "/api/realtime/sse").header("Last-Event-ID", "7");
    assert_eq!(refused(request, 400).await.0, "last_event_id_invalid");
    let (_, metrics) = reader.json("/api/realtime/metrics").await;
    assert_eq!(metrics["total_connections"], 0, "who is refused was never connected");
    assert_eq!(recent(&reader, "user.joined").await, [json!(null); 0]);
}

#[tokio::test]
async fn a_batch_takes_what_is_right_and_says_what_is_not() {
    let (_server, Clients { reader, writer }) = lab("");
    let batch = json!({ "batch": [
        { "event": "note", "id": "1" },
        { "event": "daemon.state", "id": "2" },
        { "event": "note", "id": "3", "distinct_id": "somebody" },
        { "event": "note", "id": "4", "colour": "red" },
        { "event": "note", "id": "5", "timestamp": "2001-01-01T00:00:00Z" },
        "nonsense",
        { "event": "note", "id": "1" },
    ]});
    let response = writer.post("/api/realtime/batch", &batch).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["accepted"], json!(["1", "1"]));
    let rejected: Vec<_> =
        answer["rejected"].as_array().unwrap().iter().map(|item| (&item["index"], &item["code"])).collect();
    let codes =
        ["event_name_reserved", "distinct_id_foreign", "event_invalid", "timestamp_out_of_range", "event_invalid"];
    let expected: Vec<_> = (1..).zip(codes).map(|(index, code)| (json!(index), json!(code))).collect();
    assert_eq!(rejected, expected.iter().map(|(index, code)| (index, code)).collect::<Vec<_>>());
    assert_eq!(recent(&reader, "note").await.len(), 1, "what is sent twice counts once");
    let one = json!({ "event": "daemon.state" });
    assert_eq!(
        refused(writer.request(Method::POST, "/api/realtime/capture").json(&one), 422).await.0,
        "event_name_reserved"
    );
    let empty = json!({ "batch": [] });
    assert_eq!(refused(writer.request(Method::POST, "/api/realtime/batch").json(&empty), 422).await.0, "body_invalid");
    let many = json!({ "batch": vec![0; 1001] });
    assert_eq!(
        refused(writer.request(Method::POST, "/api/realtime/batch").json(&many), 413).await.0,
        "batch_too_large"
    );
}

#[tokio::test]
async fn too_many_events_of_one_subject_are_refused_for_a_while() {
    let (_server, Clients { writer, .. }) = lab("events: {per_second: 1}");
    let full = json!({ "batch": vec![json!({ "event": "n" }); 1000] });
    assert_eq!(writer.post("/api/realtime/batch", &full).await.status(), StatusCode::ACCEPTED);
    let again = writer.request(Method::POST, "/api/realtime/batch").json(&full);
    let (code, headers) = refused(again, 429).await;
    assert_eq!(code, "events_too_often");
    assert!(headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 900, "{headers:?}");
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed_and_nothing_twice() {
    let (_server, Clients { reader, writer }) = lab("events: {recent_events: 20, retention_days: 0}");
    let mut events = reader.events("/api/realtime/sse?events=note").await;
    capture(&writer, json!({ "event": "note", "id": "0" })).await;
    let seen = events.next_event().await.id;
    drop(events);
    for n in 1..=3 {
        capture(&writer, json!({ "event": "note", "id": n.to_string() })).await;
    }
    let back = |id: String| reader.request(Method::GET, "/api/realtime/sse?events=note").header("Last-Event-ID", id);
    let mut events = Events::of(back(seen.clone()).send().await.unwrap());
    capture(&writer, json!({ "event": "note", "id": "4" })).await;
    for n in 1..=4 {
        assert_eq!(next_json(&mut events).await["id"], n.to_string());
    }
    let flood = json!({ "batch": vec![json!({ "event": "note" }); 30] });
    writer.post("/api/realtime/batch", &flood).await;
    let mut late = Events::of(back(seen.clone()).send().await.unwrap());
    let lagged = late.next_event().await;
    let told: Value = serde_json::from_str(&lagged.data).unwrap();
    assert_eq!((lagged.event.as_str(), &told["type"]), ("lagged", &json!("lagged")));
    assert!(told["missed"].as_u64() >= Some(14), "{told}");
    let mut again = Events::of(back(lagged.id).send().await.unwrap());
    assert_eq!(again.next_event().await.event, "message", "what was missed is told once");
    let (run, number) = seen.split_once(':').unwrap();
    for ahead in [u64::MAX, 100] {
        assert_eq!(refused(back(format!("{run}:{ahead}")), 400).await.0, "last_event_id_invalid");
    }
    let other_run = format!("00000000-0000-4000-8000-000000000000:{number}");
    let told: Value =
        serde_json::from_str(&Events::of(back(other_run).send().await.unwrap()).next_event().await.data).unwrap();
    assert_eq!(told, json!({ "type": "lagged", "missed": null }));
}

#[tokio::test]
async fn silence_tells_a_quiet_reader_where_it_stands() {
    let (_server, Clients { reader, writer }) = lab(QUICK);
    let mut events = reader.events("/api/realtime/sse?events=note").await;
    capture(&writer, json!({ "event": "other" })).await;
    let total = reader.json("/api/realtime/metrics").await.1["events_total"].as_u64().unwrap();
    let seen = loop {
        let heartbeat = events.next_raw().await.expect("the stream ended");
        let (_, number) = heartbeat.id.split_once(':').expect("a heartbeat without a place");
        if number.parse::<u64>().unwrap() >= total {
            break heartbeat.id;
        }
    };
    drop(events);
    capture(&writer, json!({ "event": "note", "id": "1" })).await;
    let back = reader.request(Method::GET, "/api/realtime/sse?events=note").header("Last-Event-ID", seen);
    assert_eq!(next_json(&mut Events::of(back.send().await.unwrap())).await["id"], "1");
}

#[tokio::test]
async fn the_server_tells_what_happens_to_itself() {
    let (server, Clients { reader, .. }) = lab("");
    let states = recent_when(&reader, "daemon.state", 2).await;
    assert_eq!((&states[0]["properties"]["state"], &states[0]["distinct_id"]), (&json!("running"), &json!("server")));
    let mut frames = Client::reader(&server).frames().await;
    frames.frame().await;
    drop(frames);
    let left = recent_when(&reader, "viewer.left", 1).await;
    assert_eq!((&left[0]["distinct_id"], &left[0]["properties"]["kind"]), (&json!("tester"), &json!("frames")));
    assert_eq!(left[0]["properties"]["address"], Value::Null, "where a viewer is concerns no reader of events");
    assert_eq!(recent(&reader, "viewer.joined").await.len(), 1);
    server.reconfigure("log: {stats_secs: 3}");
    let reloaded = recent_when(&reader, "config.reloaded", 1).await;
    assert_eq!(reloaded[0]["properties"], json!({ "changed": ["log.stats_secs"], "needs_restart": [] }));
}

#[tokio::test]
async fn clipping_and_gaps_are_told() {
    let server = Lab::simulated("dropouts").start();
    let reader = Client::with_scope(&server, "events:read");
    let gaps = recent_when(&reader, "stream.gap", 1).await;
    assert_eq!(gaps[0]["properties"]["cause"], "device");
    let xruns = recent_when(&reader, "source.xrun", 1).await;
    assert_eq!(xruns.last().unwrap()["properties"], gaps.last().unwrap()["properties"]);
    let server = Lab::simulated("clipping").start();
    let reader = Client::with_scope(&server, "events:read");
    let clipping = recent_when(&reader, "source.clipping", 1).await;
    assert!(clipping[0]["properties"]["frame_number"].is_u64(), "{}", clipping[0]);
}

#[tokio::test]
async fn a_device_that_goes_and_comes_is_told() {
    let server = Lab::simulated("unplug").config("source: { pace: 20 }").start();
    let reader = Client::with_scope(&server, "events:read");
    let found = recent_when(&reader, "device.found", 1).await;
    assert_eq!(found[0]["properties"]["state"], "running");
    let lost = recent(&reader, "device.lost").await;
    assert_eq!(lost.last().unwrap()["properties"]["reason"]["code"], "source_lost");
}

#[tokio::test]
async fn who_is_connected_is_live_until_the_connection_ends() {
    let (server, Clients { reader, writer }) = lab(QUICK);
    let watcher =
        Client::bearing(&server, server.command(&["token", "create", "--subject", "ada", "--scope", "events:read"]));
    let live = async || -> Vec<String> {
        let (_, users) = reader.json("/api/realtime/users").await;
        assert_eq!(users["live_users"], users["users"].as_array().unwrap().len());
        let users = users["users"].as_array().unwrap().iter();
        let names: BTreeSet<_> = users.map(|user| user["distinct_id"].as_str().unwrap().to_owned()).collect();
        names.into_iter().collect()
    };
    assert_eq!(live().await, [""; 0]);
    let mut events = watcher.events("/api/realtime/sse?events=user.*").await;
    assert_eq!(live().await, ["ada"]);
    let url = "http://lab.example/live?x#y";
    capture(&writer, json!({ "event": "$pageview", "properties": { "$current_url": url } })).await;
    assert_eq!(live().await, ["ada", "tester"]);
    let joined = [next_json(&mut events).await, next_json(&mut events).await];
    let joined = joined.map(|event| format!("{} {}", event["event"], event["distinct_id"]));
    assert_eq!(joined, [r#""user.joined" "ada""#, r#""user.joined" "tester""#]);
    let (_, users) = reader.json("/api/realtime/users").await;
    assert_eq!(users["pages"], json!([{ "path": "/live", "count": 1 }]));
    let (_, dashboard) = reader.json("/api/realtime/dashboard").await;
    assert_eq!(
        (&dashboard["live_users"], &dashboard["top_pages"]),
        (&json!(2), &json!([{ "path": "/live", "count": 1 }]))
    );
    assert_eq!(dashboard["events_per_minute"]["$pageview"], 1);
    drop(events);
    recent_when(&reader, "user.left", 1).await;
    assert_eq!(live().await, ["tester"]);
    let (_, metrics) = reader.json("/api/realtime/metrics").await;
    assert_eq!((&metrics["total_connections"], &metrics["active_connections"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn an_event_stream_ends_with_the_server() {
    let (mut server, Clients { reader, .. }) = lab("");
    let mut events = reader.events("/api/realtime/sse?events=none").await;
    server.signal("TERM");
    assert_eq!(events.next_event().await.event, "shutdown");
    let (status, _) = server.terminate();
    assert!(status.success());
}

const DASHBOARD: &str = "/api/realtime/dashboard/sse";

/// The next dashboard that is right.
async fn dashboard_when(events: &mut Events, holds: impl Fn(&Value) -> bool) -> (String, Value) {
    let reading = async {
        loop {
            let event = events.next_event().await;
            assert_eq!(event.event, "message", "{}", event.data);
            let dashboard = serde_json::from_str(&event.data).unwrap();
            if holds(&dashboard) {
                return (event.data, dashboard);
            }
        }
    };
    timeout(PATIENCE, reading).await.expect("waited in vain for a dashboard")
}

fn notes(dashboard: &Value) -> u64 {
    dashboard["events_per_minute"]["note"].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn a_dashboard_is_written_once_for_all_who_follow_it() {
    let (_server, Clients { reader, writer }) = lab("");
    let mut followers = [reader.events(DASHBOARD).await, reader.events(DASHBOARD).await];
    capture(&writer, json!({ "event": "$pageview", "properties": { "path": "/live?x" } })).await;
    for n in 1..=3 {
        capture(&writer, json!({ "event": "note" })).await;
        let mut told = Vec::new();
        for follower in &mut followers {
            told.push(dashboard_when(follower, |dashboard| notes(dashboard) == n).await);
        }
        assert_eq!(told[0].0, told[1].0, "with one time, so by one look");
        assert_eq!(told[0].1["top_pages"], json!([{ "path": "/live", "count": 1 }]));
    }
}

#[tokio::test]
async fn a_dashboard_comes_when_it_has_changed_and_once_a_second_at_most() {
    let (_server, Clients { reader, writer }) = lab(QUICK);
    let mut follower = reader.events(DASHBOARD).await;
    let time = |dashboard: &Value| {
        let text = dashboard["timestamp"].as_str().unwrap().to_owned();
        chrono::DateTime::parse_from_rfc3339(&text).unwrap()
    };
    let mut before = Value::Null;
    for n in 1..=3 {
        capture(&writer, json!({ "event": "note" })).await;
        let (_, now) = dashboard_when(&mut follower, |dashboard| notes(dashboard) == n).await;
        if n > 1 {
            let apart = time(&now) - time(&before);
            assert!(apart.num_milliseconds() >= 990, "{apart:?}");
        }
        before = now;
    }
    let is_quiet = |dashboard: &Value| {
        let recent = dashboard["recent_events"].as_array().unwrap();
        let has_joined = recent.iter().any(|event| event["event"] == "user.joined");
        has_joined && recent.iter().any(|event| event["properties"]["state"] == "running")
    };
    if !is_quiet(&before) {
        dashboard_when(&mut follower, is_quiet).await;
    }
    for _ in 0..15 {
        let event = follower.next_raw().await.expect("the stream ended");
        assert_eq!(event.data, r#"{"type":"heartbeat"}"#, "nothing has changed");
    }
}

#[tokio::test]
async fn a_dashboard_ends_with_the_server_and_keeps_its_follower_live() {
    let (mut server, Clients { reader, .. }) = lab("");
    let mut follower = reader.events(DASHBOARD).await;
    dashboard_when(&mut follower, |dashboard| dashboard["live_users"] == 1).await;
    server.signal("TERM");
    while follower.next_event().await.event != "shutdown" {}
    let (status, _) = server.terminate();
    assert!(status.success());
}
