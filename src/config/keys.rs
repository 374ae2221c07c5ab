//! Every key of the configuration in the order of the structs, made once from the JSON Schema of [`Config`].
//!
//! A key is named by its path, `stream.target_fps`; what has keys below it is a section.

use std::sync::LazyLock;

use serde_json::{Map, Value};
use strsim::normalized_damerau_levenshtein;

use super::Config;
use super::rule::{Rule, referenced};

/// What every variable of the environment that sets a key begins with.
pub(super) const PREFIX: &str = "PHOTOPHONE_";

/// How alike a suggestion must be, from 0 to 1: one wrong letter in three.
const ALIKE: f64 = 0.66;

/// Longer names get no suggestion: to compare them costs time that grows with their length.
const LONGEST_COMPARED: usize = 100;

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::from_schema(&schema()));

/// The JSON Schema (2020-12) of `config.yaml`, with descriptions, defaults and ranges.
pub fn schema() -> Value {
    let described = schemars::schema_for!(Config).to_value();
    let mut schema = Map::new();
    for first in ["$schema", "title", "description"] {
        schema.insert(first.into(), described[first].clone());
    }
    schema.extend(described.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    schema["title"] = "photophone config.yaml".into();
    schema.into()
}

/// One key that takes a value.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) path: String,
    pub(super) rule: Rule,
}

/// All keys and sections.
#[derive(Debug, Default)]
pub(super) struct Keys {
    keys: Vec<Key>,
    sections: Vec<String>,
}

impl Key {
    /// The variable of the environment that sets it: `PHOTOPHONE_STREAM__TARGET_FPS`.
    pub(super) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.path.replace('.', "__").to_uppercase())
    }

    /// Where it is in a JSON tree of the configuration, as in RFC 6901.
    pub(super) fn pointer(&self) -> String {
        pointer(&self.path)
    }
}

/// The JSON pointer of a path.
pub(super) fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

impl Keys {
    /// The keys of [`Config`].
    pub(super) fn all() -> &'static Self {
        &KEYS
    }

    fn from_schema(schema: &Value) -> Self {
        let mut keys = Self::default();
        keys.add_section("", schema, &schema["$defs"]);
        keys
    }

    fn add_section(&mut self, section: &str, schema: &Value, definitions: &Value) {
        let none = Map::new();
        for (name, property) in schema["properties"].as_object().unwrap_or(&none) {
            let path = join(section, name);
            let definition = referenced(property, definitions).unwrap_or(property);
            if definition.get("properties").is_some() {
                self.sections.push(path.clone());
                self.add_section(&path, definition, definitions);
            } else {
                self.keys.push(Key { path, rule: Rule::from_schema(property, definitions) });
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    pub(super) fn find(&self, path: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.path == path)
    }

    pub(super) fn find_variable(&self, variable: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.variable() == variable)
    }

    /// Whether an unknown variable can only be meant for a key: it has two underscores, or begins with the name of a
    /// section.
    pub(super) fn claims_variable(&self, variable: &str) -> bool {
        let name = variable.trim_start_matches(PREFIX);
        let first = name.split('_').next().unwrap_or_default();
        name.contains("__") || self.is_section(&first.to_lowercase())
    }

    pub(super) fn is_section(&self, path: &str) -> bool {
        self.sections.iter().any(|section| section == path)
    }

    /// What may stand directly in a section (`""` is the whole file), in order.
    pub(super) fn names_in(&self, section: &str) -> Vec<&str> {
        let mut names = Vec::new();
        for key in &self.keys {
            let Some(rest) = key.path.strip_prefix(section) else { continue };
            let rest = if section.is_empty() { Some(rest) } else { rest.strip_prefix('.') };
            let Some(name) = rest.and_then(|rest| rest.split('.').next()) else { continue };
            if names.last() != Some(&name) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The key or section that somebody who wrote `path` most likely meant.
    pub(super) fn nearest(&self, path: &str) -> Option<&str> {
        let paths = self.keys.iter().map(|key| &key.path).chain(&self.sections);
        best(path, paths.map(String::as_str))
    }

    /// The variable that somebody who wrote `variable` most likely meant.
    pub(super) fn nearest_variable(&self, variable: &str) -> Option<String> {
        let path = variable.trim_start_matches(PREFIX).to_lowercase().replace("__", ".");
        let near = best(&path, self.keys.iter().map(|key| key.path.as_str()))?;
        self.find(near).map(Key::variable)
    }
}

/// `section.name`, or `name` at the top.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") }
}

fn best<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if wanted.len() > LONGEST_COMPARED {
        return None;
    }
    let rated = known.map(|path| (likeness(wanted, path), path)).filter(|(likeness, _)| *likeness >= ALIKE);
    rated.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, path)| path)
}

