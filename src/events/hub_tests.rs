//! Who gets which event, once and in order; what a slow connection is told; what is left when one is gone.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::clock::{ManualClock, SystemClock};
use crate::events::Set;
use crate::events::queue::Queued;
use crate::events::test_events::{event, event_with};

fn hub(settings: HubSettings) -> RealtimeHub {
    RealtimeHub::with_settings(settings, SystemClock::shared())
}

fn subscription(value: serde_json::Value) -> Subscription {
    serde_json::from_value(value).unwrap()
}

/// What waits: `seq:ids` for an event, with a star where the person is wanted, and `-n` where n were missed.
fn waiting(subscriber: &mut RealtimeSubscriber) -> Vec<String> {
    std::iter::from_fn(|| subscriber.try_recv()).map(|delivery| told(&delivery)).collect()
}

pub(super) fn told(delivery: &Delivery) -> String {
    match delivery {
        Delivery::Event { event, subscription_ids, include_person } => {
            format!("{}:{}{}", event.seq, subscription_ids.join("+"), if *include_person { "*" } else { "" })
        }
        Delivery::Lagged { missed } => format!("-{missed}"),
    }
}

fn seqs(deliveries: &[Delivery]) -> Vec<u64> {
    let seq = |delivery: &Delivery| match delivery {
        Delivery::Event { event, .. } => event.seq,
        Delivery::Lagged { missed } => panic!("{missed} missed"),
    };
    deliveries.iter().map(seq).collect()
}

#[test]
fn a_connection_gets_an_event_once_for_all_its_subscriptions() {
    let hub = hub(HubSettings::default());
    let mut subscriber = hub.connect();
    subscriber.set(subscription(json!({"id": "a", "events": ["x", "x.*"]}))).unwrap();
    subscriber.set(subscription(json!({"id": "b", "include_person": true}))).unwrap();
    let mut other = hub.connect();
    other.set(subscription(json!({"events": ["y"]}))).unwrap();
    for name in ["x", "y", "x.y"] {
        hub.publish_now(event(name));
    }
    assert_eq!(waiting(&mut subscriber), ["1:a+b*", "2:b*", "3:a+b*"]);
    assert_eq!(waiting(&mut other), ["2:default"]);
}

#[test]
fn a_known_id_replaces_and_a_new_one_adds() {
    let hub = hub(HubSettings::default());
    let mut subscriber = hub.connect();
    hub.publish_now(event("x"));
    assert_eq!(subscriber.set(Subscription::default()), Ok(Set::Added));
    assert_eq!(subscriber.set(subscription(json!({"id": "b", "events": ["y"]}))), Ok(Set::Added));
    hub.publish_now(event("x"));
    assert_eq!(subscriber.set(subscription(json!({"events": ["y"]}))), Ok(Set::Replaced));
    hub.publish_now(event("x"));
    hub.publish_now(event("y"));
    assert!(subscriber.unset("b") && !subscriber.unset("b"));
    hub.publish_now(event("y"));
    assert_eq!(subscriber.subscriptions().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["default"]);
    assert_eq!(waiting(&mut subscriber), ["2:default", "4:b+default", "5:default"]);
}

#[test]
fn what_cannot_be_had_leaves_all_as_it_was() {
    let hub = hub(HubSettings::default());
    let mut subscriber = hub.connect();
    let numbered = |number: usize, filters| subscription(json!({"id": format!("n{number}"), "filters": filters}));
    let patterns = |count| json!(vec![json!({"property": "a", "operator": "regex", "value": "a"}); count]);
    for number in 0..99 {
        subscriber.set(numbered(number, json!([]))).unwrap();
    }
    assert_eq!(subscriber.set(numbered(99, patterns(20))), Ok(Set::Added));
    assert_eq!(subscriber.set(numbered(100, json!([]))), Err(SubscriptionError::TooManyOfConnection(100)));
    assert_eq!(subscriber.set(numbered(0, patterns(1))), Err(SubscriptionError::TooManyPatterns(20)));
    assert_eq!(subscriber.set(numbered(99, patterns(19))), Ok(Set::Replaced));
    assert_eq!(subscriber.set(numbered(0, patterns(1))), Ok(Set::Replaced));
    assert!(matches!(subscriber.set(subscription(json!({"events": ["a*"]}))), Err(SubscriptionError::Star(_))));
    assert_eq!(subscriber.subscriptions().count(), 100);
    hub.publish_now(event("x"));
    let Some(Delivery::Event { subscription_ids, .. }) = subscriber.try_recv() else { panic!("nothing") };
    assert_eq!(subscription_ids.len(), 98);
    let too_many = (0..101).map(|number| numbered(number, json!([]))).collect();
    assert!(matches!(hub.resume(too_many, 0), Err(SubscriptionError::TooManyOfConnection(100))));
    assert_eq!(hub.metrics().active_connections, 1);
}

