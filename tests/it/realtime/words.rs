//! What is said over the socket, and how it is answered.

use std::collections::BTreeSet;

use futures_util::SinkExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Bench, PATH, delivery, notes, seq, set};
use crate::support::client::Client;
use crate::support::socket::Socket;

#[tokio::test]
async fn a_connection_begins_with_all_events() {
    let bench = Bench::new("");
    let mut socket = bench.socket().await;
    bench.capture(json!({"event": "note", "id": "7", "properties": {"type": "x"}})).await;
    let (mut note, mut has_joined) = (None, false);
    while note.is_none() || !has_joined {
        let event = delivery(&mut socket).await;
        has_joined |= event["event"] == "user.joined" && event["distinct_id"] == "ada";
        note = note.or((event["event"] == "note").then_some(event));
    }
    let note = note.unwrap();
    let keys: BTreeSet<_> = note.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "distinct_id environment event id place properties session_id subscription_ids timestamp";
    assert_eq!(keys, expected.split(' ').collect());
    assert_eq!((&note["id"], &note["subscription_ids"]), (&json!("7"), &json!(["default"])));
}

#[tokio::test]
async fn subscriptions_are_replaced_added_and_ended() {
    let bench = Bench::new("");
    let mut socket = bench.socket().await;
    let first = set(&mut socket, json!({"events": ["a"]})).await;
    let second = set(&mut socket, json!({"id": "b", "events": ["a", "b.*"]})).await;
    let number = |place: &str| place.split_once(':').unwrap().1.parse::<u64>().unwrap();
    assert!(number(&second) >= number(&first));
    bench.batch(vec![json!({"event": "a"}), json!({"event": "c"}), json!({"event": "b.c"})]).await;
    let told = delivery(&mut socket).await;
    assert_eq!((&told["event"], &told["subscription_ids"]), (&json!("a"), &json!(["default", "b"])));
    assert!(seq(&told) > number(&second));
    let told = delivery(&mut socket).await;
    assert_eq!((&told["event"], &told["subscription_ids"]), (&json!("b.c"), &json!(["b"])));
    let ended = socket.ask(json!({"type": "unsubscribe"})).await;
    assert_eq!(ended, json!({"type": "unsubscribed", "id": "default"}));
    set(&mut socket, json!({"id": "b", "events": ["c"], "environment": "lab-3"})).await;
    bench
        .batch(vec![json!({"event": "a"}), json!({"event": "c"}), json!({"event": "c", "environment": "lab-3"})])
        .await;
    let told = delivery(&mut socket).await;
    assert_eq!((&told["event"], &told["environment"]), (&json!("c"), &json!("lab-3")));
    let again = socket.ask(json!({"type": "unsubscribe"})).await;
    assert_eq!((&again["id"], &again["error"]["status"]), (&json!("default"), &json!(404)));
}

/// What waits for the connection when a subscription changes comes before the answer, and nothing of it after.
#[tokio::test]
async fn an_answer_stands_between_what_was_before_and_what_is_after() {
    let bench = Bench::new("");
    let mut socket = bench.silent().await;
    for turn in 0..5 {
        set(&mut socket, json!({"events": ["note"]})).await;
        bench.batch(notes(0..100)).await;
        socket.say(json!({"type": "subscribe", "events": ["none"]})).await;
        for n in 0..100 {
            assert_eq!(socket.words().await["properties"]["n"], n, "turn {turn}");
        }
        assert_eq!(socket.words().await["type"], "subscribed");
    }
}

