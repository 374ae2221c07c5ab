//! Which events come, with what beside them; what a slow reader is told, and one that comes back.

use serde_json::{Value, json};

use super::{Bench, ELSEWHERE, PATH, delivery, notes, seq, set};
use crate::support::client::Client;
use crate::support::server::now;
use crate::support::socket::Socket;

#[tokio::test]
async fn filters_hold_over_the_socket() {
    let bench = Bench::new("");
    let mut socket = bench.silent().await;
    let filters = json!([
        {"property": "n", "operator": "gte", "value": 2},
        {"property": "a.b", "operator": "regex", "value": "^x"},
        {"property": "gone", "operator": "is_not_set"},
    ]);
    set(&mut socket, json!({"id": "f", "events": ["note"], "filters": filters})).await;
    let properties = [
        json!({"n": 1, "a": {"b": "x"}}),
        json!({"n": 2, "a": {"b": "yx"}}),
        json!({"n": 3, "a": {"b": "xy"}, "gone": null}),
        json!({"n": 4, "a.b": "xy"}),
        json!({"n": 5.5, "a": {"b": "x"}}),
    ];
    bench.batch(properties.iter().map(|properties| json!({"event": "note", "properties": properties})).collect()).await;
    for n in [json!(4), json!(5.5)] {
        assert_eq!(delivery(&mut socket).await["properties"]["n"], n);
    }
}

