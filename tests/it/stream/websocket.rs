//! Several streams on one WebSocket, with a client that was not written for this program.

use std::time::Duration;

use futures_util::SinkExt;
use photophone_signal::wire::binary::{Message as Wire, kind, read_frame};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{interval, timeout};
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::support::client::Client;
use crate::support::server::{Lab, Server};
use crate::support::simulation::Simulation;
use crate::support::socket::Socket;

const PATH: &str = "/api/audio/stream/ws";

impl Socket {
    async fn open(server: &Server) -> Self {
        Self::bearing(server, PATH, &server.token("stream:read")).await
    }

    /// Notes the range of a frame, the turn of an answer, or a pong.
    async fn hear_one(
        &mut self,
        feed: u64,
        ranges: &mut Vec<(u64, u64)>,
        echoes: &mut Vec<u64>,
        pongs: &mut Vec<String>,
    ) {
        match self.next().await.expect("the socket was closed") {
            Message::Binary(bytes) => {
                let message = Wire::decode(&bytes).unwrap();
                assert_eq!(u64::from(message.header.feed), feed);
                if message.header.kind == kind::FRAME {
                    let frame = read_frame(&message).unwrap();
                    ranges.push((frame.first_sample, frame.end_sample()));
                }
            }
            Message::Text(text) => {
                let answer: Value = serde_json::from_str(&text).unwrap();
                assert_eq!((&answer["type"], &answer["echo"]["text"]), (&"pong".into(), &"x".repeat(4000).into()));
                echoes.push(answer["echo"]["turn"].as_u64().unwrap());
            }
            Message::Pong(bytes) => pongs.push(String::from_utf8(bytes.to_vec()).unwrap()),
            other => panic!("{other:?}"),
        }
    }

    /// The next message of this kind and feed.
    async fn message(&mut self, kind: &str, feed: u64) -> Vec<u8> {
        loop {
            if let Message::Binary(bytes) = self.next().await.expect("the socket was closed") {
                let header = Wire::decode(&bytes).unwrap().header;
                if header.kind == kind && u64::from(header.feed) == feed {
                    return bytes.into();
                }
            }
        }
    }

