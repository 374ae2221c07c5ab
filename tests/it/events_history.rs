//! Events on disk: what a server that is killed leaves, what the next one tells of it, what the file says to others.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::client::{Client, Events};
use crate::support::python::{hold_sqlite, reference};
use crate::support::server::{Lab, Server};

const EVENTS: &str = "/api/realtime/events";

struct Clients {
    reader: Client,
    writer: Client,
}

fn start(lab: Lab) -> (Server, Clients) {
    let server = lab.start();
    let clients = Clients {
        reader: Client::with_scope(&server, "events:read"),
        writer: Client::with_scope(&server, "events:write"),
    };
    (server, clients)
}

fn lab() -> Lab {
    Lab::simulated("tone").config("events: {per_second: 100000, flush_ms: 50}")
}

fn events_file(server: &Server) -> Value {
    reference("events_file.py", &json!({ "path": server.dir().join("events.sqlite") }))
}

/// Captures events `note` with these ids; each has a property.
async fn capture(writer: &Client, ids: std::ops::Range<usize>) -> reqwest::Response {
    let batch: Vec<_> =
        ids.map(|n| json!({ "event": "note", "id": n.to_string(), "properties": { "n": n } })).collect();
    writer.post("/api/realtime/batch", &json!({ "batch": batch })).await
}

/// Waits until everything is on disk that was published before.
async fn until_on_disk(reader: &Client) {
    let (_, metrics) = reader.json("/api/realtime/metrics").await;
    let total = metrics["events_total"].as_u64().unwrap();
    let is_there = |list: &Value| {
        let until = list["durable_until"].as_str().and_then(|place| place.split_once(':'));
        until.is_some_and(|(_, number)| number.parse::<u64>().unwrap() >= total)
    };
    reader.wait_for("/api/realtime/events?limit=1", "events on disk", is_there).await;
}

/// All events of a walk with these parameters, the newest first.
async fn walk(reader: &Client, query: &str) -> Vec<Value> {
    let (mut events, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, list) = reader.json(&format!("{EVENTS}?{query}{cursor}")).await;
        assert_eq!(status, StatusCode::OK, "{list}");
        events.extend(list["events"].as_array().unwrap().iter().cloned());
        let Some(next) = list["cursor"].as_str() else { return events };
        cursor = format!("&cursor={next}");
    }
}

fn moment(timestamp: &Value) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(timestamp.as_str().unwrap()).unwrap()
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_on_disk_survives_the_death_of_the_server() {
    let (mut server, Clients { reader, writer }) = start(lab());
    assert_eq!(capture(&writer, 0..300).await.status(), StatusCode::ACCEPTED);
    assert_eq!(walk(&reader, "event=note&limit=1000").await.len(), 300, "seen at once, on disk or not");
    let mut stream = reader.events("/api/realtime/sse?events=note").await;
    capture(&writer, 300..301).await;
    let seen = stream.next_event().await.id;
    capture(&writer, 301..303).await;
    until_on_disk(&reader).await;
    let before = walk(&reader, "event=note&limit=1000").await;
    server.kill();

    let (server, Clients { reader, writer }) = start(lab().on(server));
    let after = walk(&reader, "event=note&limit=70").await;
    assert_eq!(after, before);
    assert_eq!(ids(&after), (0..303).rev().map(|n| n.to_string()).collect::<Vec<_>>());
    capture(&writer, 303..304).await;
    let back = reader.request(Method::GET, "/api/realtime/sse?events=note").header("Last-Event-ID", seen);
    let mut stream = Events::of(back.send().await.unwrap());
    let mut told = Vec::new();
    while told.len() < 4 {
        let event = stream.next_event().await;
        let data: Value = serde_json::from_str(&event.data).unwrap();
        told.push(if event.event == "lagged" { data["missed"].clone() } else { data["id"].clone() });
    }
    assert_eq!(told, [json!("301"), json!("302"), json!(null), json!("303")], "what it lost at its end nobody knows");
    until_on_disk(&reader).await;
    let file = events_file(&server);
    assert_eq!(file["integrity"], "ok");
    assert_eq!(file["runs"].as_array().unwrap().iter().map(|run| &run["ended"]).collect::<Vec<_>>(), [false, false]);
}

