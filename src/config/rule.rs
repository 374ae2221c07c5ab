//! What one key takes, made from its JSON Schema, so that the rule stands once: at the field of the section.
//!
//! Understood of the schema: `type`, `enum`, `const`, `oneOf`, `anyOf`, `minimum`, `maximum`, `minLength`, `items`,
//! `$ref` and the formats `ip`, `file` and `directory`. Rules over several keys are in `check`.

use std::fmt;
use std::net::IpAddr;

use serde_json::Value;

/// What a key takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    /// Whether it may be absent.
    pub(super) optional: bool,
    /// One of these.
    pub(super) forms: Vec<Form>,
}

/// One form that a value may have.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    Boolean,
    Integer(Range),
    Number(Range),
    Words(Vec<String>),
    Text { can_be_empty: bool },
    Address,
    File,
    Directory,
    List(Rule),
}

/// An inclusive range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    min: f64,
    max: f64,
}

impl Rule {
    /// The rule that `schema` states; `definitions` are what its `$ref` point into.
    pub(super) fn from_schema(schema: &Value, definitions: &Value) -> Self {
        let mut rule = Self { optional: false, forms: Vec::new() };
        rule.add_schema(schema, definitions);
        rule
    }

    fn add_schema(&mut self, schema: &Value, definitions: &Value) {
        if let Some(definition) = referenced(schema, definitions) {
            self.add_schema(definition, definitions);
        }
        for alternative in ["anyOf", "oneOf"].iter().filter_map(|key| schema[key].as_array()).flatten() {
            self.add_schema(alternative, definitions);
        }
        let words = schema["enum"].as_array().cloned().or_else(|| schema.get("const").map(|word| vec![word.clone()]));
        match (words, &schema["type"]) {
            (Some(words), _) => self.add_words(&words),
            (None, Value::Array(types)) => types.iter().for_each(|name| self.add_type(name, schema, definitions)),
            (None, name) => self.add_type(name, schema, definitions),
        }
    }

    fn add_type(&mut self, name: &Value, schema: &Value, definitions: &Value) {
        let form = match (name.as_str(), schema["format"].as_str()) {
            (Some("null"), _) => {
                self.optional = true;
                return;
            }
            (Some("boolean"), _) => Form::Boolean,
            (Some("integer"), _) => Form::Integer(Range::from_schema(schema)),
            (Some("number"), _) => Form::Number(Range::from_schema(schema)),
            (Some("string"), Some("ip")) => Form::Address,
            (Some("string"), Some("file")) => Form::File,
            (Some("string"), Some("directory")) => Form::Directory,
            (Some("string"), _) => Form::Text { can_be_empty: schema["minLength"].as_u64().unwrap_or(0) == 0 },
            (Some("array"), _) => Form::List(Self::from_schema(&schema["items"], definitions)),
            _ => return,
        };
        self.forms.push(form);
    }

    fn add_words(&mut self, words: &[Value]) {
        let words = words.iter().filter_map(Value::as_str).map(str::to_owned);
        match self.forms.last_mut() {
            Some(Form::Words(known)) => known.extend(words),
            _ => self.forms.push(Form::Words(words.collect())),
        }
    }

    /// The value in the form that the key's type is read from, or none when the rule does not allow it.
    pub(super) fn accept(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Null => self.optional.then_some(Value::Null),
            value => self.forms.iter().find_map(|form| form.accept(value)),
        }
    }

    /// What would be right instead of `value`.
    pub(super) fn expected(&self, value: &Value) -> String {
        let hint = match value {
            Value::Null => ", or no such key",
            Value::Number(_) | Value::Bool(_) if self.is_text() => ", in quotes",
            Value::String(text) if self.is_path() && text.starts_with('~') => ", written out without ~",
            Value::String(_) if self.is_list() => ", in brackets as in [a, b]",
            _ => "",
        };
        format!("{self}{hint}")
    }

    /// Whether every value is text, so that `8080` is text too.
    pub(super) fn is_text(&self) -> bool {
        let is_text = |form: &Form| !matches!(form, Form::Boolean | Form::Integer(_) | Form::Number(_) | Form::List(_));
        self.forms.iter().all(is_text)
    }

    fn is_list(&self) -> bool {
        self.forms.iter().any(|form| matches!(form, Form::List(_)))
    }

    /// Whether the value names a file or directory.
    pub(super) fn is_path(&self) -> bool {
        self.forms.iter().any(|form| matches!(form, Form::File | Form::Directory))
    }
}

impl Form {
    fn accept(&self, value: &Value) -> Option<Value> {
        let fits = match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer(range) => return range.accept_integer(value),
            Self::Number(range) => value.as_f64().is_some_and(|number| range.contains(number)),
            Self::Words(words) => value.as_str().is_some_and(|word| words.iter().any(|known| known == word)),
            Self::Text { can_be_empty } => value.as_str().is_some_and(|text| *can_be_empty || !text.is_empty()),
            Self::Address => value.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok()),
            Self::File | Self::Directory => value.as_str().is_some_and(is_plain_path),
            Self::List(items) => return value.as_array()?.iter().map(|item| items.accept(item)).collect(),
        };
        fits.then(|| value.clone())
    }
}