#[tokio::test]
async fn a_person_is_told_of_to_who_asks() {
    let bench = Bench::new("");
    let mut socket = bench.silent().await;
    set(&mut socket, json!({"id": "plain", "events": ["note"]})).await;
    set(&mut socket, json!({"id": "who", "events": ["$pageview", "daemon.*"], "include_person": true})).await;
    let mut events = bench.reader.events("/api/realtime/sse?events=$pageview&include_person=true").await;
    let url = "http://lab.example/live";
    bench.capture(json!({"event": "note"})).await;
    bench.capture(json!({"event": "$pageview", "properties": {"$current_url": url}})).await;
    assert_eq!(delivery(&mut socket).await.get("person"), None);
    let viewed = delivery(&mut socket).await;
    let person = viewed["person"].as_object().unwrap();
    assert_eq!((&person["distinct_id"], &person["current_url"]), (&json!("tester"), &json!(url)));
    assert!(person["first_seen"].is_string() && person["last_seen"].is_string() && person.len() == 4, "{person:?}");
    let over_sse: Value = serde_json::from_str(&events.next_event().await.data).unwrap();
    assert_eq!(over_sse["person"]["current_url"], url);
    // Whoever is not live has a name only.
    bench.reader.wait_for("/api/realtime/events", "a state", |list| list.to_string().contains("daemon.state")).await;
    set(&mut socket, json!({"id": "who", "events": ["daemon.*"], "include_person": true, "after": ELSEWHERE})).await;
    assert_eq!(socket.words().await, json!({"type": "lagged", "missed": null}));
    let unknown = json!({"distinct_id": "server", "first_seen": null, "last_seen": null, "current_url": null});
    assert_eq!(delivery(&mut socket).await["person"], unknown);
    let refused = bench.reader.get("/api/realtime/sse?include_person=yes").await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn who_is_too_slow_is_told_how_much_it_missed() {
    let bench = Bench::new("events: {queue_events: 20, per_second: 100000}");
    let mut socket = Socket::narrow(&bench.server, PATH, &bench.token("ada", "1h")).await;
    let place = set(&mut socket, json!({})).await;
    let mut last = seq(&json!({ "place": place }));
    for _ in 0..80 {
        let filling = "x".repeat(6000);
        bench.batch(vec![json!({"event": "note", "properties": {"filling": filling}}); 10]).await;
    }
    bench.capture(json!({"event": "end"})).await;
    let mut missed_in_all = 0;
    loop {
        let words = socket.words().await;
        match words.get("type").and_then(Value::as_str) {
            Some("lagged") => {
                let missed = words["missed"].as_u64().unwrap();
                (last, missed_in_all) = (last + missed, missed_in_all + missed);
            }
            Some(other) => assert_eq!(other, "heartbeat"),
            None => {
                last += 1;
                assert_eq!(seq(&words), last, "each event comes, or is counted before the next that does");
                if words["event"] == "end" {
                    break;
                }
            }
        }
    }
    assert!(missed_in_all > 0);
    let (_, metrics) = bench.reader.json("/api/realtime/metrics").await;
    assert_eq!(metrics["lagged"], missed_in_all);
}

#[tokio::test]
async fn who_takes_nothing_is_let_go_and_is_live_no_more() {
    let bench = Bench::new("server: {stall_secs: 1}\nevents: {per_second: 100000}");
    let socket = Socket::narrow(&bench.server, PATH, &bench.token("ada", "1h")).await;
    let mut others = bench.silent_of("bob").await;
    set(&mut others, json!({"events": ["user.left"]})).await;
    for _ in 0..80 {
        let filling = "x".repeat(6000);
        bench.batch(vec![json!({"event": "note", "properties": {"filling": filling}}); 10]).await;
    }
    assert_eq!(delivery(&mut others).await["distinct_id"], "ada");
    drop(socket);
}

#[tokio::test]
async fn a_subscription_begins_after_the_event_that_it_names() {
    let bench = Bench::new("events: {recent_events: 2000, queue_events: 5000, per_second: 100000}");
    let mut socket = bench.silent().await;
    set(&mut socket, json!({"id": "all", "events": ["note"]})).await;
    bench.batch(notes(0..900)).await;
    let mut place = String::new();
    for n in 0..900 {
        let told = delivery(&mut socket).await;
        assert_eq!(told["properties"]["n"], n);
        if n == 99 {
            place = told["place"].as_str().unwrap().to_owned();
        }
    }
    let odd = json!([{"property": "n", "operator": "gte", "value": 500}]);
    let word = json!({"type": "subscribe", "id": "b", "events": ["note"], "filters": odd, "after": place});
    socket.say(word).await;
    // Said while the history is told, and published meanwhile.
    socket.say(json!({"type": "unsubscribe", "id": "all"})).await;
    bench.batch(notes(900..950)).await;
    assert_eq!(socket.words().await["type"], "subscribed");
    for n in 500..900 {
        let told = socket.words().await;
        assert_eq!((&told["properties"]["n"], &told["subscription_ids"]), (&json!(n), &json!(["b"])));
    }
    let mut notes_told = Vec::new();
    for _ in 0..51 {
        let told = socket.words().await;
        match told.get("type") {
            None => notes_told.push(told["properties"]["n"].as_u64().unwrap()),
            Some(kind) => assert_eq!(kind, "unsubscribed"),
        }
    }
    assert_eq!(notes_told, (900..950).collect::<Vec<_>>());
    // What is no longer in memory is counted.
    bench.batch(notes(0..1000)).await;
    bench.batch(notes(0..1000)).await;
    bench.batch(notes(0..1000)).await;
    set(&mut socket, json!({"id": "b", "events": ["none"]})).await;
    let back = json!({"type": "subscribe", "id": "c", "events": ["note"], "after": place});
    let until = seq(&socket.ask(back).await);
    let lagged = socket.words().await;
    let after = seq(&json!({ "place": place }));
    assert_eq!(lagged, json!({"type": "lagged", "missed": until - after - 2000}));
    assert_eq!(seq(&delivery(&mut socket).await), until - 1999);
}

#[tokio::test]
async fn who_is_connected_is_live_until_the_socket_ends() {
    // Heartbeats are far apart: what tells of the end is the end itself.
    let bench = Bench::new("stream: {sse_timeout_secs: 20}");
    let mut watcher = bench.silent_of("bob").await;
    set(&mut watcher, json!({"events": ["user.*"]})).await;
    for closes in [true, false] {
        let (one, mut other) = (bench.socket().await, bench.socket().await);
        let mut joined = delivery(&mut watcher).await;
        if joined["distinct_id"] == "bob" {
            joined = delivery(&mut watcher).await;
        }
        assert_eq!((&joined["event"], &joined["distinct_id"]), (&json!("user.joined"), &json!("ada")));
        drop(one);
        let ended = now();
        if closes {
            other.0.close(None).await.unwrap();
        }
        drop(other);
        let left = delivery(&mut watcher).await;
        assert_eq!((&left["event"], &left["distinct_id"]), (&json!("user.left"), &json!("ada")));
        assert!(ended.elapsed().as_secs() < 10, "{:?}", ended.elapsed());
        let (_, users) = bench.reader.json("/api/realtime/users").await;
        assert_eq!(users["live_users"], 1, "bob");
    }
    let metrics =
        bench.reader.wait_for("/api/realtime/metrics", "one", |metrics| metrics["active_connections"] == 1).await;
    assert_eq!(metrics["total_connections"], 5);
}

#[tokio::test]
async fn the_head_of_an_event_stream_makes_nobody_live() {
    let bench = Bench::new("");
    for path in ["/api/realtime/sse", "/api/realtime/sse?events=a"] {
        let head = bench.reader.request(reqwest::Method::HEAD, path).send().await.unwrap();
        assert_eq!(
            (head.status().as_u16(), &head.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
    }
    let (_, metrics) = bench.reader.json("/api/realtime/metrics").await;
    assert_eq!(metrics["total_connections"], 0);
    let events = Client::with_scope(&bench.server, "events:read").json("/api/realtime/events").await.1;
    assert!(!events.to_string().contains("user.joined"), "{events}");
}

impl Bench {
    async fn silent_of(&self, subject: &str) -> Socket {
        let mut socket = Socket::bearing(&self.server, PATH, &self.token(subject, "1h")).await;
        set(&mut socket, json!({"events": ["none"]})).await;
        socket
    }
}
