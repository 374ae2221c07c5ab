//! A configuration as YAML that can be read back, with a comment behind each key.

use serde_json::Value;

use super::keys::Keys;
use super::yaml;
use crate::text::shown;

/// Column where comments begin, when the value leaves room.
const COMMENT_COLUMN: usize = 40;

/// All keys of `tree` in the order of the structs; `comment` is asked by path.
pub(super) fn yaml(tree: &Value, comment: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    for key in Keys::all().iter() {
        let mut sections: Vec<&str> = key.path.split('.').collect();
        let name = sections.pop().unwrap_or_default();
        let common = open.iter().zip(&sections).take_while(|(a, b)| a == b).count();
        for (depth, section) in sections.iter().enumerate().skip(common) {
            text.push_str(&format!("{}{section}:\n", indent(depth)));
        }
        let value = tree.pointer(&key.pointer()).unwrap_or(&Value::Null);
        let line = format!("{}{name}: {}", indent(sections.len()), yaml::scalar_text(value));
        text.push_str(&format!("{line:<COMMENT_COLUMN$}  # {}\n", shown(&comment(&key.path))));
        open = sections;
    }
    text
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}