#[test]
fn the_oldest_make_room_and_that_is_told_first() {
    let hub = hub(HubSettings { queue_events: 3, ..HubSettings::default() });
    let mut slow = hub.connect();
    slow.set(Subscription::default()).unwrap();
    (0..5).for_each(|_| drop(hub.publish_now(event("x"))));
    assert_eq!(hub.metrics().queue_depth_max, 3);
    assert_eq!(slow.try_recv().map(|delivery| told(&delivery)).as_deref(), Some("-2"));
    hub.publish_now(event("x"));
    hub.publish_now(event("x"));
    assert_eq!(waiting(&mut slow), ["-2", "5:default", "6:default", "7:default"]);
    assert_eq!((hub.metrics().lagged, hub.metrics().queue_depth_max), (4, 0));
}

#[test]
fn a_queue_is_bounded_in_memory() {
    let length = size_of::<Queued>() + hub(HubSettings::default()).publish_now(event("x")).size_bytes();
    let hub = hub(HubSettings { queue_bytes: 2 * length, ..HubSettings::default() });
    let mut slow = hub.connect();
    slow.set(Subscription::default()).unwrap();
    (0..3).for_each(|_| drop(hub.publish_now(event("x"))));
    assert_eq!(waiting(&mut slow), ["-1", "2:default", "3:default"]);
    hub.publish_now(event("x"));
    hub.publish_now(event(&"x".repeat(2 * length)));
    hub.publish_now(event("x"));
    assert_eq!(waiting(&mut slow), ["-2", "6:default"], "one that is too long by itself is missed as well");
    // 2 bytes of JSON each, and many times that in memory.
    let zeros = vec![0; 2 * length / 16];
    hub.publish_now(event_with("x", json!({ "zeros": zeros })));
    assert_eq!(waiting(&mut slow), ["-1"], "what counts is the memory that is held");
}

#[test]
fn what_was_published_before_a_subscription_can_be_told_apart() {
    let hub = hub(HubSettings { queue_events: 2, ..HubSettings::default() });
    let mut subscriber = hub.connect();
    assert_eq!(subscriber.place(), Some(0));
    subscriber.set(Subscription::default()).unwrap();
    hub.publish_now(event("x"));
    assert_eq!(subscriber.place(), None, "one waits");
    assert_eq!(subscriber.set_behind(subscription(json!({"id": "b"}))), Ok((Set::Added, 1)));
    hub.publish_now(event("x"));
    let until = |subscriber: &mut RealtimeSubscriber, seq| {
        std::iter::from_fn(|| subscriber.try_recv_until(seq)).map(|delivery| told(&delivery)).collect::<Vec<_>>()
    };
    assert_eq!(until(&mut subscriber, 1), ["1:default"]);
    assert_eq!(subscriber.unset_behind("default"), Some(2));
    assert_eq!(subscriber.unset_behind("default"), None);
    assert_eq!(until(&mut subscriber, 2), ["2:default+b"]);
    assert_eq!(subscriber.place(), Some(2));
    (0..3).for_each(|_| drop(hub.publish_now(event("x"))));
    assert_eq!(until(&mut subscriber, 3), ["-1"]);
    assert_eq!(until(&mut subscriber, 5), ["4:b", "5:b"]);
    hub.publish_now(event("x"));
    drop(hub);
    assert_eq!(until(&mut subscriber, 5), [""; 0]);
    assert_eq!(until(&mut subscriber, 6), ["6:b"]);
}

#[tokio::test]
async fn nothing_is_left_of_who_is_gone() {
    let hub = hub(HubSettings::default());
    let subscribers: Vec<_> = (0..500)
        .map(|number| {
            let mut subscriber = hub.connect();
            let filter = json!({"property": "n", "operator": "equals", "value": number});
            subscriber
                .set(subscription(json!({"events": ["x", format!("n{number}.*")], "filters": [filter]})))
                .unwrap();
            subscriber.set(subscription(json!({"id": "b", "environment": format!("e{number}")}))).unwrap();
            subscriber
        })
        .collect();
    let meant = subscription(json!({"events": ["a*"]}));
    let misunderstood = hub.subscribe(meant).await;
    assert_eq!((hub.metrics().active_connections, hub.metrics().total_connections), (501, 501));
    drop((subscribers, misunderstood));
    let metrics = hub.metrics();
    assert_eq!((metrics.active_connections, metrics.total_connections, hub.index_places()), (0, 501, 0));
    assert_eq!(Arc::strong_count(&hub.shared), 1);
}

#[tokio::test]
async fn a_reader_that_waits_is_woken_and_ends_with_the_hub() {
    let hub = hub(HubSettings::default());
    let mut subscriber = hub.subscribe(Subscription::default()).await;
    let reader = tokio::spawn(async move {
        let mut all = Vec::new();
        while let Some(delivery) = subscriber.recv().await {
            all.push(told(&delivery));
        }
        all
    });
    tokio::task::yield_now().await;
    hub.publish(event("x")).await;
    tokio::task::yield_now().await;
    hub.publish(event("x")).await;
    drop(hub);
    let all = tokio::time::timeout(Duration::from_secs(20), reader).await.unwrap().unwrap();
    assert_eq!(all, ["1:default", "2:default"]);
}