#[tokio::test]
async fn a_ping_is_answered_with_the_servers_time() {
    let bench = Bench::new("");
    let mut socket = bench.silent().await;
    let pong = socket.ask(json!({"type": "ping", "echo": {"sent": 12.5}})).await;
    assert_eq!((&pong["type"], &pong["echo"]), (&json!("pong"), &json!({"sent": 12.5})));
    assert!(pong["utc_us"].is_u64() && pong["monotonic_us"].is_u64(), "{pong}");
    assert_eq!(socket.ask(json!({"type": "ping"})).await["echo"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_is_answered_and_changes_nothing() {
    let bench = Bench::new("");
    let mut socket = bench.silent().await;
    set(&mut socket, json!({"id": "a", "events": ["note"]})).await;
    let filter = |operator: &str, value: Value| json!([{"property": "p", "operator": operator, "value": value}]);
    let patterns = vec![filter("regex", json!("x"))[0].clone(); 20];
    set(&mut socket, json!({"id": "p", "events": ["none"], "filters": patterns})).await;
    let ahead = format!("{}9999", set(&mut socket, json!({"events": ["none"]})).await);
    let subscribe = |id: &str, rest: Value| {
        let mut word = json!({"type": "subscribe", "id": id});
        word.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        word
    };
    let table = [
        (json!({"type": "dance"}), "message_invalid", "dance"),
        (json!({"id": "b"}), "message_invalid", "type"),
        (json!([1]), "message_invalid", "subscribe, unsubscribe or ping"),
        (subscribe("a", json!({"loud": 1})), "message_invalid", "loud"),
        (subscribe("a", json!({"events": "note"})), "message_invalid", "sequence"),
        (subscribe("a", json!({"filters": filter("like", json!(1))})), "message_invalid", "like"),
        (subscribe("a", json!({"filters": filter("regex", json!("("))})), "message_invalid", "regex"),
        (json!({"type": "unsubscribe", "id": "a", "events": []}), "message_invalid", "events"),
        (subscribe("", json!({})), "subscription_invalid", "id"),
        (subscribe(&"i".repeat(65), json!({})), "subscription_invalid", "64"),
        (subscribe("a", json!({"events": ["x.*.y"]})), "subscription_invalid", "star"),
        (subscribe("a", json!({"environment": ""})), "subscription_invalid", "environment"),
        (subscribe("a", json!({"filters": filter("regex", json!("x"))})), "subscriptions_full", "regex"),
        (subscribe("a", json!({"after": "7"})), "last_event_id_invalid", "after"),
        (subscribe("a", json!({"after": ahead})), "last_event_id_invalid", "ahead"),
        (json!({"type": "unsubscribe", "id": "b"}), "subscription_not_found", "subscription"),
    ];
    for (word, code, says) in table {
        let answer = socket.ask(word.clone()).await;
        assert_eq!((&answer["type"], &answer["error"]["code"]), (&json!("error"), &json!(code)), "{word}: {answer}");
        assert_eq!(answer.get("id"), word.get("id"), "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(says), "{answer}");
    }
    socket.0.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
    assert_eq!(socket.words().await["error"]["code"], "message_invalid");
    bench.capture(json!({"event": "note"})).await;
    assert_eq!(delivery(&mut socket).await["subscription_ids"], json!(["a"]), "as it was");
    for n in 0..97 {
        set(&mut socket, json!({"id": n.to_string(), "events": ["none"]})).await;
    }
    let full = socket.ask(json!({"type": "subscribe", "id": "one too many"})).await;
    assert_eq!((&full["error"]["code"], &full["error"]["status"]), (&json!("subscriptions_full"), &json!(503)));
    socket.0.send(Message::text("y".repeat(9000))).await.unwrap();
    assert_eq!(socket.closed().await, CloseCode::Size);
}

#[tokio::test]
async fn who_may_not_is_refused_before_the_socket_opens() {
    let bench = Bench::new("");
    let (server, reader) = (&bench.server, bench.token("ada", "1h"));
    let cookie = format!("photophone_{}={reader}", server.port());
    let writer = format!("Bearer {}", server.token("events:write"));
    let table = [
        (vec![], 401),
        (vec![("Authorization", writer)], 403),
        (vec![("Cookie", cookie.clone()), ("Origin", "http://elsewhere.example".into())], 403),
        (vec![("Cookie", cookie), ("Origin", server.url.clone())], 101),
    ];
    for (headers, status) in table {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match Socket::with(server, PATH, &headers).await {
            Ok(_) => assert_eq!(status, 101, "{headers:?}"),
            Err(Error::Http(response)) => assert_eq!(response.status(), status, "{headers:?}"),
            Err(error) => panic!("{error}"),
        }
    }
    let (status, error) = bench.reader.json(PATH).await;
    assert_eq!((status.as_u16(), &error["error"]["code"]), (426, &json!("websocket_expected")));
    for path in ["/api/realtime/ws", "/api/audio/stream/ws"] {
        let head = Client::with_scope(server, "admin").request(Method::HEAD, path);
        let opening = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")];
        let head = opening.into_iter().fold(head, |head, (name, value)| head.header(name, value));
        let answer = head.header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==").send().await.unwrap();
        assert_eq!(answer.status(), 426, "{path}");
    }
}

#[tokio::test]
async fn the_end_of_the_server_and_of_a_token_are_told() {
    let mut bench = Bench::new("");
    let mut short = Socket::bearing(&bench.server, PATH, &bench.token("bob", "3s")).await;
    set(&mut short, json!({"events": ["none"]})).await;
    assert_eq!(short.words().await, json!({"type": "reauth", "reason": "the token has expired"}));
    assert_eq!(short.closed().await, CloseCode::Policy);
    let mut socket = bench.silent().await;
    let ending = tokio::task::spawn_blocking(move || bench.server.terminate());
    assert_eq!(socket.words().await, json!({"type": "shutdown", "reason": "the server is ending"}));
    assert_eq!(socket.closed().await, CloseCode::Away);
    let (status, took) = ending.await.unwrap();
    assert!(status.success() && took.as_secs_f64() < 2.0, "{took:?}");
}

#[tokio::test]
async fn silence_is_told_with_the_place_up_to_which_all_was_sent() {
    let bench = Bench::new("stream: {sse_timeout_secs: 0.1}");
    let mut socket = bench.silent().await;
    bench.capture(json!({"event": "note"})).await;
    let (_, metrics) = bench.reader.json("/api/realtime/metrics").await;
    loop {
        let words = socket.words().await;
        assert_eq!(words["type"], "heartbeat");
        if seq(&words) >= metrics["events_total"].as_u64().unwrap() {
            break;
        }
    }
    let bench = Bench::new("stream: {sse_timeout_secs: 0.1, enable_heartbeats: false}");
    assert!(matches!(bench.silent().await.next().await, Some(Message::Ping(_))));
}