/// A `~` would become a directory of that name, and NUL ends a path for the system.
fn is_plain_path(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('~') && !text.contains('\0')
}

impl Range {
    fn from_schema(schema: &Value) -> Self {
        let min = schema["minimum"].as_f64().unwrap_or(f64::NEG_INFINITY);
        let max = schema["maximum"].as_f64().unwrap_or(f64::INFINITY);
        Self { min, max }
    }

    fn contains(self, number: f64) -> bool {
        (self.min..=self.max).contains(&number)
    }

    /// `1e3` and `48000.0` are whole numbers too; they become integers, which is what serde asks for.
    fn accept_integer(self, value: &Value) -> Option<Value> {
        let number = value.as_f64().filter(|number| self.contains(*number) && number.fract() == 0.0)?;
        if value.is_f64() { Some(Value::from(number as i64)) } else { Some(value.clone()) }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut alternatives = Vec::new();
        for form in &self.forms {
            match form {
                Form::Words(words) => alternatives.extend(words.iter().cloned()),
                other => alternatives.push(other.to_string()),
            }
        }
        f.write_str(&either(&alternatives))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("true or false"),
            Self::Integer(range) => write!(f, "a whole number{range}"),
            Self::Number(range) => write!(f, "a number{range}"),
            Self::Words(words) => f.write_str(&either(words)),
            Self::Text { can_be_empty: true } => f.write_str("text"),
            Self::Text { can_be_empty: false } => f.write_str("text that is not empty"),
            Self::Address => f.write_str("an IP address such as 127.0.0.1 or ::1"),
            Self::File => f.write_str("the path of a file"),
            Self::Directory => f.write_str("the path of a directory"),
            Self::List(items) => write!(f, "a list, each item {items}"),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min.is_finite(), self.max.is_finite()) {
            (true, true) => write!(f, " from {} to {}", self.min, self.max),
            (true, false) => write!(f, " of at least {}", self.min),
            (false, true) => write!(f, " of at most {}", self.max),
            (false, false) => Ok(()),
        }
    }
}

/// `a, b or c`.
fn either(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.concat(),
    }
}

/// What a schema's `$ref` points to.
pub(super) fn referenced<'a>(schema: &Value, definitions: &'a Value) -> Option<&'a Value> {
    definitions.get(schema["$ref"].as_str()?.strip_prefix("#/$defs/")?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(schema: Value) -> Rule {
        Rule::from_schema(
            &schema,
            &json!({ "Word": { "oneOf": [{ "const": "a" }, { "const": "b" }, { "const": "c" }] } }),
        )
    }

    #[test]
    fn accepts_and_says_what_it_expects() {
        let table = [
            (
                json!({"type": "boolean"}),
                "true or false",
                vec![json!(true)],
                vec![json!("true"), json!(1), json!(null)],
            ),
            (
                json!({"type": ["integer", "null"], "minimum": 1, "maximum": 9}),
                "a whole number from 1 to 9",
                vec![json!(1), json!(9), json!(null)],
                vec![json!(0), json!(10), json!(1.5), json!("1"), json!(-1), json!(u64::MAX)],
            ),
            (
                json!({"type": "number", "minimum": 0.1}),
                "a number of at least 0.1",
                vec![json!(0.1), json!(7)],
                vec![json!(0), json!("x")],
            ),
            (json!({"$ref": "#/$defs/Word"}), "a, b or c", vec![json!("a"), json!("c")], vec![json!("d"), json!(1)]),
            (
                json!({"anyOf": [{"type": "string", "enum": ["fast"]}, {"type": "integer", "maximum": 5}]}),
                "fast or a whole number of at most 5",
                vec![json!("fast"), json!(-5)],
                vec![json!("slow"), json!(6)],
            ),
            (json!({"type": "string"}), "text", vec![json!("")], vec![json!(1), json!(["x"])]),
            (json!({"type": "string", "minLength": 1}), "text that is not empty", vec![json!("x")], vec![json!("")]),
            (
                json!({"type": "string", "format": "ip"}),
                "an IP address such as 127.0.0.1 or ::1",
                vec![json!("::"), json!("10.0.0.1")],
                vec![json!("localhost"), json!("10.0.0.1:80")],
            ),
            (
                json!({"type": "string", "format": "file"}),
                "the path of a file",
                vec![json!("a/b")],
                vec![json!(""), json!("~/a"), json!("a\0b")],
            ),
            (
                json!({"type": "array", "items": {"type": "string"}}),
                "a list, each item text",
                vec![json!([]), json!(["a", "b"])],
                vec![json!("a"), json!([1]), json!(["a", null])],
            ),
        ];
        for (schema, expected, good, bad) in table {
            let rule = rule(schema);
            assert_eq!(rule.to_string(), expected);
            good.iter().for_each(|value| assert_eq!(rule.accept(value).as_ref(), Some(value), "{expected}"));
            bad.iter().for_each(|value| assert_eq!(rule.accept(value), None, "{expected}: {value}"));
        }
    }

    #[test]
    fn a_whole_float_is_an_integer() {
        let rule = rule(json!({"type": "integer", "minimum": 0, "maximum": 100_000}));
        assert_eq!(rule.accept(&json!(48_000.0)), Some(json!(48_000)));
    }
}
