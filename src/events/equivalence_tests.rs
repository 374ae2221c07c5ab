//! A second opinion on what a subscription means, written over the JSON of both: filters and index must agree with it.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use proptest::collection::{hash_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::index::Index;
use super::test_events::event;
use super::{RealtimeEvent, Subscription};

/// Whether the subscription means the event, both as they go over the wire.
fn is_meant(subscription: &Value, event: &Value) -> bool {
    let environment = &subscription["environment"];
    let names = subscription["events"].as_array().unwrap();
    let name = event["event"].as_str().unwrap();
    (environment.is_null() || *environment == event["environment"])
        && (names.is_empty() || names.iter().any(|wanted| is_name(wanted.as_str().unwrap(), name)))
        && subscription["filters"].as_array().unwrap().iter().all(|filter| holds(filter, &event["properties"]))
}

fn is_name(wanted: &str, name: &str) -> bool {
    let (wanted, words): (Vec<_>, Vec<_>) = (wanted.split('.').collect(), name.split('.').collect());
    match wanted.as_slice() {
        ["*"] => true,
        [above @ .., "*"] => words.len() > above.len() && words.starts_with(above),
        _ => words == wanted,
    }
}

fn holds(filter: &Value, properties: &Value) -> bool {
    let (path, wanted) = (filter["property"].as_str().unwrap(), &filter["value"]);
    let nested = properties.pointer(&format!("/{}", path.replace('~', "~0").replace('/', "~1").replace('.', "/")));
    let literal = properties.as_object().unwrap().get(path);
    // A pointer counts the elements of arrays, which a path does not.
    let nested = nested.filter(|_| !path.split('.').any(|word| word.parse::<usize>().is_ok()));
    let operator = filter["operator"].as_str().unwrap();
    let Some(found) = literal.or(nested) else { return operator == "is_not_set" };
    let found_in = |whole: &Value, part: &Value| match (whole, part) {
        (Value::String(whole), Value::String(part)) => whole.split(part.as_str()).count() > 1,
        (Value::Array(whole), part) => whole.iter().any(|one| plain(one) == plain(part)),
        _ => false,
    };
    match operator {
        "equals" => plain(found) == plain(wanted),
        "not_equals" => plain(found) != plain(wanted),
        "contains" => found_in(found, wanted),
        "is_set" => true,
        "is_not_set" => false,
        "gt" => order(found, wanted) == Some(Ordering::Greater),
        "gte" => matches!(order(found, wanted), Some(Ordering::Greater | Ordering::Equal)),
        "lt" => order(found, wanted) == Some(Ordering::Less),
        "lte" => matches!(order(found, wanted), Some(Ordering::Less | Ordering::Equal)),
        "in" => found_in(wanted, found),
        "starts_with" => found.is_string() && found.as_str().unwrap().find(wanted.as_str().unwrap()) == Some(0),
        "regex" => found.is_string() && meets(found.as_str().unwrap(), wanted.as_str().unwrap()),
        other => panic!("{other}"),
    }
}

/// The patterns that are tried, by hand.
fn meets(found: &str, pattern: &str) -> bool {
    match pattern {
        "^a" => found.starts_with('a'),
        "ö$" => found.ends_with('ö'),
        "." => found.chars().any(|c| c != '\n'),
        other => panic!("{other}"),
    }
}

/// A text that is the same for equal values alone: numbers with all their decimals.
fn plain(value: &Value) -> String {
    match value {
        Value::Number(_) => decimals(value),
        Value::Array(values) => format!("[{}]", values.iter().map(plain).collect::<Vec<_>>().join(",")),
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key:?}:{}", plain(value))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        Value::String(text) => format!("{text:?}"),
        Value::Bool(_) | Value::Null => value.to_string(),
    }
}

/// All decimals of a number, of which a float of 64 bits has at most 1074.
fn decimals(value: &Value) -> String {
    let text = value.to_string();
    let is_integer = !text.contains(['.', 'e']);
    let text = if is_integer { text } else { format!("{:.1074}", value.as_f64().unwrap()) };
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.chars().cmp(b.chars())),
        (Value::Number(_), Value::Number(_)) => Some(order_of_decimals(&decimals(a), &decimals(b))),
        _ => None,
    }
}

fn order_of_decimals(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        (whole.len(), whole.to_owned(), rest.to_owned())
    };
    match (a.strip_prefix('-'), b.strip_prefix('-')) {
        (Some(a), Some(b)) => parts(b).cmp(&parts(a)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => parts(a).cmp(&parts(b)),
    }
}

