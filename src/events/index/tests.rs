//! The index finds what each subscription says by itself, and keeps nothing of what is gone.

use serde_json::json;

use super::*;
use crate::events::test_events::{event, event_with};

fn subscription(value: serde_json::Value) -> Arc<Subscription> {
    Arc::new(serde_json::from_value(value).unwrap())
}

/// The groups of what is found.
fn found(index: &Index<()>, event: &RealtimeEvent) -> Vec<u64> {
    index.matches(event).iter().map(|entry| entry.group).collect()
}

#[test]
fn a_subscription_is_found_once_however_many_of_its_names_mean_the_event() {
    let mut index = Index::default();
    let names = json!({"events": ["a.b.*", "a.*", "a.b.c", "a.b.c"], "environment": "production"});
    index.insert(subscription(names), 1, ());
    index.insert(subscription(json!({"events": ["*", "a.b.c"]})), 0, ());
    assert_eq!(found(&index, &event("a.b.c")), [0, 1]);
    assert_eq!(found(&index, &event("a.x")), [0, 1]);
    assert_eq!(found(&index, &event("a")), [0]);
}

#[test]
fn is_found_by_a_value_of_any_of_its_filters_and_asked_for_the_rest() {
    let mut index = Index::default();
    let filters = json!({"filters": [
        {"property": "n", "operator": "gt", "value": 10},
        {"property": "page.path", "operator": "in", "value": ["/", "/lab", "/"]},
        {"property": "user", "operator": "equals", "value": 1},
    ]});
    index.insert(subscription(filters), 1, ());
    let with = |n, path: &str, user| event_with("x", json!({"n": n, "page": {"path": path}, "user": user}));
    assert_eq!(found(&index, &with(11, "/lab", json!(1.0))), [1]);
    for other in [with(10, "/lab", json!(1)), with(11, "/cell", json!(1)), with(11, "/", json!("1"))] {
        assert!(found(&index, &other).is_empty(), "{other:?}");
    }
}

#[test]
fn entries_come_by_group_and_in_the_order_in_which_they_came() {
    let mut index = Index::default();
    let named = |id: &str, names| subscription(json!({"id": id, "events": names}));
    index.insert(named("d", json!(["x"])), 2, ());
    index.insert(named("a", json!(["*"])), 1, ());
    index.insert(named("c", json!([])), 2, ());
    index.insert(named("b", json!(["x"])), 1, ());
    let ids: Vec<_> = index.matches(&event("x")).iter().map(|entry| entry.subscription.id.clone()).collect();
    assert_eq!(ids, ["a", "b", "d", "c"]);
}

#[test]
fn what_would_take_up_too_many_places_is_found_by_its_name() {
    let mut index = Index::default();
    let names: Vec<_> = (0..100).map(|name| format!("n{name}")).collect();
    let values: Vec<_> = (0..1000).collect();
    let filters = json!([{"property": "a", "operator": "in", "value": values}]);
    let entry = index.insert(subscription(json!({"events": names, "filters": filters})), 1, ());
    assert!(index.places() < 2000, "{}", index.places());
    assert_eq!(found(&index, &event_with("n7", json!({"a": 999}))), [1]);
    assert!(found(&index, &event_with("n7", json!({"a": 1000}))).is_empty());
    index.remove(&entry);
    assert_eq!(index.places(), 0);
}

#[test]
fn removal_is_exact_and_gives_memory_back() {
    let mut index = Index::default();
    let kinds = |number: u64| {
        subscription(match number % 4 {
            0 => json!({"events": [format!("n{number}"), "below.*", "x"]}),
            1 => json!({"events": ["x"], "filters": [{"property": "a", "operator": "equals", "value": number}]}),
            2 => json!({"environment": format!("e{number}")}),
            _ => json!({"filters": [{"property": "a.b", "operator": "in", "value": [number, null]}]}),
        })
    };
    let entries: Vec<_> = (0..4000).map(|number| index.insert(kinds(number), number, ())).collect();
    let full = index.places();
    let (kept, gone): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.group % 100 < 4);
    gone.iter().for_each(|entry| index.remove(entry));
    assert!(index.places() < full / 8, "{} of {full}", index.places());
    let zeros: Vec<u64> = (0..40).map(|hundred| hundred * 100).collect();
    assert_eq!(found(&index, &event("x")), zeros);
    assert_eq!(found(&index, &event_with("y", json!({"a": {"b": null}}))).len(), 40);
    assert_eq!(found(&index, &event_with("x", json!({"a": 101.0}))).last(), Some(&3900));
    // What is not there any more is no reason to stumble.
    gone.iter().for_each(|entry| index.remove(entry));
    kept.iter().for_each(|entry| index.remove(entry));
    assert_eq!(index.places(), 0);
    assert!(gone.iter().chain(&kept).all(|entry| Arc::strong_count(entry) == 1));
}