#[tokio::test]
async fn whoever_reads_the_file_finds_what_the_server_tells() {
    let rarely = lab().config("events: {flush_ms: 60000, per_second: 100000}");
    let (mut server, Clients { reader, writer }) = start(rarely);
    for from in [0, 400] {
        capture(&writer, from..from + 400).await;
    }
    let told = walk(&reader, "limit=333").await;
    let (status, _) = server.terminate();
    assert!(status.success());
    let file = events_file(&server);
    let rows = file["events"].as_array().unwrap();
    assert_eq!((&file["integrity"], &file["kept"]), (&json!("ok"), &json!(rows.len())));
    assert_eq!(file["runs"].as_array().unwrap().len(), 1);
    assert_eq!(file["runs"][0]["ended"], true);
    for (row, seq) in rows.iter().zip(1..) {
        assert_eq!((&row["seq"], &row["run"]), (&json!(seq), &file["runs"][0]["id"]), "no number is missing");
        for name in ["id", "event", "distinct_id", "environment", "session_id"] {
            assert_eq!(row[name], row["json"][name], "{name}");
        }
        assert_eq!(row["timestamp_us"], moment(&row["json"]["timestamp"]).timestamp_micros());
    }
    let in_file: HashMap<_, _> = rows.iter().map(|row| (row["id"].as_str().unwrap(), &row["json"])).collect();
    assert_eq!(in_file.len(), rows.len());
    assert!(told.len() >= 800 && told.iter().all(|event| in_file[event["id"].as_str().unwrap()] == event));
}

#[tokio::test]
async fn the_past_is_asked_by_name_time_user_and_property() {
    let (_server, Clients { reader, writer }) = start(lab());
    capture(&writer, 0..20).await;
    let found = walk(&reader, "event=note&limit=1000").await;
    let time = |at: usize| found[at]["timestamp"].as_str().unwrap().to_owned();
    let until = time(5);
    let is_before = |event: &&Value| moment(&event["timestamp"]) < moment(&json!(until));
    let before: Vec<_> = found.iter().filter(is_before).cloned().collect();
    assert_eq!(walk(&reader, &format!("event=note&until={until}")).await, before);
    assert_eq!(walk(&reader, &format!("event=note,other.*&since={}", time(19))).await.len(), 20);
    let filter = "filter=%7B%22property%22%3A%22n%22%2C%22operator%22%3A%22gte%22%2C%22value%22%3A15%7D";
    assert_eq!(
        ids(&walk(&reader, &format!("{filter}&limit=2&distinct_id=tester")).await),
        ["19", "18", "17", "16", "15"]
    );
    assert_eq!(walk(&reader, "distinct_id=nobody").await, [json!(null); 0]);
    assert_eq!(walk(&reader, "event=note&environment=elsewhere").await, [json!(null); 0]);
    assert!(walk(&reader, "event=daemon.*").await.iter().all(|event| event["event"] == "daemon.state"));
    for wrong in ["since=yesterday", "cursor=7", "limit=0", "limit=1001", "event=a.*.b", "filter=x", "colour=red"] {
        let (status, answer) = reader.json(&format!("{EVENTS}?{wrong}")).await;
        let key = wrong.split_once('=').unwrap().0;
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(status == StatusCode::BAD_REQUEST && message.contains(key), "{wrong}: {answer}");
    }
}