fn scalar() -> impl Strategy<Value = Value> + Clone {
    select(vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-0.0),
        json!(1),
        json!(1.0),
        json!(1.5),
        json!(-2),
        json!(-1.5),
        json!(9_007_199_254_740_992.0),
        json!(9_007_199_254_740_992_u64),
        json!(9_007_199_254_740_993_u64),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(18_446_744_073_709_551_616.0),
        json!(1e300),
        json!(5e-324),
        json!(""),
        json!("a"),
        json!("aö"),
        json!("ö"),
        json!("1"),
        json!("日本"),
        json!("\u{10ffff}"),
        json!("\u{ffff}"),
    ])
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            hash_map(key(), inner, 0..3).prop_map(|entries| json!(entries)),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "ä", "a.b", "a.ä", "b.a.b", ""]).prop_map(str::to_owned)
}

fn filter() -> impl Strategy<Value = Value> {
    let any = select(vec!["equals", "equals", "not_equals", "contains", "is_set", "is_not_set"]);
    let condition = prop_oneof![
        4 => (any, value()).prop_map(|(operator, value)| (operator, value)),
        2 => (select(vec!["gt", "gte", "lt", "lte"]), scalar().prop_filter("orders", |v| v.is_number() || v.is_string())),
        2 => (Just("in"), vec(scalar(), 0..4).prop_map(Value::from)),
        1 => (Just("in"), vec(value(), 0..4).prop_map(Value::from)),
        1 => (Just("starts_with"), select(vec![json!(""), json!("a"), json!("ö")])),
        1 => (Just("regex"), select(vec![json!("^a"), json!("ö$"), json!(".")])),
    ];
    let path = select(vec!["a", "b", "ä", "a.b", "a.ä", "b.a.b", "b.a", "ä.b", "a.0"]);
    (path, condition)
        .prop_map(|(path, (operator, value))| json!({"property": path, "operator": operator, "value": value}))
}

fn subscription() -> impl Strategy<Value = Value> {
    let name = select(vec!["*", "x", "x.*", "x.y", "x.y.*", "x.y.z", "y", "ü.*", "$pageview"]);
    let filters = prop_oneof![2 => vec(filter(), 0..2), 1 => vec(filter(), 2..4)];
    (vec(name, 0..4), filters, option::of(select(vec!["production", "test"]))).prop_map(
        |(events, filters, environment)| json!({"events": events, "filters": filters, "environment": environment}),
    )
}

fn random_event() -> impl Strategy<Value = RealtimeEvent> {
    let name = select(vec!["x", "x.y", "x.y.z", "x.y.z.u", "y", "ü.x", "xy", "$pageview", ""]);
    let environment = select(vec!["production", "test", "other"]);
    (name, environment, hash_map(key(), value(), 0..4)).prop_map(|(name, environment, properties)| RealtimeEvent {
        environment: environment.to_owned(),
        properties: HashMap::from_iter(properties),
        ..event(name)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn subscriptions_and_index_mean_what_the_json_says(
        written in vec(subscription(), 1..20),
        events in vec(random_event(), 1..6),
        gone in vec(any::<bool>(), 20),
    ) {
        let read: Vec<Arc<Subscription>> =
            written.iter().map(|one| Arc::new(serde_json::from_value(one.clone()).unwrap())).collect();
        let mut index = Index::default();
        let entries: Vec<_> =
            read.iter().enumerate().map(|(at, one)| index.insert(Arc::clone(one), at as u64, ())).collect();
        for (at, entry) in entries.iter().enumerate() {
            if gone[at] {
                index.remove(entry);
            }
        }
        for event in &events {
            let json = serde_json::to_value(event).unwrap();
            let meant: Vec<bool> = written.iter().map(|one| is_meant(one, &json)).collect();
            let matched: Vec<bool> = read.iter().map(|one| one.matches(event)).collect();
            prop_assert_eq!(&matched, &meant, "{}", json);
            let found: Vec<u64> = index.matches(event).iter().map(|entry| entry.group).collect();
            let expected: Vec<u64> = (0..read.len()).filter(|&at| meant[at] && !gone[at]).map(|at| at as u64).collect();
            prop_assert_eq!(found, expected, "{}", json);
        }
        entries.iter().for_each(|entry| index.remove(entry));
        prop_assert_eq!(index.places(), 0);
    }
}

#[test]
fn the_second_opinion_has_one() {
    let event = json!({"event": "x.y", "environment": "test", "properties": {"a": {"b": 1.0}, "n": u64::MAX}});
    let with = |property: &str, operator: &str, value: Value| json!({"events": ["x.*"], "filters": [{"property": property, "operator": operator, "value": value}]});
    for (yes, no) in [
        (with("a.b", "equals", json!(1)), with("a.b", "equals", json!(1.5))),
        (with("n", "gt", json!(9.5)), with("n", "gt", json!(18_446_744_073_709_551_616.0))),
        (with("n", "gt", json!(-9.5)), with("n", "lt", json!(-1e300))),
        (with("a.c", "is_not_set", json!(null)), with("a.c", "not_equals", json!(1))),
    ] {
        assert!(is_meant(&yes, &event), "{yes}");
        assert!(!is_meant(&no, &event), "{no}");
    }
    assert_eq!(decimals(&json!(0.1)).len(), "0.1000000000000000055511151231257827021181583404541015625".len());
}
