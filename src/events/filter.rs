//! Filters: one condition on one property of an event, checked and compiled when it is made.

use std::collections::HashMap;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::operator::Operator;
use super::property;
use crate::text;

/// Longest path of a property, in bytes.
const PATH_BYTES_MAX: usize = 200;

/// Most values of `in`.
const VALUES_MAX: usize = 1000;

/// Longest pattern of `regex`, in bytes.
const PATTERN_BYTES_MAX: usize = 1024;

/// Memory that a compiled pattern may take, and again for what it remembers of its searches, in bytes.
const COMPILED_BYTES_MAX: usize = 256 * 1024;

/// One condition: what `operator` with `value` says of a property. Of a property that is missing only `is_not_set`
/// holds; null is a value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "RawFilter")]
pub struct SubscriptionFilter {
    property: String,
    operator: Operator,
    value: Value,
    /// The value as a pattern, compiled once for all events.
    #[serde(skip)]
    regex: Option<Arc<Regex>>,
}

/// A filter as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFilter {
    property: String,
    operator: String,
    /// None when it is left out, which is not null.
    #[serde(default, deserialize_with = "given")]
    value: Option<Value>,
}

/// Why something is no filter.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FilterError {
    /// There is no such operator.
    #[error("filter on {property:?}: there is no operator {operator:?}{}; one of {}", hint(.nearest), Operator::words())]
    UnknownOperator {
        /// Where it stands.
        property: String,
        /// The word, cut when long.
        operator: String,
        /// The operator that is written almost so.
        nearest: Option<Operator>,
    },
    /// The path is empty or too long.
    #[error("filter on {0:?}: a property is named by 1 to {PATH_BYTES_MAX} bytes")]
    Path(String),
    /// The operator needs a value of another kind, or one at all.
    #[error("filter on {property:?}: {operator} needs {needed} as its value")]
    Value {
        /// Where it stands.
        property: String,
        /// What needs it.
        operator: Operator,
        /// What would be right.
        needed: &'static str,
    },
    /// There are too many values.
    #[error("filter on {property:?}: in takes at most {VALUES_MAX} values, not {count}")]
    TooManyValues {
        /// Where they stand.
        property: String,
        /// As many as there are.
        count: usize,
    },
    /// The pattern is none, or too large.
    #[error("filter on {property:?}: regex {pattern:?}: {reason}")]
    Pattern {
        /// Where it stands.
        property: String,
        /// The pattern, cut when long.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

fn hint(nearest: &Option<Operator>) -> String {
    nearest.map(|nearest| format!(", did you mean {nearest}?")).unwrap_or_default()
}

impl SubscriptionFilter {
    /// A filter on the property that `property` leads to: a key of that very name, or else words with dots between that
    /// lead into objects. `value` may be left out for `is_set` and `is_not_set`, and says nothing there.
    ///
    /// # Errors
    /// [`FilterError`], when the operator is unknown, the value none for it, or one of them too large.
    pub fn new(
        property: impl Into<String>,
        operator: &str,
        value: impl Into<Option<Value>>,
    ) -> Result<Self, FilterError> {
        let (property, value) = (property.into(), value.into());
        if property.is_empty() || property.len() > PATH_BYTES_MAX {
            return Err(FilterError::Path(text::shown(&property)));
        }
        let operator = Operator::from_word(operator).ok_or_else(|| FilterError::UnknownOperator {
            property: text::shown(&property),
            operator: text::shown(operator),
            nearest: Operator::nearest(operator),
        })?;
        check_value(&property, operator, value.as_ref())?;
        let value = value.unwrap_or_default();
        let pattern = value.as_str().filter(|_| operator == Operator::Regex);
        let regex = pattern.map(|pattern| compile(&property, pattern)).transpose()?;
        Ok(Self { property, operator, value, regex })
    }

    /// The path of the property.
    pub fn property(&self) -> &str {
        &self.property
    }

    /// What is asked of it.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// What it is compared with; null where nothing is.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether it holds for these properties.
    pub fn matches(&self, properties: &HashMap<String, Value>) -> bool {
        match property::find(properties, &self.property) {
            Some(found) => self.holds_for(found),
            None => self.operator == Operator::IsNotSet,
        }
    }

    fn holds_for(&self, found: &Value) -> bool {
        let order = || property::compare(found, &self.value);
        match self.operator {
            Operator::Equals => property::equal(found, &self.value),
            Operator::NotEquals => !property::equal(found, &self.value),
            Operator::Contains => contains(found, &self.value),
            Operator::IsSet => true,
            Operator::Gt => order().is_some_and(|order| order.is_gt()),
            Operator::Gte => order().is_some_and(|order| order.is_ge()),
            Operator::Lt => order().is_some_and(|order| order.is_lt()),
            Operator::Lte => order().is_some_and(|order| order.is_le()),
            Operator::In => contains(&self.value, found),
            Operator::StartsWith => texts(found, &self.value).is_some_and(|(found, start)| found.starts_with(start)),
            Operator::Regex => {
                self.regex.as_ref().zip(found.as_str()).is_some_and(|(regex, text)| regex.is_match(text))
            }
            Operator::IsNotSet => false,
        }
    }
}

impl PartialEq for SubscriptionFilter {
    fn eq(&self, other: &Self) -> bool {
        (&self.property, self.operator, &self.value) == (&other.property, other.operator, &other.value)
    }
}

impl TryFrom<RawFilter> for SubscriptionFilter {
    type Error = FilterError;

    fn try_from(raw: RawFilter) -> Result<Self, FilterError> {
        Self::new(raw.property, &raw.operator, raw.value)
    }
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn contains(whole: &Value, part: &Value) -> bool {
    match whole {
        Value::Array(elements) => elements.iter().any(|element| property::equal(element, part)),
        _ => texts(whole, part).is_some_and(|(whole, part)| whole.contains(part)),
    }
}

fn texts<'a>(a: &'a Value, b: &'a Value) -> Option<(&'a str, &'a str)> {
    a.as_str().zip(b.as_str())
}

fn check_value(property: &str, operator: Operator, value: Option<&Value>) -> Result<(), FilterError> {
    let needs = |needed| Err(FilterError::Value { property: text::shown(property), operator, needed });
    match (operator, value) {
        (Operator::IsSet | Operator::IsNotSet, _) => Ok(()),
        (Operator::Equals | Operator::NotEquals | Operator::Contains, Some(_)) => Ok(()),
        (Operator::Equals | Operator::NotEquals | Operator::Contains, None) => needs("anything, if only null,"),
        (Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte, Some(Value::Number(_) | Value::String(_))) => {
            Ok(())
        }
        (Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte, _) => needs("a number or a text"),
        (Operator::In, Some(Value::Array(values))) if values.len() > VALUES_MAX => {
            Err(FilterError::TooManyValues { property: text::shown(property), count: values.len() })
        }
        (Operator::In, Some(Value::Array(_))) => Ok(()),
        (Operator::In, _) => needs("an array of values"),
        (Operator::StartsWith | Operator::Regex, Some(Value::String(_))) => Ok(()),
        (Operator::StartsWith | Operator::Regex, _) => needs("a text"),
    }
}

/// The pattern, whose search takes time in proportion to the text.
fn compile(property: &str, pattern: &str) -> Result<Arc<Regex>, FilterError> {
    let wrong =
        |reason| FilterError::Pattern { property: text::shown(property), pattern: text::cut(pattern).into(), reason };
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(wrong(format!("longer than {PATTERN_BYTES_MAX} bytes")));
    }
    let mut builder = RegexBuilder::new(pattern);
    let compiled = builder.size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX).build();
    compiled.map(Arc::new).map_err(|error| wrong(reason_of(&error)))
}

fn reason_of(error: &regex::Error) -> String {
    match error {
        // Its other lines repeat the pattern.
        regex::Error::Syntax(text) => {
            let last = text.lines().next_back().unwrap_or(text);
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
        regex::Error::CompiledTooBig(_) => "too large, once repetitions are written out; repeat less".to_owned(),
        other => text::one_line(&other.to_string()),
    }
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
