//! `config.yaml` tells the truth: every key with its documentation, what it takes, and its default.

use crate::config::keys::{Keys, join};
use crate::config::tests::documentation;
use crate::config::{Config, from_yaml, schema};

const REFERENCE: &str = include_str!("../../../config.yaml");

/// A key or section of the reference with the comment lines directly above it, joined.
struct Commented {
    path: String,
    comment: String,
}

/// Reads the file by its lines: two spaces per level, a comment block directly above each key.
fn commented_keys() -> Vec<Commented> {
    let (mut found, mut sections, mut comment) = (Vec::new(), Vec::<&str>::new(), Vec::new());
    for line in REFERENCE.lines() {
        let text = line.trim();
        if let Some(words) = text.strip_prefix('#') {
            comment.push(words.trim());
        } else if let Some((name, _)) = text.split_once(':') {
            sections.truncate((line.len() - line.trim_start().len()) / 2);
            let path = join(&sections.join("."), name);
            sections.push(name);
            found.push(Commented { path, comment: std::mem::take(&mut comment).join(" ") });
        } else {
            comment.clear();
        }
    }
    found
}

fn expected_comment(path: &str) -> String {
    match Keys::all().find(path) {
        Some(key) if key.rule.optional => format!("{} [{}, or null]", documentation(path), key.rule),
        Some(key) => format!("{} [{}]", documentation(path), key.rule),
        None => documentation(path),
    }
}

#[test]
fn it_is_the_default() {
    assert_eq!(from_yaml(REFERENCE), Ok(Config::default()));
}

#[test]
fn it_has_every_key_in_the_order_of_the_structs() {
    let keys: Vec<_> = commented_keys().into_iter().map(|key| key.path).collect();
    let keys: Vec<_> = keys.iter().filter(|path| !Keys::all().is_section(path)).collect();
    let known: Vec<_> = Keys::all().iter().map(|key| &key.path).collect();
    assert_eq!(keys, known);
}

#[test]
fn its_comments_are_the_documentation() {
    for Commented { path, comment } in commented_keys() {
        assert!(!documentation(&path).is_empty(), "{path}");
        assert_eq!(comment, expected_comment(&path), "comment of {path} in config.yaml");
    }
}

#[test]
fn the_schema_describes_itself_and_every_section_refuses_unknown_keys() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"]["data_dir"]["format"], "directory");
    let definitions = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for section in definitions.filter(|definition| definition.get("properties").is_some()) {
        assert_eq!(section["additionalProperties"], false, "{section}");
    }
}