/// How alike two paths are; the right name in the wrong section is nearly the same.
fn likeness(wanted: &str, known: &str) -> f64 {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let whole = normalized_damerau_levenshtein(wanted, known);
    let name = normalized_damerau_levenshtein(&last(wanted), &last(known));
    whole.max(name * 0.9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_understood() {
        for key in Keys::all().iter() {
            assert!(!key.rule.forms.is_empty(), "{}: its schema says nothing that a rule understands", key.path);
        }
    }

    #[test]
    fn keys_come_in_the_order_of_the_structs() {
        let paths: Vec<_> = Keys::all().iter().map(|key| key.path.as_str()).take(5).collect();
        assert_eq!(paths, ["data_dir", "server.address", "server.port", "server.tls.cert", "server.tls.key"]);
        let sections = ["data_dir", "server", "auth", "source", "calibration", "stream", "events", "log"];
        assert_eq!(Keys::all().names_in(""), sections);
        assert_eq!(Keys::all().names_in("server.tls"), ["cert", "key"]);
    }

    #[test]
    fn paths_differ_only_by_more_than_case() {
        let mut variables: Vec<_> = Keys::all().iter().map(Key::variable).collect();
        variables.sort();
        variables.dedup();
        assert_eq!(variables.len(), Keys::all().iter().count());
    }

    #[test]
    fn variables_of_scripts_are_not_claimed() {
        for ours in ["STREAM_TARGET_FPS", "stream_target_fps", "LOG", "STREM__TARGET_FPS", "X__Y", "SERVER_URL"] {
            assert!(Keys::all().claims_variable(&format!("{PREFIX}{ours}")), "{ours}");
        }
        for theirs in ["HOME", "BIN", "PORT", "PORT_8080_TCP_ADDR", "SERVICE_HOST", "DATADIR", "LOGO", ""] {
            assert!(!Keys::all().claims_variable(&format!("{PREFIX}{theirs}")), "{theirs}");
        }
    }

    #[test]
    fn suggests_the_nearest() {
        let table = [
            ("stream.taget_fps", Some("stream.target_fps")),
            ("steam.target_fps", Some("stream.target_fps")),
            ("target_fps", Some("stream.target_fps")),
            ("stream.quality_factor", Some("source.cell.quality_factor")),
            ("sever", Some("server")),
            ("server.tls.certificate_of_the_house", None),
            ("zzz", None),
            ("", None),
        ];
        for (wanted, nearest) in table {
            assert_eq!(Keys::all().nearest(wanted), nearest, "{wanted}");
        }
        let variable = |name| Keys::all().nearest_variable(name);
        assert_eq!(variable("PHOTOPHONE_STREAM_TARGET_FPS").as_deref(), Some("PHOTOPHONE_STREAM__TARGET_FPS"));
        assert_eq!(variable("PHOTOPHONE_HOME"), None);
        assert_eq!(variable("PHOTOPHONE_PORT").as_deref(), Some("PHOTOPHONE_SERVER__PORT"));
        assert_eq!(Keys::all().nearest(&"x".repeat(1_000_000)), None);
    }
}
