//! The configuration as its users meet it: layers, problems, the reference file.

mod layers;
mod problems;
mod reference;

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::rule::referenced;
use super::{Environment, Flag, Loaded, Problems, Sources, schema};

/// A directory with a `config.yaml`, and what else a configuration comes from.
struct Lab {
    dir: TempDir,
    variables: Vec<(&'static str, String)>,
    flags: Vec<Flag>,
}

impl Lab {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), variables: Vec::new(), flags: Vec::new() }
    }

    fn with_file(self, text: &str) -> Self {
        std::fs::write(self.dir.path().join("config.yaml"), text).unwrap();
        self
    }

    fn with_variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn with_flag(mut self, path: &'static str, name: &'static str, value: impl Into<Value>) -> Self {
        self.flags.push(Flag { path, name, value: value.into() });
        self
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn sources(&self) -> Sources {
        Sources {
            file: None,
            working_dir: self.path().into(),
            environment: Environment::from_variables(self.variables.clone()),
            flags: self.flags.clone(),
        }
    }

    fn load(&self) -> Result<Loaded, Problems> {
        Loaded::load(&self.sources())
    }
}

/// What the documentation of a key's or section's field says, on one line.
pub(super) fn documentation(path: &str) -> String {
    let schema = schema();
    let mut field = &schema;
    for name in path.split('.') {
        field = &referenced(field, &schema["$defs"]).unwrap_or(field)["properties"][name];
    }
    field["description"].as_str().unwrap_or_default().replace('\n', " ")
}
