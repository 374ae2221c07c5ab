//! Which events a subscription means, how it is written, and its bounds.

use serde_json::json;

use super::*;
use crate::events::test_events::event;

fn named(names: &[&str]) -> Subscription {
    Subscription { events: names.iter().map(|&name| name.into()).collect(), ..Subscription::default() }
}

#[test]
fn a_name_is_exact_or_all_below_a_word_or_all() {
    for (names, matched, other) in [
        (&["daemon.state"] as &[_], &["daemon.state"] as &[_], &["daemon", "daemon.state.x", "Daemon.state"] as &[_]),
        (&["daemon.*"], &["daemon.state", "daemon.a.b", "daemon."], &["daemon", "daemons.x", "a.daemon.x", ""]),
        (&["a.b.*"], &["a.b.c"], &["a.c.b", "a.b"]),
        (&["*"], &["daemon", "", "$pageview"], &[]),
        (&[], &["daemon", ""], &[]),
        (&["a", "b.*"], &["a", "b.c"], &["b", "c"]),
        (&["a*", "*.a", "a.*.b", "**", ".*"], &[], &["a", "ab", ".a", "a.x.b", "*", ".*"]),
    ] {
        let subscription = named(names);
        assert!(matched.iter().all(|name| subscription.matches(&event(name))), "{names:?}");
        assert!(!other.iter().any(|name| subscription.matches(&event(name))), "{names:?}");
    }
}

#[test]
fn everything_but_what_is_said_has_a_default() {
    let read = |value| serde_json::from_value::<Subscription>(value);
    assert_eq!(read(json!({})).unwrap(), Subscription::default());
    let all = json!({
        "id": "a",
        "events": ["$pageview"],
        "filters": [{"property": "path", "operator": "equals", "value": "/"}],
        "include_person": true,
        "environment": "production",
    });
    let subscription = read(all.clone()).unwrap();
    assert_eq!(serde_json::to_value(&subscription).unwrap(), all);
    for wrong in [
        json!({"event": ["a"]}),
        json!({"events": "a"}),
        json!({"filters": [{"property": "a", "operator": "like", "value": 1}]}),
    ] {
        assert!(read(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn what_cannot_be_meant_is_told() {
    for name in ["a*", "*.a", "a.*.b", "**", ".*", "a.**"] {
        assert_eq!(named(&[name]).check(), Err(SubscriptionError::Star(name.into())));
    }
    let word = |key, word: &str| {
        let bytes_max = if key == "id" { 64 } else { 200 };
        Err(SubscriptionError::Word { key, word: word.into(), bytes_max })
    };
    assert_eq!(named(&[""]).check(), word("events", ""));
    assert_eq!(Subscription { id: String::new(), ..named(&[]) }.check(), word("id", ""));
    assert_eq!(Subscription { environment: Some(String::new()), ..named(&[]) }.check(), word("environment", ""));
    assert!(Subscription { id: "i".repeat(65), ..named(&[]) }.check().is_err());
    assert_eq!(Subscription { id: "i".repeat(64), ..named(&[]) }.check(), Ok(()));
    assert!(named(&[&"n".repeat(201)]).check().is_err());
    assert_eq!(named(&[&"n".repeat(200)]).check(), Ok(()));
}

#[test]
fn names_and_filters_are_bounded() {
    assert_eq!(named(&["a"; 100]).check(), Ok(()));
    assert_eq!(named(&["a"; 101]).check(), Err(SubscriptionError::TooManyNames(101)));
    let filter = SubscriptionFilter::new("a", "is_set", None).unwrap();
    let filtered = |count| Subscription { filters: vec![filter.clone(); count], ..named(&[]) };
    assert_eq!(filtered(20).check(), Ok(()));
    assert_eq!(filtered(21).check(), Err(SubscriptionError::TooManyFilters(21)));
}