#[tokio::test]
async fn the_newest_come_first_and_metrics_tell_what_was() {
    let clock = ManualClock::starting_at(1_700_000_000_000_000);
    let hub = RealtimeHub::with_settings(HubSettings { recent_events: 2, ..HubSettings::default() }, clock.clone());
    for name in ["a", "b", "c"] {
        hub.publish(event(name)).await;
    }
    clock.advance_us(2_000_000);
    let names = |events: Vec<RealtimeEvent>| events.into_iter().map(|event| event.event).collect::<Vec<_>>();
    assert_eq!(names(hub.get_recent_events(9).await), ["c", "b"]);
    assert_eq!(names(hub.get_recent_events(1).await), ["c"]);
    let expected = RealtimeMetrics { events_total: 3, events_per_second: 1.5, ..RealtimeMetrics::default() };
    assert_eq!(hub.get_metrics().await, expected);
}

#[test]
fn history_has_what_is_meant_and_says_where_it_begins() {
    let hub = hub(HubSettings { recent_events: 4, ..HubSettings::default() });
    let resume = |after| hub.resume(vec![subscription(json!({"events": ["x"]}))], after).unwrap();
    for name in ["x", "y", "x", "y", "x", "x"] {
        hub.publish_now(event(name));
    }
    let mut resumed = resume(3);
    assert_eq!((seqs(&resumed.history), resumed.missed), (vec![5, 6], None));
    hub.publish_now(event("x"));
    assert_eq!(waiting(&mut resumed.subscriber), ["7:default"]);
    for unknown in [1, 99] {
        let resumed = resume(unknown);
        assert_eq!((seqs(&resumed.history), resumed.missed), (vec![5, 6, 7], Some(OutOfHistory { oldest: 4 })));
    }
    assert_eq!(hub.recent_after(5).unwrap().iter().map(|event| event.seq).collect::<Vec<_>>(), [6, 7]);
    assert_eq!(hub.recent_after(1).unwrap_err(), OutOfHistory { oldest: 4 });
}

/// Room for so many events everywhere.
fn roomy(events: usize) -> HubSettings {
    HubSettings { recent_events: events, recent_bytes: usize::MAX, queue_events: events, queue_bytes: usize::MAX }
}

/// Publishes `each` events from each of four threads, of which one is named after its thread; `meanwhile` runs beside.
fn publish_from_four_threads(hub: &RealtimeHub, each: usize, meanwhile: impl FnOnce()) {
    thread::scope(|scope| {
        for name in ["x.0", "x.1", "x.2", "x.3"] {
            let publish = move |number: usize| hub.publish_now(RealtimeEvent { id: number.to_string(), ..event(name) });
            scope.spawn(move || (0..each).for_each(|number| drop(publish(number))));
        }
        meanwhile();
    });
}

#[test]
fn all_queues_have_the_order_of_the_numbers() {
    const EACH: usize = 2000;
    let hub = hub(roomy(4 * EACH));
    let connect = |names| {
        let mut subscriber = hub.connect();
        subscriber.set(subscription(json!({"events": names}))).unwrap();
        subscriber
    };
    let subscribers = [connect(json!([])), connect(json!(["x.*"])), connect(json!(["x.1", "x.3"]))];
    publish_from_four_threads(&hub, EACH, || ());
    let recent: Vec<u64> = hub.recent_after(0).unwrap().iter().map(|event| event.seq).collect();
    assert_eq!(recent, (1..=4 * EACH as u64).collect::<Vec<_>>());
    for (mut subscriber, of_threads) in subscribers.into_iter().zip([4, 4, 2]) {
        let all: Vec<_> = std::iter::from_fn(|| subscriber.try_recv()).collect();
        let numbers = seqs(&all);
        assert_eq!(numbers.len(), of_threads * EACH);
        assert!(numbers.is_sorted_by(|a, b| a < b));
        let of_thread = |name: &str| {
            let event = |delivery: &Delivery| match delivery {
                Delivery::Event { event, .. } if event.event.event == name => event.event.id.parse::<usize>().ok(),
                _ => None,
            };
            all.iter().filter_map(event).collect::<Vec<_>>()
        };
        assert_eq!(of_thread("x.1"), (0..EACH).collect::<Vec<_>>());
    }
}

#[test]
fn who_resumes_among_publishers_loses_nothing_and_gets_nothing_twice() {
    const EACH: usize = 3000;
    let hub = hub(roomy(4 * EACH));
    let mut last = 0;
    let mut take = |delivery: Delivery| {
        assert_eq!(seqs(&[delivery]), [last + 1]);
        last += 1;
        last
    };
    publish_from_four_threads(&hub, EACH, || {
        let mut after = 0;
        while after < 4 * EACH as u64 {
            let mut resumed = hub.resume(vec![Subscription::default()], after).unwrap();
            assert_eq!(resumed.missed, None);
            let live = std::iter::from_fn(|| resumed.subscriber.try_recv()).take(20);
            after = resumed.history.into_iter().chain(live).map(&mut take).last().unwrap_or(after);
        }
    });
}
