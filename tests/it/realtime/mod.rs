//! The lab's events over `/api/realtime/ws`.

mod deliveries;
mod model;
mod words;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::{Lab, Server};
use crate::support::socket::Socket;

const PATH: &str = "/api/realtime/ws";

/// The place of an event of another run.
const ELSEWHERE: &str = "00000000-0000-4000-8000-000000000000:7";

/// A server, and who may read and write its events.
struct Bench {
    server: Server,
    reader: Client,
    writer: Client,
}

impl Bench {
    fn new(yaml: &str) -> Self {
        let server = Lab::simulated("tone").config(yaml).start();
        let (reader, writer) =
            (Client::with_scope(&server, "events:read"), Client::with_scope(&server, "events:write"));
        Self { server, reader, writer }
    }

    /// A socket of `ada`.
    async fn socket(&self) -> Socket {
        Socket::bearing(&self.server, PATH, &self.token("ada", "1h")).await
    }

    /// One on which nothing comes but what is subscribed to.
    async fn silent(&self) -> Socket {
        let mut socket = self.socket().await;
        set(&mut socket, json!({"events": ["none"]})).await;
        socket
    }

    fn token(&self, subject: &str, ttl: &str) -> String {
        let args = ["token", "create", "--subject", subject, "--scope", "events:read", "--ttl", ttl];
        self.server.command(&args)
    }

    async fn capture(&self, event: Value) {
        assert_eq!(self.writer.post("/api/realtime/capture", &event).await.status(), StatusCode::ACCEPTED);
    }

    /// Publishes all of them at once.
    async fn batch(&self, events: Vec<Value>) {
        let answer = self.writer.post("/api/realtime/batch", &json!({ "batch": events })).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{:?}", answer.text().await);
    }
}

/// Notes of these numbers.
fn notes(numbers: std::ops::Range<usize>) -> Vec<Value> {
    numbers.map(|n| json!({"event": "note", "properties": {"n": n}})).collect()
}

/// Sets a subscription; gives the place in the answer, which comes before anything else that is no delivery.
async fn set(socket: &mut Socket, mut subscription: Value) -> String {
    let id = subscription.get("id").cloned().unwrap_or_else(|| json!("default"));
    subscription["type"] = json!("subscribe");
    socket.say(subscription).await;
    loop {
        let answer = socket.words().await;
        if answer.get("type").is_some() {
            assert_eq!((&answer["type"], &answer["id"]), (&json!("subscribed"), &id), "{answer}");
            assert_eq!(answer.as_object().unwrap().len(), 3, "{answer}");
            return answer["place"].as_str().unwrap().to_owned();
        }
    }
}

/// The next delivery, which nothing but heartbeats comes before.
async fn delivery(socket: &mut Socket) -> Value {
    loop {
        let words = socket.words().await;
        match words.get("type") {
            None => return words,
            Some(kind) => assert_eq!(kind, "heartbeat", "{words}"),
        }
    }
}

/// The number of an event in this run.
fn seq(words: &Value) -> u64 {
    let (_, seq) = words["place"].as_str().unwrap_or_else(|| panic!("{words}")).split_once(':').unwrap();
    seq.parse().unwrap()
}
