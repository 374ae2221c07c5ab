//! Measures what it costs to publish an event to the queues of its subscribers: processor time of the publishing thread
//! per event, encoding included, with 100 and with 10 000 subscriptions of which each event matches 3.
//!
//! Against, in the same run: a plain loop that asks every subscription, over the same events, encoded once as well, into
//! queues of the same kind. Both begin with events that are made already; queues are emptied between the rounds, which
//! does not count. Rounds of both alternate; the table has their medians.

#![expect(clippy::unwrap_used, reason = "a bench that cannot measure ends")]
#![expect(clippy::print_stdout, reason = "the table is what a bench makes")]

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::{Arc, Mutex};

use photophone::clock::SystemClock;
use photophone::events::{HubSettings, RealtimeEvent, RealtimeHub, RealtimeSubscriber, Subscription};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

const ROUNDS: usize = 15;
const EVENTS_PER_ROUND: usize = 9900;
const MATCHES: usize = 3;

/// Subscriptions that the plain loop asks per round, at most.
const ASKED_PER_ROUND: usize = 10_000_000;

/// How subscriptions differ.
#[derive(Clone, Copy)]
enum Kind {
    Names,
    Below,
    Values,
    Filters,
}

/// One queue of the plain loop.
struct Listener {
    subscription: Subscription,
    queue: Mutex<VecDeque<Queued>>,
}

/// An event and its JSON.
type Queued = (Arc<RealtimeEvent>, Arc<[u8]>);

fn main() {
    println!(
        "{:52} {:>9} {:>10} {:>10} {:>9} {:>8}",
        "publishing to 3 queues of n subscriptions", "n", "events/s", "us/event", "loop", "ratio"
    );
    for kind in [Kind::Names, Kind::Below, Kind::Values, Kind::Filters] {
        let few_us = row(kind, 100);
        let many_us = row(kind, 10_000);
        println!("{:52} {:>9} {:>10} {:>9.2}x", "", "", "of 100:", many_us / few_us);
    }
}

/// Measures, prints, and answers the microseconds per event of the hub.
fn row(kind: Kind, subscriptions: usize) -> f64 {
    let hub = RealtimeHub::with_settings(HubSettings::default(), SystemClock::shared());
    let mut subscribers: Vec<_> = (0..subscriptions).map(|number| connect(&hub, kind, number)).collect();
    let listeners: Vec<_> = (0..subscriptions).map(|number| Listener::new(kind, number)).collect();
    let loop_events = (ASKED_PER_ROUND / subscriptions).min(EVENTS_PER_ROUND);
    let (mut hub_us, mut loop_us) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let events = events(kind, subscriptions, round * EVENTS_PER_ROUND, EVENTS_PER_ROUND);
        hub_us.push(us_per_event(events, |event| drop(black_box(hub.publish_now(event)))));
        assert_eq!(drain(&mut subscribers), EVENTS_PER_ROUND * MATCHES);
        let events = self::events(kind, subscriptions, round * loop_events, loop_events);
        loop_us.push(us_per_event(events, |event| ask_all(&listeners, event)));
        let delivered: usize = listeners.iter().map(|one| one.queue.lock().unwrap().drain(..).count()).sum();
        assert_eq!(delivered, loop_events * MATCHES);
    }
    let (hub_us, loop_us) = (median(hub_us), median(loop_us));
    println!(
        "{:52} {subscriptions:>9} {:>10.0} {hub_us:>10.2} {loop_us:>9.2} {:>7.2}x",
        kind.name(),
        1e6 / hub_us,
        loop_us / hub_us
    );
    hub_us
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Names => "different names",
            Self::Below => "different names, with a star below",
            Self::Values => "one name, different values of a property",
            Self::Filters => "one name, different values, and three more filters",
        }
    }

    fn subscription(self, number: usize) -> Subscription {
        let group = number / MATCHES;
        let path = json!({"property": "path", "operator": "equals", "value": page(group)});
        let value = match self {
            Self::Names => json!({"events": [name(group)]}),
            Self::Below => json!({"events": [format!("lab{group}.*")]}),
            Self::Values => json!({"events": ["$pageview"], "filters": [path]}),
            Self::Filters => json!({"events": ["$pageview"], "environment": "production", "filters": [
                {"property": "screen.width_px", "operator": "gte", "value": 100},
                {"property": "browser", "operator": "contains", "value": "fox"},
                path,
                {"property": "referrer", "operator": "is_not_set"},
            ]}),
        };
        serde_json::from_value(value).unwrap()
    }

    fn event(self, group: usize) -> RealtimeEvent {
        let name = match self {
            Self::Names | Self::Below => name(group),
            Self::Values | Self::Filters => "$pageview".to_owned(),
        };
        let value = json!({
            "id": "0d9a6b36-5e0a-4a39-9f3c-0a1f6f2f7a11",
            "event": name,
            "distinct_id": "user-17",
            "timestamp": "2026-11-22T03:00:00.125Z",
            "properties": properties(group),
            "session_id": "b1f0",
            "environment": "production",
        });
        serde_json::from_value(value).unwrap()
    }
}

fn name(group: usize) -> String {
    format!("lab{group}.state")
}

fn page(group: usize) -> String {
    format!("/lab/{group}")
}

fn properties(group: usize) -> Value {
    json!({
        "path": page(group),
        "$current_url": format!("https://lab.example{}?tab=spectrum", page(group)),
        "browser": "Firefox",
        "screen": {"width_px": 1920, "height_px": 1080},
        "load_ms": 412.5,
    })
}

impl Listener {
    fn new(kind: Kind, number: usize) -> Self {
        Self { subscription: kind.subscription(number), queue: Mutex::default() }
    }
}

fn connect(hub: &RealtimeHub, kind: Kind, number: usize) -> RealtimeSubscriber {
    let mut subscriber = hub.connect();
    subscriber.set(kind.subscription(number)).unwrap();
    subscriber
}

/// Events of which each matches three subscriptions; the one subscription that is over matches none.
fn events(kind: Kind, subscriptions: usize, first: usize, count: usize) -> Vec<RealtimeEvent> {
    let groups = subscriptions / MATCHES;
    (first..first + count).map(|number| kind.event(number % groups)).collect()
}

/// The plain loop.
fn ask_all(listeners: &[Listener], event: RealtimeEvent) {
    let (json, event): (Arc<[u8]>, _) = (serde_json::to_vec(&event).unwrap().into(), Arc::new(event));
    for listener in listeners {
        if listener.subscription.matches(&event) {
            listener.queue.lock().unwrap().push_back((Arc::clone(&event), Arc::clone(&json)));
        }
    }
}

fn drain(subscribers: &mut [RealtimeSubscriber]) -> usize {
    let deliveries = |one: &mut RealtimeSubscriber| std::iter::from_fn(|| one.try_recv()).count();
    subscribers.iter_mut().map(deliveries).sum()
}

fn us_per_event(events: Vec<RealtimeEvent>, mut publish: impl FnMut(RealtimeEvent)) -> f64 {
    let (count, start_us) = (events.len(), thread_us());
    events.into_iter().for_each(&mut publish);
    (thread_us() - start_us) / count as f64
}

/// Processor time of this thread, in microseconds.
fn thread_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 * 1e-3
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
