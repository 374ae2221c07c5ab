//! The door to the YAML crate: text to a tree that knows its lines, and one value back to text.
//!
//! YAML 1.2: `yes` and `on` are words, not booleans. Beyond it the crate reads digits with `_` between as a number, and
//! `!!binary` as the text that it encodes. A key that stands twice is refused. It knows nothing of this program's keys.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::options::NonFiniteFloatPolicy;
use serde_saphyr::{Error, MessageFormatter, Spanned, UserMessageFormatter};

/// A piece of a YAML document and the line where it begins, counted from 1.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: u64,
    pub(super) content: Content,
}

/// What a [`Node`] holds.
#[derive(Debug)]
pub(super) enum Content {
    /// A mapping, in the order of the text.
    Mapping(Vec<Entry>),
    /// A list.
    List(Vec<Node>),
    /// Anything else, `null` included. Never an array or an object.
    Scalar(Value),
}

/// One key of a mapping.
#[derive(Debug)]
pub(super) struct Entry {
    /// Line of the key.
    pub(super) line: u64,
    pub(super) key: String,
    pub(super) node: Node,
}

/// Why a text is not YAML.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// Line and column, both counted from 1.
    pub(super) place: Option<(u64, u64)>,
    pub(super) reason: String,
}

/// Reads one YAML document; an empty text is `null`.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| SyntaxError::from(&error))
}

/// One value on one line, quoted where YAML would read it as something else.
pub(super) fn scalar_text(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let mut text = String::new();
    match (value, serde_saphyr::to_fmt_writer_with_options(&mut text, value, options)) {
        (Value::Array(_), _) | (_, Err(_)) => value.to_string(),
        (_, Ok(())) => text.trim_end_matches('\n').to_owned(),
    }
}

impl Node {
    /// The tree without its lines.
    pub(super) fn into_value(self) -> Value {
        match self.content {
            Content::Scalar(value) => value,
            Content::List(nodes) => nodes.into_iter().map(Self::into_value).collect(),
            Content::Mapping(entries) => {
                entries.into_iter().map(|entry| (entry.key, entry.node.into_value())).collect()
            }
        }
    }
}

impl From<&Error> for SyntaxError {
    fn from(error: &Error) -> Self {
        let place = error.location().map(|at| (at.line(), at.column())).filter(|(line, _)| *line > 0);
        let reason = match error.without_snippet() {
            Error::DuplicateMappingKey { key: Some(key), .. } => format!("key {key:?} stands twice"),
            other => UserMessageFormatter.format_message(other).into_owned(),
        };
        Self { place, reason }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        Ok(Self { line: spanned.referenced.line(), content: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping, a list or a value")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = items.next_element()? {
            nodes.push(node);
        }
        Ok(Content::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = map.next_entry::<Spanned<String>, Node>()? {
            entries.push(Entry { line: key.referenced.line(), key: key.value, node });
        }
        Ok(Content::Mapping(entries))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> Value {
        parse(text).map(Node::into_value).unwrap()
    }

    #[test]
    fn reads_yaml_1_2() {
        assert_eq!(value(""), json!(null));
        assert_eq!(value("# only a comment\n"), json!(null));
        assert_eq!(
            value("a: [1, 2.5, x]\nb: {c: yes, d: true}"),
            json!({"a": [1, 2.5, "x"], "b": {"c": "yes", "d": true}})
        );
        assert_eq!(value("a: .inf"), json!({"a": ".inf"}));
        assert_eq!(value("a: &x 1\nb: *x"), json!({"a": 1, "b": 1}));
    }

    #[test]
    fn reads_a_little_more() {
        assert_eq!(value("a: 8_080\nb: 8_\nc: !!binary aGk="), json!({"a": 8080, "b": "8_", "c": "hi"}));
        assert!(parse("a: !!binary /w==").is_err(), "no text");
    }

    #[test]
    fn keys_know_their_lines() {
        let Content::Mapping(top) = parse("# head\na: 1\n\nb:\n\n  c: 2\n").unwrap().content else { unreachable!() };
        assert_eq!((top[0].line, top[1].line), (2, 4));
        let Content::Mapping(inner) = &top[1].node.content else { unreachable!() };
        assert_eq!(inner[0].line, 6);
    }

    #[test]
    fn says_what_is_not_yaml_and_where() {
        let error = |text: &str| parse(text).map(|_| ()).unwrap_err();
        assert_eq!(
            error("a: 1\nb: 2\na: 3"),
            SyntaxError { place: Some((3, 1)), reason: "key \"a\" stands twice".into() }
        );
        assert_eq!(error("a:\n\tb: 1").place, Some((2, 2)));
        assert_eq!(error("a: 1\n---\nb: 1").place, Some((3, 1)));
    }

    #[test]
    fn depth_is_bounded() {
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&format!("{}{}", "[".repeat(1000), "]".repeat(1000))).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in any::<String>()) {
            let written = scalar_text(&Value::String(text.clone()));
            prop_assert!(!written.contains('\n'), "{written:?}");
            prop_assert_eq!(value(&format!("a: {written} # comment")), json!({ "a": text }));
        }

        #[test]
        fn numbers_are_read_back(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
            prop_assert_eq!(value(&format!("a: {}", scalar_text(&json!(number)))), json!({ "a": number }));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-\\[\\]{}:,&*!|>'\"%@`#? \n\ta-c0-9.~<]{0,80}") {
            drop(parse(&text));
        }
    }
}
