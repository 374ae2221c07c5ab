//! Measures how many events per second come to disk, from publishing to the commit, and what a question to the past costs.
//!
//! Against, in the same run, on the same disk and with the same settings of SQLite: a plain loop of the same inserts, each
//! its own transaction, and 1000 of them in one. Rounds of all alternate; the table has their medians.

#![expect(clippy::unwrap_used, reason = "a bench that cannot measure ends")]
#![expect(clippy::print_stdout, reason = "the table is what a bench makes")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use photophone::clock::{SharedClock, SystemClock};
use photophone::events::{
    EventQuery, Events, EventsSettings, HistorySettings, HubSettings, RealtimeEvent, Subscription, events_file,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

const ROUNDS: usize = 7;
const EVENTS: usize = 10_000;
const ALONE: usize = 300;

#[tokio::main]
async fn main() {
    let clock = SystemClock::shared();
    let dir = tempfile::tempdir_in(".").unwrap();
    let settings = EventsSettings { environment: "bench".into(), hub: HubSettings::default(), user_timeout_secs: 60 };
    let history = HistorySettings {
        path: events_file(dir.path()),
        retention_days: 30,
        bytes_max: 1 << 30,
        flush: Duration::from_millis(1),
    };
    let (events, writer) = Events::open(settings, history, Arc::clone(&clock)).await.unwrap();
    let writing = tokio::spawn(writer.run());
    let mut plain = plain(&dir).await;
    let mut per_second = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let took = |count: usize, start_us: u64| count as f64 * 1e6 / (clock.now_us() - start_us) as f64;
        let start_us = clock.now_us();
        publish(&events).await;
        per_second[0].push(took(EVENTS, start_us));
        let start_us = clock.now_us();
        insert(&mut plain, EVENTS, 1000).await;
        per_second[1].push(took(EVENTS, start_us));
        let start_us = clock.now_us();
        insert(&mut plain, ALONE, 1).await;
        per_second[2].push(took(ALONE, start_us));
    }
    let rows = ["published, until on disk", "plain inserts, 1000 in a transaction", "plain inserts, each alone"];
    println!("{:52} {:>10}", "events to disk", "events/s");
    for (row, values) in rows.into_iter().zip(per_second) {
        println!("{row:52} {:>10.0}", median(values));
    }
    println!("{:52} {:>10}", format!("100 of {} events", EVENTS * ROUNDS), "ms");
    for name in ["bench.event", "bench.*", "nothing", "nothing.*"] {
        println!("{name:52} {:>10.2}", ask(&events, name, &clock).await);
    }
    events.end();
    writing.await.unwrap();
}

fn event(clock: &SharedClock, number: usize) -> RealtimeEvent {
    let properties: HashMap<_, _> = [("path".into(), "/live".into()), ("number".into(), number.into())].into();
    RealtimeEvent {
        id: format!("00000000-0000-4000-8000-{number:012}"),
        event: "bench.event".into(),
        distinct_id: "somebody".into(),
        timestamp: chrono::DateTime::from_timestamp_micros(clock.utc_us() as i64).unwrap(),
        properties,
        session_id: Some("session".into()),
        environment: "production".into(),
    }
}

async fn publish(events: &Events) {
    let clock = SystemClock::shared();
    (0..EVENTS).for_each(|number| drop(events.hub().publish_now(event(&clock, number))));
    while events.history_metrics().unwrap().pending > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Milliseconds until the answer is there.
async fn ask(events: &Events, name: &str, clock: &SharedClock) -> f64 {
    let subscription = Subscription { events: vec![name.into()], ..Subscription::default() };
    let query = EventQuery { subscription, distinct_id: None, since: None, until: None, limit: 100, cursor: None };
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let start_us = clock.now_us();
        events.past(&query).await.unwrap();
        took.push((clock.now_us() - start_us) as f64 / 1e3);
    }
    median(took)
}

/// A file with the same table.
async fn plain(dir: &TempDir) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(dir.path().join("plain.sqlite")).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let mut connection = options.disable_statement_logging().connect().await.unwrap();
    sqlx::raw_sql(include_str!("../migrations/events/0001_init.sql")).execute(&mut connection).await.unwrap();
    sqlx::query("INSERT INTO run VALUES (1, 'run', 0, 0, 0, NULL)").execute(&mut connection).await.unwrap();
    connection
}

async fn insert(plain: &mut SqliteConnection, count: usize, in_one: usize) {
    const INSERT: &str = "INSERT INTO event \
        (run, seq, id, event, distinct_id, timestamp_us, environment, session_id, json) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)";
    let clock = SystemClock::shared();
    for first in (0..count).step_by(in_one) {
        let mut transaction = plain.begin().await.unwrap();
        for number in first..count.min(first + in_one) {
            let event = event(&clock, number);
            let row =
                sqlx::query(INSERT).bind(number as i64).bind(&event.id).bind(&event.event).bind(&event.distinct_id);
            let row = row.bind(event.timestamp.timestamp_micros()).bind(&event.environment).bind(&event.session_id);
            row.bind(serde_json::to_string(&event).unwrap()).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
