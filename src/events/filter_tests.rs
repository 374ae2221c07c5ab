//! What filters say of properties, and what is no filter.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A filter on `a`.
fn filter(operator: &str, value: Value) -> SubscriptionFilter {
    SubscriptionFilter::new("a", operator, value).unwrap()
}

fn holds(operator: &str, value: Value, found: Value) -> bool {
    filter(operator, value).matches(&HashMap::from([("a".to_owned(), found)]))
}

fn error(property: &str, operator: &str, value: impl Into<Option<Value>>) -> String {
    SubscriptionFilter::new(property, operator, value).unwrap_err().to_string()
}

#[test]
fn each_operator_says_what_it_says() {
    let yes = [
        ("equals", json!(1), json!(1.0)),
        ("equals", json!(null), json!(null)),
        ("not_equals", json!(1), json!("1")),
        ("not_equals", json!(1), json!(null)),
        ("contains", json!("ö"), json!("Größe")),
        ("contains", json!(2.0), json!([1, 2])),
        ("contains", json!([1]), json!([[1.0]])),
        ("is_set", json!(null), json!(null)),
        ("gt", json!(9_007_199_254_740_992.0), json!(9_007_199_254_740_993_u64)),
        ("gte", json!(2), json!(2.0)),
        ("lt", json!("b"), json!("a")),
        ("lte", json!(0), json!(-0.0)),
        ("in", json!([1, "x"]), json!(1.0)),
        ("in", json!([[1]]), json!([1])),
        ("starts_with", json!("/lab"), json!("/lab/1")),
        ("regex", json!("^/(lab|cell)/[0-9]+$"), json!("/cell/17")),
        ("regex", json!("(?i)GRÖSSE"), json!("grösse")),
    ];
    for (operator, value, found) in yes {
        assert!(holds(operator, value.clone(), found.clone()), "{found} {operator} {value}");
    }
    let no = [
        ("equals", json!("A"), json!("a")),
        ("not_equals", json!(1), json!(1.0)),
        ("contains", json!("b"), json!({"b": 1})),
        ("contains", json!(1), json!("1")),
        ("is_not_set", json!(null), json!(null)),
        ("gt", json!(1), json!("2")),
        ("gt", json!(1), json!(1)),
        ("gte", json!("a"), json!(null)),
        ("in", json!([]), json!(null)),
        ("in", json!(["ab"]), json!("a")),
        ("starts_with", json!("b"), json!(["b"])),
        ("regex", json!("1"), json!(1)),
    ];
    for (operator, value, found) in no {
        assert!(!holds(operator, value.clone(), found.clone()), "{found} {operator} {value}");
    }
}

#[test]
fn a_missing_property_satisfies_is_not_set_alone() {
    for operator in Operator::ALL {
        let value = if operator == Operator::In { json!([null]) } else { json!("") };
        let matched = filter(operator.as_str(), value).matches(&HashMap::new());
        assert_eq!(matched, operator == Operator::IsNotSet, "{operator}");
    }
}

#[test]
fn is_written_as_it_was_read() {
    for written in [
        json!({"property": "a.b", "operator": "equals", "value": null}),
        json!({"property": "a", "operator": "regex", "value": "^x"}),
        json!({"property": "a", "operator": "in", "value": [1, "x"]}),
    ] {
        let read: SubscriptionFilter = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), written);
    }
    let short: SubscriptionFilter = serde_json::from_value(json!({"property": "a", "operator": "is_set"})).unwrap();
    assert_eq!((short.operator(), short.value()), (Operator::IsSet, &Value::Null));
    for wrong in [
        json!({"property": "a", "operator": "equals"}),
        json!({"property": "a", "operator": "is_set", "values": 1}),
        json!({"operator": "is_set"}),
    ] {
        assert!(serde_json::from_value::<SubscriptionFilter>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn an_unknown_operator_is_an_error_that_helps() {
    let told = error("a", "equal", json!(1));
    let expected =
        format!("filter on \"a\": there is no operator \"equal\", did you mean equals?; one of {}", Operator::words());
    assert_eq!(told, expected);
    let read = serde_json::from_value::<SubscriptionFilter>(json!({"property": "a", "operator": "like", "value": 1}));
    assert!(read.unwrap_err().to_string().contains("there is no operator \"like\"; one of equals, "));
}

#[test]
fn values_that_can_never_match_are_errors() {
    for (operator, value) in [
        ("gt", json!(true)),
        ("lte", json!(null)),
        ("in", json!("a")),
        ("starts_with", json!(1)),
        ("regex", json!(["a"])),
    ] {
        assert!(error("a", operator, value.clone()).contains(&format!("{operator} needs a")), "{operator} {value}");
    }
    assert_eq!(error("a", "equals", None), "filter on \"a\": equals needs anything, if only null, as its value");
}

#[test]
fn everything_is_bounded() {
    assert!(SubscriptionFilter::new("a".repeat(200), "is_set", None).is_ok());
    assert!(error(&"a".repeat(201), "is_set", None).ends_with("named by 1 to 200 bytes"));
    assert!(error("", "is_set", None).ends_with("named by 1 to 200 bytes"));
    assert!(SubscriptionFilter::new("a", "in", json!(vec![0; 1000])).is_ok());
    assert!(error("a", "in", json!(vec![0; 1001])).ends_with("at most 1000 values, not 1001"));
    assert!(SubscriptionFilter::new("a", "regex", json!("a".repeat(1024))).is_ok());
    assert!(error("a", "regex", json!("a".repeat(1025))).ends_with("longer than 1024 bytes"));
    assert!(error("a", "regex", json!("(\\w{100}){100}")).ends_with("repeat less"));
    assert_eq!(error("a", "regex", json!("(a")), "filter on \"a\": regex \"(a\": unclosed group");
}

proptest! {
    #[test]
    fn any_pattern_compiles_or_is_refused_in_one_line(
        pattern in prop_oneof![any::<String>(), "[()\\[\\]{},.*+?|\\\\^$a-cp<>PSwdDbB0-9:=!\n-]{0,40}"],
        found in any::<String>(),
    ) {
        match SubscriptionFilter::new("a", "regex", json!(pattern)) {
            Ok(filter) => drop(filter.matches(&HashMap::from([("a".to_owned(), json!(found))]))),
            Err(error) => {
                let told = error.to_string();
                prop_assert!(!told.contains('\n') && told.starts_with("filter on \"a\": regex "), "{}", told);
                prop_assert!(!told.ends_with(": "), "{}", told);
            }
        }
    }
}