#[tokio::test]
async fn while_the_disk_takes_nothing_a_bounded_number_waits_and_the_rest_is_refused() {
    let (server, Clients { reader, writer }) = start(lab());
    until_on_disk(&reader).await;
    let holder = hold_sqlite(&server.dir().join("events.sqlite"));
    let mut taken = 0;
    let refused = loop {
        let response = capture(&writer, taken..taken + 800).await;
        if response.status() != StatusCode::ACCEPTED {
            break response;
        }
        taken += 800;
    };
    assert!((15_000..=16_000).contains(&taken), "{taken}");
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(refused.json::<Value>().await.unwrap()["error"]["code"], "events_busy");
    let has_error = |metrics: &Value| metrics["history"]["last_error"].is_string();
    let metrics = reader.wait_for("/api/realtime/metrics", "the error", has_error).await;
    assert!(metrics["history"]["pending"].as_u64() >= Some(taken as u64), "{metrics}");
    assert_eq!(walk(&reader, "event=note&limit=1000").await.len(), taken, "all of it is seen meanwhile");
    drop(holder);
    let is_well = |metrics: &Value| metrics["history"]["pending"] == 0 && metrics["history"]["last_error"].is_null();
    let metrics = reader.wait_for("/api/realtime/metrics", "the disk", is_well).await;
    assert_eq!(metrics["history"]["lost"], 0);
    server.wait_for_log("Events are written to disk again");
    assert_eq!(server.log().matches("Events cannot be written to disk").count(), 1, "told once");
    let file = events_file(&server);
    let kept = file["events"].as_array().unwrap().iter().filter(|row| row["event"] == "note").count();
    assert_eq!(kept, taken);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_at_the_start_and_memory_alone_needs_none() {
    let broken = || lab().private_file("events.sqlite", &"nonsense ".repeat(1000));
    let Err((status, log)) = broken().try_start() else { panic!("it started") };
    assert!(!status.success());
    assert!(log.contains("events.sqlite") && log.contains("events.retention_days: 0"), "{log}");
    let (_server, Clients { reader, writer }) = start(broken().config("events: {retention_days: 0}"));
    capture(&writer, 0..5).await;
    let (_, list) = reader.json("/api/realtime/events?event=note&limit=3").await;
    assert_eq!(ids(list["events"].as_array().unwrap()), ["4", "3", "2"]);
    assert_eq!((&list["durable_until"], &list["flush_ms"]), (&json!(null), &json!(null)));
    assert_eq!(reader.json("/api/realtime/metrics").await.1["history"], json!(null));
}

#[tokio::test]
async fn what_the_disk_does_not_take_at_the_end_is_told() {
    let (mut server, Clients { reader, writer }) = start(lab());
    capture(&writer, 0..5).await;
    until_on_disk(&reader).await;
    let _holder = hold_sqlite(&server.dir().join("events.sqlite"));
    capture(&writer, 5..12).await;
    let (_, metrics) = reader.json("/api/realtime/metrics").await;
    let until = metrics["history"]["durable_until"].as_str().unwrap();
    server.terminate();
    let log = server.log();
    let told = log.lines().find(|line| line.contains("did not take the last events in time")).expect(&log);
    assert!(told.contains(until) && told.contains("events"), "{told}");
}

#[tokio::test]
async fn all_of_much_that_was_missed_comes_in_order() {
    const MISSED: usize = 8000;
    let (_server, Clients { reader, writer }) = start(lab());
    let mut stream = reader.events("/api/realtime/sse?events=note").await;
    capture(&writer, 0..1).await;
    let seen = stream.next_event().await.id;
    drop(stream);
    for from in (1..=MISSED).step_by(800) {
        assert_eq!(capture(&writer, from..from + 800).await.status(), StatusCode::ACCEPTED);
    }
    until_on_disk(&reader).await;
    let back = reader.request(Method::GET, "/api/realtime/sse?events=note").header("Last-Event-ID", seen);
    let mut stream = Events::of(back.send().await.unwrap());
    for n in 1..=MISSED {
        let event = stream.next_event().await;
        assert_eq!(serde_json::from_str::<Value>(&event.data).unwrap()["id"], n.to_string());
    }
}
