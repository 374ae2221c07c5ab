//! The past on disk: whatever is published, written, removed and asked, beside a model of it that is a list; and files
//! that are broken, held by somebody, or of an earlier run.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::DateTime;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use crate::clock::ManualClock;
use crate::events::test_events::event_with;
use crate::events::{Events, EventsSettings, HubSettings, RealtimeEvent, Subscription};

/// 2023-11-14T22:13:20Z, in seconds.
const START_SECS: i64 = 1_700_000_000;

const SECOND_US: u64 = 1_000_000;

pub(in crate::events) struct Lab {
    pub(in crate::events) events: Events,
    pub(in crate::events) writer: HistoryWriter,
    pub(in crate::events) clock: Arc<ManualClock>,
}

pub(in crate::events) fn settings(dir: &TempDir) -> HistorySettings {
    let path = events_file(dir.path());
    HistorySettings { path, retention_days: 30, bytes_max: 1 << 30, flush: Duration::from_millis(500) }
}

pub(in crate::events) async fn lab_with(history: HistorySettings, recent_events: usize) -> Lab {
    let clock = ManualClock::starting_at(START_SECS as u64 * SECOND_US);
    let hub = HubSettings { recent_events, ..HubSettings::default() };
    let settings = EventsSettings { environment: "test".into(), hub, user_timeout_secs: 60 };
    let (events, writer) = Events::open(settings, history, clock.clone()).await.unwrap();
    Lab { events, writer, clock }
}

/// Takes the events of these places out of the file.
pub(in crate::events) async fn remove(dir: &TempDir, places: &[i64]) {
    let mut file = connect(dir).await;
    for place in places {
        sqlx::query("DELETE FROM event WHERE place = ?").bind(place).execute(&mut file).await.unwrap();
    }
}

/// Gives the table of events another name: whoever asks for it gets an error.
pub(in crate::events) async fn rename(dir: &TempDir, from: &str, to: &str) {
    let sql = AssertSqlSafe(format!("ALTER TABLE {from} RENAME TO {to}"));
    sqlx::query(sql).execute(&mut connect(dir).await).await.unwrap();
}

/// An event with an id of its own, so many seconds after the start.
fn event(name: &str, at_secs: i64, n: i64) -> RealtimeEvent {
    static IDS: AtomicU64 = AtomicU64::new(0);
    RealtimeEvent {
        id: IDS.fetch_add(1, Ordering::Relaxed).to_string(),
        timestamp: DateTime::from_timestamp(START_SECS + at_secs, 0).unwrap(),
        ..event_with(name, json!({ "n": n }))
    }
}

fn all() -> EventQuery {
    EventQuery {
        subscription: Subscription::default(),
        distinct_id: None,
        since: None,
        until: None,
        limit: 1000,
        cursor: None,
    }
}

/// The ids that the query gives, going on until there is nothing more.
async fn walk_through(events: &Events, mut query: EventQuery, mut between: impl FnMut()) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = events.past(&query).await.unwrap().page;
        assert!(page.events.len() <= query.limit, "{}", page.events.len());
        assert!(page.events.len() == query.limit || page.cursor.is_none() || !page.complete);
        ids.extend(page.events.into_iter().map(|event| event.id));
        let Some(cursor) = page.cursor else { return ids };
        query.cursor = Some(cursor);
        between();
    }
}

