//! The layers of a configuration: file, environment and flags, each value checked where it was said.
//!
//! A later layer wins, but a wrong value is a problem even when another layer covers it. Defaults are not a layer:
//! what no layer sets keeps the value of [`Config::default`](super::Config).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::environment::Environment;
use super::keys::{Key, Keys, join};
use super::problem::{Origin, Problem};
use super::yaml::{self, Content, Entry, Node};
use crate::text::shown;

/// A flag of the command line that sets a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    /// The key that it sets, such as `server.port`.
    pub path: &'static str,
    /// The flag with its dashes, for messages.
    pub name: &'static str,
    /// Its value.
    pub value: Value,
}

/// A value and where it was said.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// What the layers say together.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// The winning value of each key that a layer sets, by path.
    pub(super) settings: BTreeMap<String, Setting>,
    pub(super) problems: Vec<Problem>,
    /// What looks like a setting and is most likely somebody else's.
    pub(super) warnings: Vec<Problem>,
    /// Paths of keys whose value was refused in some layer.
    pub(super) refused: BTreeSet<String>,
    /// A file was there but could not be read: which keys are set is not known.
    pub(super) unreadable: bool,
}

impl Layers {
    /// Adds the text of a configuration file; `base` is what its relative paths are relative to.
    pub(super) fn add_file(&mut self, text: &str, file: &Path, base: &Path) {
        let place = FilePlace { file, base };
        match yaml::parse(text) {
            Ok(Node { content: Content::Mapping(entries), .. }) => self.add_entries("", entries, &place),
            Ok(Node { content: Content::Scalar(Value::Null), .. }) => {}
            Ok(Node { line, .. }) => {
                let right = "expected keys with values, such as `stream:` and below it `target_fps: 30`";
                self.add_unreadable(Problem::whole(place.at(line), "is not a mapping", right));
            }
            Err(error) => {
                let origin = Origin::File { file: file.to_owned(), line: error.place.map(|(line, _)| line) };
                let column = error.place.map(|(_, column)| format!(" at column {column}")).unwrap_or_default();
                self.add_unreadable(Problem::whole(
                    origin,
                    format!("is not YAML{column}: {}", shown(&error.reason)),
                    "",
                ));
            }
        }
    }

    /// Notes that a file could not be read.
    pub(super) fn add_unreadable(&mut self, problem: Problem) {
        self.unreadable = true;
        self.problems.push(problem);
    }

    fn add_entries(&mut self, section: &str, entries: Vec<Entry>, place: &FilePlace<'_>) {
        for entry in entries {
            self.add_entry(section, entry, place);
        }
    }

    fn add_entry(&mut self, section: &str, Entry { line, key, node }: Entry, place: &FilePlace<'_>) {
        let path = join(section, &key);
        let is_one_name = !key.contains('.');
        if is_one_name && Keys::all().is_section(&path) {
            match node.content {
                Content::Mapping(entries) => self.add_entries(&path, entries, place),
                Content::Scalar(Value::Null) => {}
                _ => self.add_not_a_section(&path, &node.into_value(), place.at(line)),
            }
        } else if let Some(known) = Keys::all().find(&path).filter(|_| is_one_name) {
            self.add_value(known, node.into_value(), place.at(line), place.base);
        } else {
            self.problems.push(Problem::unknown_key(place.at(line), &path, right_key(section, &key, &path)));
        }
    }

    fn add_not_a_section(&mut self, path: &str, value: &Value, origin: Origin) {
        let expected = format!("keys below it: {}", Keys::all().names_in(path).join(", "));
        self.problems.push(Problem::value(origin, path, value, &expected));
    }

