//! Properties of an event: where a path leads, when two values are equal, and which is the greater.
//!
//! Numbers are compared by what they stand for: 1 equals 1.0, and integers beyond 2^53 are not rounded on the way. So
//! equality stays transitive, and equal numbers have one [`Scalar`] to be looked up by.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::{Number, Value};

/// Integers that a float may be turned into: those of 64 bits, with sign or without, end below this.
const INTEGERS_END: f64 = 18_446_744_073_709_551_616.0;

/// A value that is no array and no object, in the form in which equal ones are the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Integer(i128),
    /// The bits of a float that is no integer of 64 bits.
    Float(u64),
    Text(Box<str>),
}

impl Scalar {
    /// None for an array or an object.
    pub(super) fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match Exact::of(number) {
                Exact::Integer(integer) => Self::Integer(integer),
                Exact::Float(float) => Self::Float(float.to_bits()),
            },
            Value::String(text) => Self::Text(text.as_str().into()),
            Value::Array(_) | Value::Object(_) => return None,
        })
    }
}

/// What `path` leads to: the property of that very name, or else, word by word, into objects.
pub(super) fn find<'a>(properties: &'a HashMap<String, Value>, path: &str) -> Option<&'a Value> {
    properties.get(path).or_else(|| {
        let (first, rest) = path.split_once('.')?;
        rest.split('.').try_fold(properties.get(first)?, |value, word| value.as_object()?.get(word))
    })
}

/// Whether the values are equal, numbers by what they stand for, however deep they lie.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Exact::of(a) == Exact::of(b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

/// How two numbers or two texts (by code points) compare; none for anything else.
pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Exact::of(a).compare(Exact::of(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// A number in the one form that it has: a float only where it is no integer of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Exact {
    Integer(i128),
    Float(f64),
}

impl Exact {
    fn of(number: &Number) -> Self {
        if let Some(integer) = number.as_i128() {
            return Self::Integer(integer);
        }
        // Without arbitrary precision, a number that is no integer is a float.
        let float = number.as_f64().unwrap_or(f64::NAN);
        let is_integer = float.fract() == 0.0 && float.abs() < INTEGERS_END;
        if is_integer { Self::Integer(float as i128) } else { Self::Float(float) }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Integer(integer), Self::Float(float)) => order(integer, float),
            (Self::Float(float), Self::Integer(integer)) => order(integer, float).map(Ordering::reverse),
        }
    }
}

/// An integer beside a float that is none: rounding either may make them equal, so the float is rounded down instead.
fn order(integer: i128, float: f64) -> Option<Ordering> {
    let is_beyond = float.abs() >= INTEGERS_END;
    match float.partial_cmp(&0.0)? {
        Ordering::Greater if is_beyond => Some(Ordering::Less),
        Ordering::Less if is_beyond => Some(Ordering::Greater),
        _ if integer <= float.floor() as i128 => Some(Ordering::Less),
        _ => Some(Ordering::Greater),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties(value: Value) -> HashMap<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_literal_key_goes_before_a_path() {
        let both = properties(json!({"a.b": 1, "a": {"b": 2, "c": {"d": null}, "e": [7]}}));
        assert_eq!(find(&both, "a.b"), Some(&json!(1)));
        assert_eq!(find(&both, "a.c.d"), Some(&Value::Null));
        assert_eq!(find(&both, "a.c"), Some(&json!({"d": null})));
        for missing in ["b", "a.x", "a.b.c", "a.e.0", "a.", ".a", "", "a.c.d.e"] {
            assert_eq!(find(&both, missing), None, "{missing}");
        }
    }

    #[test]
    fn numbers_are_equal_by_what_they_stand_for() {
        let same = [
            (json!(1), json!(1.0)),
            (json!(0), json!(-0.0)),
            (json!(u64::MAX), json!(u64::MAX)),
            (json!(9_007_199_254_740_992_u64), json!(9_007_199_254_740_992.0)),
            (json!(i64::MIN), json!(-9_223_372_036_854_775_808.0)),
            (json!([1, {"a": 2.0}]), json!([1.0, {"a": 2}])),
        ];
        for (a, b) in same {
            assert!(equal(&a, &b) && equal(&b, &a), "{a} {b}");
            assert_eq!(Scalar::of(&a), Scalar::of(&b));
        }
        let different = [
            (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992.0)),
            (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64)),
            (json!(u64::MAX), json!(18_446_744_073_709_551_616.0)),
            (json!(1), json!("1")),
            (json!(1), json!(true)),
            (json!(0), Value::Null),
            (json!([1]), json!([1, 1])),
            (json!({"a": 1}), json!({"b": 1})),
        ];
        for (a, b) in different {
            assert!(!equal(&a, &b) && !equal(&b, &a), "{a} {b}");
        }
    }

    #[test]
    fn numbers_compare_without_being_rounded() {
        let ascending = [
            json!(-1e300),
            json!(i64::MIN),
            json!(-1.5),
            json!(-1),
            json!(-0.5),
            json!(0),
            json!(0.5),
            json!(1),
            json!(9_007_199_254_740_992.0),
            json!(9_007_199_254_740_993_u64),
            json!(u64::MAX),
            json!(18_446_744_073_709_551_616.0),
        ];
        for (index, a) in ascending.iter().enumerate() {
            for (other, b) in ascending.iter().enumerate() {
                assert_eq!(compare(a, b), Some(index.cmp(&other)), "{a} {b}");
            }
        }
        assert_eq!(compare(&json!("ä"), &json!("z")), Some(Ordering::Greater));
        assert_eq!(compare(&json!(1), &json!("1")), None);
        assert_eq!(compare(&Value::Null, &Value::Null), None);
    }
}