    async fn subscribe(&mut self, id: &str, kind: &str) -> u64 {
        let answer = self.ask(json!({"type": "subscribe", "id": id, "kind": kind})).await;
        assert_eq!((&answer["type"], &answer["id"]), (&"subscribed".into(), &id.into()), "{answer}");
        answer["feed"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn one_socket_carries_frames_and_spectra_until_it_is_told_not_to() {
    let server = Lab::simulated("cell").start();
    let mut socket = Socket::open(&server).await;
    let frames = socket.subscribe("f", "audio").await;
    let spectra = socket.subscribe("s", "spectral").await;
    assert_ne!(frames, spectra);
    let simulation = Simulation::of("cell", "");
    for _ in 0..3 {
        let bytes = socket.message(kind::FRAME, frames).await;
        let frame = read_frame(&Wire::decode(&bytes).unwrap()).unwrap();
        let (a, b) = simulation.samples(frame.first_sample..frame.end_sample());
        assert!(frame.channel_a == a && frame.channel_b == b);
        socket.message(kind::SPECTRUM, spectra).await;
    }
    assert_eq!(Client::reader(&server).stats().await["active_subscribers"], 2);
    let answer = socket.ask(json!({"type": "unsubscribe", "id": "f"})).await;
    assert_eq!(answer, json!({"type": "unsubscribed", "id": "f"}));
    for _ in 0..5 {
        let Some(Message::Binary(bytes)) = socket.next().await else { panic!("spectra go on") };
        assert_eq!(u64::from(Wire::decode(&bytes).unwrap().header.feed), spectra, "no frame after the answer");
    }
    assert_eq!(Client::reader(&server).stats().await["active_subscribers"], 1);
    drop(socket);
    Client::reader(&server).wait_for_stats("nobody", |stats| stats["active_subscribers"] == 0).await;
}

#[tokio::test]
async fn a_subscription_goes_on_after_the_event_that_it_names() {
    let server = Lab::simulated("tone").start();
    let mut socket = Socket::open(&server).await;
    let feed = socket.subscribe("a", "audio").await;
    let place = |bytes: &[u8]| Wire::decode(bytes).unwrap().header.place.unwrap();
    let last = place(&socket.message(kind::FRAME, feed).await);
    drop(socket);
    let client = Client::reader(&server);
    client.wait_for_stats("more", |stats| stats["total_frames"].as_u64() > Some(last.frame_number + 10)).await;
    let mut socket = Socket::open(&server).await;
    let id = format!("{}:{}", last.epoch, last.first_sample);
    socket
        .say(json!({"type": "subscribe", "id": "a", "kind": "audio", "last_event_id": id, "query": "policy=lossless"}))
        .await;
    for n in 1..10 {
        assert_eq!(place(&socket.message(kind::FRAME, feed).await).frame_number, last.frame_number + n);
    }
}

#[tokio::test]
async fn a_ping_is_answered_with_the_servers_time() {
    let server = Lab::simulated("tone").start();
    let mut socket = Socket::open(&server).await;
    let first = socket.ask(json!({"type": "ping", "echo": {"sent": 12.5}})).await;
    let second = socket.ask(json!({"type": "ping"})).await;
    assert_eq!(
        (&first["type"], &first["echo"], &second["echo"]),
        (&"pong".into(), &json!({"sent": 12.5}), &Value::Null)
    );
    let us = |answer: &Value, name: &str| answer[name].as_u64().unwrap();
    assert!(us(&second, "monotonic_us") > us(&first, "monotonic_us"));
    let stats = Client::reader(&server).wait_for_stats("a frame", |stats| stats["last_update"].is_u64()).await;
    let frame_us = stats["last_update"].as_u64().unwrap() * 1000;
    assert!(us(&second, "utc_us").abs_diff(frame_us) < 60_000_000, "{second}");
}

#[tokio::test]
async fn what_cannot_be_understood_is_answered_and_harms_nothing() {
    let server = Lab::simulated("tone").start();
    let mut socket = Socket::open(&server).await;
    let feed = socket.subscribe("a", "audio").await;
    let long = "x".repeat(65);
    let table = [
        (json!({"type": "dance"}), "message_invalid"),
        (json!({"id": "b"}), "message_invalid"),
        (json!({"type": "subscribe", "id": "b"}), "message_invalid"),
        (json!({"type": "subscribe", "id": "b", "kind": "audio", "loud": 1}), "message_invalid"),
        (json!({"type": "subscribe", "id": "", "kind": "spectral"}), "subscription_invalid"),
        (json!({"type": "subscribe", "id": long, "kind": "spectral"}), "subscription_invalid"),
        (json!({"type": "subscribe", "id": "b", "kind": "video"}), "stream_not_found"),
        (json!({"type": "subscribe", "id": "b", "kind": "audio", "query": "stream=other"}), "stream_not_found"),
        (json!({"type": "subscribe", "id": "b", "kind": "audio", "query": "colour=red"}), "query_unknown"),
        (json!({"type": "subscribe", "id": "b", "kind": "audio", "query": "policy=%ff"}), "query_invalid"),
        (json!({"type": "subscribe", "id": "b", "kind": "audio", "query": "policy=never"}), "query_invalid"),
        (json!({"type": "subscribe", "id": "b", "kind": "audio", "last_event_id": "7"}), "last_event_id_invalid"),
        (json!({"type": "subscribe", "id": "a", "kind": "spectral"}), "subscription_exists"),
        (json!({"type": "subscribe", "id": "b", "kind": "audio"}), "feed_subscribed"),
        (json!({"type": "unsubscribe", "id": "b"}), "subscription_not_found"),
    ];
    for (word, code) in table {
        let answer = socket.ask(word.clone()).await;
        assert_eq!((&answer["type"], &answer["error"]["code"]), (&"error".into(), &code.into()), "{word}: {answer}");
        let same_as = if code == "feed_subscribed" { json!("a") } else { Value::Null };
        assert_eq!(answer["same_as"], same_as, "{word}");
    }
    socket.0.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
    assert_eq!(socket.words().await["error"]["code"], "message_invalid");
    socket.message(kind::FRAME, feed).await;
    socket.0.send(Message::text("y".repeat(9000))).await.unwrap();
    assert_eq!(socket.closed().await, CloseCode::Size);
}

#[tokio::test]
async fn the_end_of_the_server_is_told() {
    let mut server = Lab::simulated("tone").start();
    let mut socket = Socket::open(&server).await;
    socket.subscribe("a", "audio").await;
    let idle = Socket::open(&server).await;
    let ending = tokio::task::spawn_blocking(move || server.terminate());
    for mut socket in [socket, idle] {
        assert_eq!(socket.words().await, json!({"type": "shutdown", "reason": "the server is ending"}));
        assert_eq!(socket.closed().await, CloseCode::Away);
    }
    let (status, took) = ending.await.unwrap();
    assert!(status.success() && took.as_secs_f64() < 2.0, "{took:?}");
}

#[tokio::test]
async fn the_end_of_a_token_and_of_a_strict_subscription_are_told() {
    let server = Lab::simulated("dropouts").start();
    let short = server.command(&["token", "create", "--subject", "s", "--scope", "stream:read", "--ttl", "4s"]);
    let mut socket = Socket::bearing(&server, PATH, &short).await;
    let answer = socket.ask(json!({"type": "subscribe", "id": "a", "kind": "audio", "query": "policy=strict"})).await;
    socket.message(kind::GAP, answer["feed"].as_u64().unwrap()).await;
    let ended = json!({"type": "ended", "id": "a", "reason": "samples are missing, and the policy is strict"});
    assert_eq!(socket.words().await, ended);
    socket.subscribe("b", "spectral").await;
    assert_eq!(socket.words().await, json!({"type": "reauth", "reason": "the token has expired"}));
    assert_eq!(socket.closed().await, CloseCode::Policy);
    let admin = Client::with_scope(&server, "admin");
    admin.wait_for_stats("nobody", |stats| stats["active_subscribers"] == 0).await;
    let (_, list) = admin.json("/api/audio/stream/viewers").await;
    let reasons: Vec<_> = list.as_array().unwrap().iter().map(|viewer| &viewer["gone"]["reason"]).collect();
    assert_eq!(reasons, ["reauth", "end"], "the last one first");
}

#[tokio::test]
async fn a_quiet_socket_gets_heartbeats() {
    let server = Lab::simulated("tone").config("stream: {sse_timeout_secs: 0.1}").start();
    let mut socket = Socket::open(&server).await;
    socket.message(kind::HEARTBEAT, 0).await;
    let server = Lab::simulated("tone").config("stream: {sse_timeout_secs: 0.1, enable_heartbeats: false}").start();
    let mut socket = Socket::open(&server).await;
    assert!(matches!(socket.next().await, Some(Message::Ping(_))));
}

#[tokio::test]
async fn who_may_not_is_refused_before_the_socket_opens() {
    let server = Lab::simulated("tone").start();
    let (reader, writer) = (server.token("stream:read"), server.token("events:write"));
    let cookie = format!("photophone_{}={reader}", server.port());
    let table = [
        (vec![], 401),
        (vec![("Authorization", format!("Bearer {writer}"))], 403),
        (vec![("Cookie", cookie.clone()), ("Origin", "http://elsewhere.example".into())], 403),
        (vec![("Cookie", cookie), ("Origin", server.url.clone())], 101),
    ];
    for (headers, status) in table {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match Socket::with(&server, PATH, &headers).await {
            Ok(_) => assert_eq!(status, 101, "{headers:?}"),
            Err(Error::Http(response)) => assert_eq!(response.status(), status, "{headers:?}"),
            Err(error) => panic!("{error}"),
        }
    }
    let (status, error) = Client::reader(&server).json("/api/audio/stream/ws").await;
    assert_eq!((status.as_u16(), &error["error"]["code"]), (426, &"websocket_expected".into()));
    let response = Client::reader(&server).get("/api/audio/stream/ws").await;
    assert_eq!(
        (&response.headers()["upgrade"], &response.headers()["sec-websocket-version"]),
        (&"websocket".parse().unwrap(), &"13".parse().unwrap())
    );
}

#[tokio::test]
async fn a_socket_that_takes_nothing_is_closed() {
    let config = "source: {rate_hz: 192000}\nserver: {stall_secs: 1}";
    let server = Lab::simulated("tone").config(config).start();
    let client = Client::reader(&server);
    let mut socket = Socket::open(&server).await;
    socket.subscribe("a", "audio").await;
    socket.subscribe("b", "levels").await;
    // It is held, and nothing is read from it: neither of its streams is taken.
    client.wait_for_stats("two that stalled", |stats| stats["stalled_viewers"] == 2).await;
    drop(socket);
}

#[tokio::test]
async fn who_takes_no_answers_is_not_listened_to() {
    let server = Lab::simulated("tone").start();
    let mut socket = Socket::open(&server).await;
    // Masked by zeros, and none of the answers is read.
    let pings = [&[0x89, 0x80 | 125, 0, 0, 0, 0][..], &[b'x'; 125]].concat().repeat(500);
    let MaybeTlsStream::Plain(line) = socket.0.get_mut() else { panic!("the socket is plain") };
    let mut taken_bytes = 0;
    // The kernels of both ends hold some megabytes.
    while taken_bytes < 64 << 20 {
        match timeout(Duration::from_secs(2), line.write_all(&pings)).await {
            Ok(written) => written.unwrap(),
            Err(_) => return,
        }
        taken_bytes += pings.len();
    }
    panic!("the server took {taken_bytes} bytes of pings");
}

#[tokio::test]
async fn a_long_message_may_take_longer_than_a_stall() {
    // A kernel tells of room once a third of its buffer is free, which takes this viewer most of a second.
    let server = Lab::simulated("tone").config("server: {stall_secs: 2}").start();
    let mut socket = Socket::open(&server).await;
    let query = "size=65536&policy=lossless";
    socket.say(json!({"type": "subscribe", "id": "a", "kind": "spectral", "query": query})).await;
    let MaybeTlsStream::Plain(line) = socket.0.get_mut() else { panic!("the socket is plain") };
    // A message has 1.3 MB; this viewer takes 0.3 MB per second.
    let mut pace = interval(Duration::from_millis(50));
    let mut piece = vec![0; 16 * 1024];
    for _ in 0..120 {
        pace.tick().await;
        line.read_exact(&mut piece).await.expect("the connection lives");
    }
    assert_eq!(Client::reader(&server).stats().await["stalled_viewers"], 0);
}

#[tokio::test]
async fn answers_and_large_messages_stay_whole_for_who_reads_slowly() {
    const TURNS: usize = 40;
    let config = "source: {rate_hz: 192000}\nstream: {broadcast_buffer_size: 20}";
    let server = Lab::simulated("tone").config(config).start();
    let mut socket = Socket::narrow(&server, PATH, &server.token("stream:read")).await;
    let query = json!({"type": "subscribe", "id": "a", "kind": "audio", "query": "policy=lossless"});
    let feed = socket.ask(query).await["feed"].as_u64().unwrap();
    let (mut ends, mut echoes, mut pongs) = (Vec::new(), Vec::new(), Vec::new());
    // Some 50 KB each, of which the kernels hold few.
    let mut pace = interval(Duration::from_millis(50));
    for turn in 0..TURNS {
        socket.say(json!({"type": "ping", "echo": {"turn": turn, "text": "x".repeat(4000)}})).await;
        socket.0.send(Message::Ping(turn.to_string().into())).await.unwrap();
        pace.tick().await;
        socket.hear_one(feed, &mut ends, &mut echoes, &mut pongs).await;
    }
    while echoes.len() < TURNS || pongs.len() < TURNS {
        socket.hear_one(feed, &mut ends, &mut echoes, &mut pongs).await;
    }
    assert_eq!(echoes, (0..TURNS as u64).collect::<Vec<_>>());
    assert_eq!(pongs, (0..TURNS).map(|turn| turn.to_string()).collect::<Vec<_>>());
    assert!(ends.len() > 5 && ends.windows(2).all(|pair| pair[0].1 == pair[1].0), "{ends:?}");
}

#[tokio::test]
async fn a_subscription_that_takes_long_to_open_holds_up_no_other() {
    // A feed begins with all that is kept, here a while of work.
    let config = "source: {rate_hz: 192000}\nstream: {target_fps: 100, history_mib: 512, broadcast_buffer_size: 20, cores_per_feed: 4}";
    let server = Lab::simulated("tone").config(config).start();
    Client::reader(&server).wait_for_stats("a history", |stats| stats["uptime_secs"].as_f64() > Some(2.5)).await;
    let mut socket = Socket::open(&server).await;
    let feed = socket.subscribe("a", "audio").await;
    let query = "size=65536&overlap=0.9&peaks=64&fps=1000";
    socket.say(json!({"type": "subscribe", "id": "b", "kind": "spectral", "query": query})).await;
    socket.say(json!({"type": "ping", "echo": 1})).await;
    assert_eq!(socket.words().await["type"], "pong", "before the other is open");
    let answer = socket.words().await;
    assert_eq!((&answer["type"], &answer["id"]), (&"subscribed".into(), &"b".into()), "{answer}");
    socket.message(kind::FRAME, feed).await;
}
