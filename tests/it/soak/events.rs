//! Readers of events come and go, 40 at a time for three seconds or 1000 for ten minutes in `make soak`: whoever is told to
//! have joined has left in the end, and nothing stays in memory.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::{JoinHandle, JoinSet};

use crate::support::client::{Client, Events};
use crate::support::forge::{Pen, claims_with, token};
use crate::support::memory::Memory;
use crate::support::server::{Lab, Server, now};
use crate::support::soak;

const USERS: usize = 25;
/// So many events are read at most before a connection is dropped.
const EVENTS_MAX: u32 = 20;
/// Heartbeats come often: that a reader has gone is noticed with the next one, and who waits for events goes on with them.
const CONFIG: &str = "source: { rate_hz: 8000 }\nevents: { per_second: 100000 }\nstream: { sse_timeout_secs: 0.2 }\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_come_and_go_and_the_account_of_them_balances() {
    let seed = soak::seed("events");
    let server = Lab::simulated("tone").config(CONFIG).start();
    let admin = Client::with_scope(&server, "admin");
    let present = tokio::spawn(account(admin.events("/api/realtime/sse?events=user.*,account.closed").await));
    let users: Vec<_> = (0..USERS).map(|user| reader(&server, user)).collect();
    let end = now() + soak::lengthened(Duration::from_secs(3), Duration::from_secs(600));
    let mut readers = JoinSet::new();
    for number in 0..soak::lengthened(40, 1000) {
        readers.spawn(come_and_go(users[number % USERS].clone(), seed.wrapping_add(number as u64), end));
    }
    let memory = tell_until(&server, &admin, end).await;
    let visits: u64 = readers.join_all().await.into_iter().sum();
    drop(users);
    let still_there = balance(&admin, present).await;
    assert!(still_there.values().all(|count| *count == 0), "joined and never left: {still_there:?}");
    assert!(visits > soak::lengthened(40, 1000));
    memory.report_and_check(&format!("{visits} visits"), soak::lengthened(32_000_000, 8_000_000));
}

/// A client of a user of its own.
fn reader(server: &Server, user: usize) -> Client {
    let mut claims = claims_with("scope", json!("events:read"));
    claims["sub"] = json!(format!("user-{user}"));
    Client::bearing(server, token(&json!({ "alg": "HS256" }), &claims, &Pen::of(server)))
}

/// Opens streams until `end`; says how many.
async fn come_and_go(client: Client, seed: u64, end: Instant) -> u64 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut visits = 0;
    while now() < end {
        visits += 1;
        let mut events = client.events("/api/realtime/sse?events=load.*").await;
        for _ in 0..random.next_u32() % EVENTS_MAX {
            events.next_raw().await.expect("the stream ended");
        }
    }
    visits
}

/// Captures events until `end`, and looks at the server's memory.
async fn tell_until(server: &Server, admin: &Client, end: Instant) -> Memory {
    let (start, mut memory) = (now(), Memory::unknown());
    while now() < end {
        capture(admin, "load.word").await;
        memory.look(server, start.elapsed().div_duration_f64(end - start));
    }
    memory
}

async fn capture(admin: &Client, event: &str) {
    let event = json!({ "event": event, "distinct_id": "load", "properties": { "text": "x".repeat(500) } });
    assert_eq!(admin.post("/api/realtime/capture", &event).await.status(), StatusCode::ACCEPTED);
}

/// Who is there, once all have left: the last word of the account is captured behind their leaving.
async fn balance(admin: &Client, present: JoinHandle<HashMap<String, i64>>) -> HashMap<String, i64> {
    let nobody = |users: &Value| {
        let users = users["users"].as_array().unwrap();
        users.iter().all(|user| !user["distinct_id"].as_str().unwrap().starts_with("user-"))
    };
    admin.wait_for("/api/realtime/users", "all users to leave", nobody).await;
    // Presence is told once a second at the latest.
    admin
        .wait_for("/api/realtime/metrics", "their connections to end", |metrics| metrics["active_connections"] == 1)
        .await;
    capture(admin, "account.closed").await;
    present.await.unwrap()
}

/// How often each user has joined and not left, until the account is closed.
async fn account(mut events: Events) -> HashMap<String, i64> {
    let mut there = HashMap::new();
    while let Some(event) = events.next_raw().await {
        let told: Value = serde_json::from_str(&event.data).unwrap();
        let user = told["distinct_id"].as_str().unwrap_or_default().to_owned();
        let change = match told["event"].as_str() {
            Some("user.joined") => 1,
            Some("user.left") => -1,
            Some(_) => break,
            None => continue,
        };
        if user.starts_with("user-") {
            let count = there.entry(user).or_insert(0);
            *count += change;
            assert!((0..=1).contains(count), "twice in a row: {told}");
        }
    }
    there
}
