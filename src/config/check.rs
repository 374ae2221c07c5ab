//! Rules over several keys together. Each section states its own in `check`, with the words of this file; what one
//! key takes by itself is its field's schema.

use serde_json::Value;

use super::keys::pointer;
use super::layers::Layers;
use super::problem::{Origin, Problem};

/// Collects what the sections find.
#[derive(Debug)]
pub(super) struct Check<'a> {
    layers: &'a Layers,
    /// The whole configuration as JSON, to show values.
    tree: &'a Value,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    pub(super) fn new(layers: &'a Layers, tree: &'a Value) -> Self {
        Self { layers, tree, problems: Vec::new() }
    }

    /// The value of `path` does not go with the values of `others`; `expected` says what would.
    ///
    /// Silent when one of them was refused already, since the rule then looked at a default instead.
    pub(super) fn refuse(&mut self, path: &str, others: &[&str], expected: &str) {
        let mut involved = others.iter().chain([&path]);
        if involved.any(|path| self.layers.refused.contains(*path)) {
            return;
        }
        let origin = self.said_at(path, others);
        self.problems.push(match self.tree.pointer(&pointer(path)) {
            None | Some(Value::Null) => Problem::missing(origin, path, expected),
            Some(value) => Problem::value(origin, path, value, expected),
        });
    }

    /// Where the key was set, or if it was not, the first of the others that was.
    fn said_at(&self, path: &str, others: &[&str]) -> Origin {
        let mut settings = [path].into_iter().chain(others.iter().copied());
        let set = settings.find_map(|path| self.layers.settings.get(path));
        set.map_or(Origin::Default, |setting| setting.origin.clone())
    }
}