#[derive(Clone, Debug)]
enum Step {
    Publish(Vec<(&'static str, i64, i64)>),
    Write,
    Ask { query: EventQuery, between: Option<(&'static str, i64, i64)> },
}

fn told() -> impl Strategy<Value = (&'static str, i64, i64)> {
    (select(vec!["x", "x.a", "x.b.c", "y", "x-"]), 0i64..20, 0i64..3)
}

fn query() -> impl Strategy<Value = EventQuery> {
    let names = vec(select(vec!["x", "x.*", "y", "*"]), 0..3);
    let filters = select(vec![json!([]), json!([{"property": "n", "operator": "equals", "value": 1}])]);
    let time = || option::of((0i64..20).prop_map(|secs| EventTime((START_SECS + secs) * SECOND_US as i64)));
    let whose = option::of(select(vec!["user-1".to_owned(), "nobody".to_owned()]));
    (names, filters, time(), time(), whose, 1usize..9).prop_map(
        |(events, filters, since, until, distinct_id, limit)| {
            let subscription = serde_json::from_value(json!({ "events": events, "filters": filters })).unwrap();
            EventQuery { subscription, distinct_id, since, until, limit, cursor: None }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => vec(told(), 1..15).prop_map(Step::Publish),
        2 => Just(Step::Write),
        3 => (query(), option::of(told())).prop_map(|(query, between)| Step::Ask { query, between }),
    ]
}

/// What the model gives: of all events in the order of their publication, those that are meant, the newest first.
fn expected(published: &[RealtimeEvent], query: &EventQuery) -> Vec<String> {
    let time = |event: &RealtimeEvent| EventTime(event.timestamp.timestamp_micros());
    let is_meant = |event: &&RealtimeEvent| {
        query.since.is_none_or(|since| time(event).0 >= since.0)
            && query.until.is_none_or(|until| time(event).0 < until.0)
            && query.distinct_id.as_ref().is_none_or(|id| *id == event.distinct_id)
            && query.subscription.matches(event)
    };
    let mut meant: Vec<_> = published.iter().filter(is_meant).collect();
    // Stable: of one time, the last that was published comes first.
    meant.reverse();
    meant.sort_by_key(|event| std::cmp::Reverse(event.timestamp));
    meant.into_iter().map(|event| event.id.clone()).collect()
}

async fn goes_as_the_model(steps: Vec<Step>) {
    let dir = tempfile::tempdir().unwrap();
    let mut lab = lab_with(settings(&dir), 10_000).await;
    let mut published = Vec::new();
    let publish = |lab: &Events, published: &mut Vec<RealtimeEvent>, (name, at_secs, n)| {
        let event = event(name, at_secs, n);
        lab.hub().publish_now(event.clone());
        published.push(event);
    };
    for step in steps {
        match step {
            Step::Publish(told) => told.into_iter().for_each(|told| publish(&lab.events, &mut published, told)),
            Step::Write => lab.writer.write().await.unwrap(),
            Step::Ask { query, between } => {
                let expected = expected(&published, &query);
                let before: Vec<_> = published.iter().map(|event| event.id.clone()).collect();
                let found = walk_through(&lab.events, query, || {
                    between.iter().for_each(|told| publish(&lab.events, &mut published, *told));
                })
                .await;
                // What comes while somebody walks may be met or not; all else is met once, in order.
                let found: Vec<_> = found.into_iter().filter(|id| before.contains(id)).collect();
                assert_eq!(found, expected);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn a_walk_meets_each_event_once_whatever_comes_meanwhile(steps in vec(step(), 1..20)) {
        Runtime::new().unwrap().block_on(goes_as_the_model(steps));
    }
}

#[tokio::test]
async fn in_memory_only_the_same_can_be_asked() {
    let clock = ManualClock::starting_at(START_SECS as u64 * SECOND_US);
    let settings = EventsSettings { environment: "test".into(), hub: HubSettings::default(), user_timeout_secs: 60 };
    let events = Events::new(settings, clock);
    let told: Vec<_> = (0..30).map(|n| event(["x", "y"][n as usize % 2], n / 3, n)).collect();
    told.iter().for_each(|event| drop(events.hub().publish_now(event.clone())));
    let subscription = Subscription { events: vec!["y".into()], ..Subscription::default() };
    let query = EventQuery { subscription, limit: 4, ..all() };
    assert_eq!(walk_through(&events, query.clone(), || ()).await, expected(&told, &query));
    let past = events.past(&query).await.unwrap();
    assert_eq!((past.durable_until, past.flush), (None, None));
    assert!(events.history_metrics().is_none());
}

#[tokio::test]
async fn what_is_older_than_its_days_goes_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut lab = lab_with(HistorySettings { retention_days: 2, ..settings(&dir) }, 10).await;
    for day in 0..5 {
        for _ in 0..1100 {
            lab.events.hub().publish_now(event("x", day * 86_400, 0));
        }
        lab.writer.write().await.unwrap();
        lab.clock.advance_us(86_400 * SECOND_US);
    }
    let kept = || lab.events.history_metrics().unwrap().kept;
    lab.writer.write().await.unwrap();
    lab.writer.remove_if_due().await;
    assert_eq!(kept(), 2200, "what is two days old is not older yet");
    lab.clock.advance_us(11 * SECOND_US);
    lab.writer.remove_if_due().await;
    assert_eq!(kept(), 1100);
    let page = lab.events.past(&EventQuery { limit: 1, ..all() }).await.unwrap().page;
    assert_eq!(page.events[0].timestamp.timestamp(), START_SECS + 4 * 86_400);
}

#[tokio::test]
async fn the_file_is_bounded_and_the_oldest_make_room() {
    let dir = tempfile::tempdir().unwrap();
    let bytes_max = 2 << 20;
    let mut lab = lab_with(HistorySettings { bytes_max, ..settings(&dir) }, 10).await;
    for at_secs in 0..15_000 {
        lab.events.hub().publish_now(event("x", at_secs, 0));
        if at_secs % 1000 == 999 {
            lab.clock.advance_us(11 * SECOND_US);
            lab.writer.write().await.unwrap();
            lab.writer.remove_if_due().await;
        }
    }
    let kept = lab.events.history_metrics().unwrap().kept;
    assert!((2000..9000).contains(&kept), "{kept}");
    // What one round wrote comes on top, and what SQLite has written but not put in its place.
    let length = std::fs::metadata(events_file(dir.path())).unwrap().len();
    assert!(length < bytes_max + (2 << 20), "{length}");
    let page = lab.events.past(&EventQuery { limit: 1, ..all() }).await.unwrap().page;
    assert_eq!(page.events[0].timestamp.timestamp(), START_SECS + 14_999);
}

#[tokio::test]
async fn large_events_go_no_further_than_there_is_too_much_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let bytes_max = 1 << 20;
    let mut lab = lab_with(HistorySettings { bytes_max, ..settings(&dir) }, 10).await;
    let text = "x".repeat(30 << 10);
    let mut ids = Vec::new();
    for at_secs in 0..200 {
        let properties = [("text".to_owned(), json!(text))].into();
        let told = RealtimeEvent { properties, ..event("x", at_secs, 0) };
        ids.push(told.id.clone());
        lab.events.hub().publish_now(told);
    }
    lab.writer.write().await.unwrap();
    for _ in 0..3 {
        lab.writer.remove_if_due().await;
    }
    let kept = lab.events.history_metrics().unwrap().kept;
    assert!((25..35).contains(&kept), "{kept}");
    ids.reverse();
    assert_eq!(walk_through(&lab.events, all(), || ()).await, ids[..kept as usize], "the oldest go");
}

#[tokio::test]
async fn what_cannot_be_removed_keeps_nobody_from_writing() {
    let dir = tempfile::tempdir().unwrap();
    let lab = lab_with(HistorySettings { retention_days: 1, ..settings(&dir) }, 10).await;
    const NEVER: &str = "CREATE TRIGGER never BEFORE DELETE ON event BEGIN SELECT RAISE(FAIL, 'not this'); END";
    sqlx::query(NEVER).execute(&mut connect(&dir).await).await.unwrap();
    lab.events.hub().publish_now(event("x", -2 * 86_400, 0));
    let writing = tokio::spawn(lab.writer.run());
    let metrics = || lab.events.history_metrics().unwrap();
    while metrics().remove_error.is_none() {
        assert_eq!(metrics().last_error, None);
        tokio::task::yield_now().await;
    }
    let failed = metrics();
    assert!(failed.remove_error.unwrap().contains("not this"));
    assert_eq!((failed.kept, failed.pending, failed.last_error), (1, 0, None));
    lab.events.hub().publish_now(event("x", 0, 0));
    lab.events.end();
    writing.await.unwrap();
    assert_eq!((metrics().kept, metrics().pending), (2, 0));
}

#[tokio::test]
async fn what_was_written_is_there_for_the_next_run_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    for run in 0..3 {
        let mut lab = lab_with(settings(&dir), 10).await;
        for n in 0..250 {
            told.push(event("x", run * 10, n));
            lab.events.hub().publish_now(told[told.len() - 1].clone());
        }
        let metrics = lab.events.history_metrics().unwrap();
        assert_eq!((metrics.kept, metrics.pending, metrics.durable_until), (250 * run as u64, 250, None));
        lab.writer.write().await.unwrap();
        let metrics = lab.events.history_metrics().unwrap();
        assert_eq!((metrics.kept, metrics.pending, metrics.lost), (250 * (run as u64 + 1), 0, 0));
        assert_eq!(metrics.durable_until, Some(format!("{}:250", lab.events.run())));
        assert_eq!(walk_through(&lab.events, all(), || ()).await, expected(&told, &all()));
    }
}

#[tokio::test]
async fn a_file_that_is_none_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let clock = ManualClock::starting_at(0);
    let opened = async || {
        let opened = History::open(settings(&dir), Uuid::new_v4(), clock.clone()).await;
        opened.err().map(|error| error.to_string()).unwrap_or_default()
    };
    std::fs::write(events_file(dir.path()), "nonsense ".repeat(1000)).unwrap();
    let error = opened().await;
    assert!(error.contains("events.sqlite: ") && error.contains("not a database"), "{error}");
    assert!(error.contains("move it away") && error.contains("events.retention_days: 0"), "{error}");
    std::fs::remove_file(events_file(dir.path())).unwrap();
    assert_eq!(opened().await, "");
    let mut other = connect(&dir).await;
    sqlx::query("UPDATE _sqlx_migrations SET version = 99").execute(&mut other).await.unwrap();
    let error = opened().await;
    assert!(error.contains("not as this version of the program keeps it"), "{error}");
}

async fn connect(dir: &TempDir) -> SqliteConnection {
    SqliteConnectOptions::new().filename(events_file(dir.path())).connect().await.unwrap()
}

#[tokio::test]
async fn a_file_that_somebody_holds_is_tried_again_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let lab = lab_with(settings(&dir), 10).await;
    let mut holder = connect(&dir).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut holder).await.unwrap();
    let told = event("x", 0, 0);
    lab.events.hub().publish_now(told.clone());
    let writing = tokio::spawn(lab.writer.run());
    let metrics = || lab.events.history_metrics().unwrap();
    while metrics().last_error.is_none() {
        tokio::task::yield_now().await;
    }
    let held = metrics();
    assert_eq!((held.kept, held.pending, held.durable_until), (0, 1, None));
    assert!(held.last_error.unwrap().contains("locked"));
    assert_eq!(walk_through(&lab.events, all(), || ()).await, std::slice::from_ref(&told.id));
    holder.close().await.unwrap();
    while metrics().pending > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(walk_through(&lab.events, all(), || ()).await, [told.id]);
    lab.events.end();
    writing.await.unwrap();
    assert_eq!((metrics().kept, metrics().last_error), (1, None));
}

#[tokio::test]
async fn a_file_that_is_gone_keeps_nothing_and_promises_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut lab = lab_with(settings(&dir), 10).await;
    lab.events.hub().publish_now(event("x", 0, 0));
    lab.writer.write().await.unwrap();
    let path = events_file(dir.path());
    std::fs::rename(&path, dir.path().join("away")).unwrap();
    lab.events.hub().publish_now(event("x", 1, 0));
    let writing = tokio::spawn(lab.writer.run());
    let metrics = || lab.events.history_metrics().unwrap();
    while metrics().last_error.is_none() {
        assert_eq!(metrics().pending, 1);
        tokio::task::yield_now().await;
    }
    let gone = metrics();
    assert_eq!((gone.pending, gone.durable_until), (1, None));
    assert!(gone.last_error.unwrap().contains("gone"));
    std::fs::rename(dir.path().join("away"), &path).unwrap();
    while metrics().pending > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!((metrics().kept, metrics().durable_until), (2, Some(format!("{}:2", lab.events.run()))));
    lab.events.end();
    writing.await.unwrap();
}

#[tokio::test]
async fn an_answer_ends_where_enough_was_read_for_it_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut lab = lab_with(settings(&dir), 10).await;
    let text = "x".repeat(2000);
    for at_secs in 0..10 {
        let properties = [("text".to_owned(), json!(text))].into();
        lab.events.hub().publish_now(RealtimeEvent { properties, ..event("x", at_secs, 0) });
    }
    lab.writer.write().await.unwrap();
    let filters = json!({ "filters": [{ "property": "text", "operator": "equals", "value": "y" }] });
    let nothing = EventQuery { subscription: serde_json::from_value(filters).unwrap(), ..all() };
    let page = lab.events.past(&nothing).await.unwrap().page;
    assert!(page.events.is_empty() && page.cursor.is_some() && !page.complete);
    assert!(walk_through(&lab.events, nothing, || ()).await.is_empty());
    assert_eq!(walk_through(&lab.events, all(), || ()).await.len(), 10);
}

#[test]
fn too_many_who_look_are_no_fault_of_the_file() {
    let errors =
        [sqlx::Error::PoolTimedOut, sqlx::Error::WorkerCrashed].map(|error| HistoryError::from(error).to_string());
    assert!(errors[0].contains("too many") && errors[1].contains("cannot be read"), "{errors:?}");
}