    /// Adds the variables; their relative paths are relative to `base`.
    pub(super) fn add_environment(&mut self, environment: &Environment, base: &Path) {
        for (variable, value) in &environment.settings {
            let origin = Origin::Environment { variable: variable.clone() };
            let Some(key) = Keys::all().find_variable(variable) else {
                self.add_unknown_variable(origin, variable);
                continue;
            };
            match value.to_str() {
                Some(text) => self.add_value(key, variable_value(key, text), origin, base),
                None => {
                    self.refused.insert(key.path.clone());
                    self.problems.push(Problem::whole(origin, "is not UTF-8", format!("expected {}", key.rule)));
                }
            }
        }
    }

    /// A variable of a script around the program, such as `PHOTOPHONE_HOME`, must not keep it from running; a misspelt
    /// key must.
    fn add_unknown_variable(&mut self, origin: Origin, variable: &str) {
        let right = right_variable(variable);
        if Keys::all().claims_variable(variable) {
            self.problems.push(Problem::whole(origin, "is not a known variable", right));
        } else {
            self.warnings.push(Problem::whole(origin, "is not a known variable and sets nothing", right));
        }
    }

    /// Adds the flags; their relative paths are relative to `base`.
    pub(super) fn add_flags(&mut self, flags: &[Flag], base: &Path) {
        for Flag { path, name, value } in flags {
            let origin = Origin::Flag { flag: (*name).to_owned() };
            match Keys::all().find(path) {
                Some(key) => self.add_value(key, value.clone(), origin, base),
                None => self.problems.push(Problem::unknown_key(origin, path, right_key("", path, path))),
            }
        }
    }

    fn add_value(&mut self, key: &Key, value: Value, origin: Origin, base: &Path) {
        let accepted = match key.rule.accept(&value) {
            Some(path) if key.rule.is_path() => based(&path, base),
            Some(value) => Ok(value),
            None => Err(key.rule.expected(&value)),
        };
        match accepted {
            Ok(value) => {
                self.settings.insert(key.path.clone(), Setting { value, origin });
            }
            Err(expected) => {
                self.refused.insert(key.path.clone());
                self.problems.push(Problem::value(origin, &key.path, &value, &expected));
            }
        }
    }
}

/// A configuration file, for origins and relative paths.
struct FilePlace<'a> {
    file: &'a Path,
    base: &'a Path,
}

impl FilePlace<'_> {
    fn at(&self, line: u64) -> Origin {
        Origin::File { file: self.file.to_owned(), line: Some(line) }
    }
}

/// What to write instead of an unknown key.
fn right_key(section: &str, key: &str, path: &str) -> String {
    let keys = Keys::all();
    if let Some((above, name)) = path.rsplit_once('.').filter(|_| key.contains('.') && keys.find(path).is_some()) {
        return format!("write `{above}:` and, indented below it, `{name}:`");
    }
    match keys.nearest(path) {
        Some(near) => format!("did you mean {near}?"),
        None if section.is_empty() => format!("known are {}", keys.names_in(section).join(", ")),
        None => format!("known in {section} are {}", keys.names_in(section).join(", ")),
    }
}

/// What to write instead of an unknown variable.
fn right_variable(variable: &str) -> String {
    match Keys::all().nearest_variable(variable) {
        Some(near) => format!("did you mean {near}?"),
        None => "expected PHOTOPHONE_SECTION__KEY, such as PHOTOPHONE_STREAM__TARGET_FPS".to_owned(),
    }
}

/// The value of a variable, read as what its key takes: text stays text, all else is YAML. An empty variable is as
/// good as none where the key may be absent.
fn variable_value(key: &Key, text: &str) -> Value {
    if text.is_empty() && key.rule.optional {
        return Value::Null;
    }
    if key.rule.is_text() {
        return text.into();
    }
    yaml::parse(text).map_or_else(|_| text.into(), Node::into_value)
}

/// A path relative to `base`, or what would be right when that cannot be said in UTF-8.
fn based(path: &Value, base: &Path) -> Result<Value, String> {
    let Some(text) = path.as_str() else { return Ok(path.clone()) };
    let not_text = || format!("an absolute path, as the name of {} is not UTF-8", base.display());
    base.join(text).to_str().map(Value::from).ok_or_else(not_text)
}
