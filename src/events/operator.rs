//! The operators of filters: the closed set, and its words.

use std::fmt;

use serde::{Serialize, Serializer};

/// How a filter looks at a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The same value; 1 and 1.0 are the same.
    Equals,
    /// Another value.
    NotEquals,
    /// A text that has the value in it, or an array that has it as an element.
    Contains,
    /// Any value, null included.
    IsSet,
    /// No value: the one operator that a missing property satisfies.
    IsNotSet,
    /// A greater number, or a text later in the order of code points.
    Gt,
    /// The same or a greater one.
    Gte,
    /// A smaller one.
    Lt,
    /// The same or a smaller one.
    Lte,
    /// One of the values of an array.
    In,
    /// A text that begins so.
    StartsWith,
    /// A text in which the pattern (of the crate `regex`) is found.
    Regex,
}

impl Operator {
    /// Every operator, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::Equals,
        Self::NotEquals,
        Self::Contains,
        Self::IsSet,
        Self::IsNotSet,
        Self::Gt,
        Self::Gte,
        Self::Lt,
        Self::Lte,
        Self::In,
        Self::StartsWith,
        Self::Regex,
    ];

    /// Its word in filters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEquals => "not_equals",
            Self::Contains => "contains",
            Self::IsSet => "is_set",
            Self::IsNotSet => "is_not_set",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::In => "in",
            Self::StartsWith => "starts_with",
            Self::Regex => "regex",
        }
    }

    /// The operator of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str() == word)
    }

    /// All words, with commas between.
    pub(super) fn words() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// The operator whose word is the most like this one, if two thirds of it are.
    pub(super) fn nearest(word: &str) -> Option<Self> {
        // The distance takes the product of both lengths.
        let word = word.get(..word.len().min(40))?;
        let distance = |operator: &Self| strsim::osa_distance(operator.as_str(), word);
        let nearest = Self::ALL.into_iter().min_by_key(distance)?;
        (distance(&nearest) <= word.len() / 3).then_some(nearest)
    }
}

impl Serialize for Operator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_and_no_other_is() {
        for operator in Operator::ALL {
            assert_eq!(Operator::from_word(operator.as_str()), Some(operator));
        }
        assert!(["Equals", "", " in", "=="].into_iter().all(|word| Operator::from_word(word).is_none()));
    }

    #[test]
    fn the_nearest_is_near() {
        for (word, nearest) in [
            ("equal", Some(Operator::Equals)),
            ("notequals", Some(Operator::NotEquals)),
            ("starts-with", Some(Operator::StartsWith)),
            ("isset", Some(Operator::IsSet)),
            ("like", None),
            ("", None),
            ("ä", None),
        ] {
            assert_eq!(Operator::nearest(word), nearest, "{word}");
        }
        assert_eq!(Operator::nearest(&"µ".repeat(10_000)), None);
    }
}
