//! What is wrong with a configuration: where it was said, which key, what is wrong and what would be right.
//!
//! A [`Problem`] prints as one line, like a compiler's: `config.yaml:12: stream.target_fps is 5000; expected a number
//! from 0.1 to 1000`. Nothing here decides what is wrong: see `rule` (one key) and `check` (several keys together).

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use serde_json::Value;

use crate::text::shown;

/// Where the value of a key was said. Later variants win over earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is built in.
    Default,
    /// In a configuration file.
    File {
        /// The file, as it was named.
        file: PathBuf,
        /// Its line, counted from 1; none when it is about the whole file.
        line: Option<u64>,
    },
    /// In a variable of the environment.
    Environment {
        /// Name of the variable.
        variable: String,
    },
    /// In a flag of the command line.
    Flag {
        /// The flag with its dashes.
        flag: String,
    },
}

impl Origin {
    /// The kind of origin and its name, as `config print` shows it.
    pub fn described(&self) -> String {
        match self {
            Self::Default => "default".into(),
            Self::File { .. } => format!("file {self}"),
            Self::Environment { .. } => format!("environment {self}"),
            Self::Flag { .. } => format!("flag {self}"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line: Some(line) } => write!(f, "{}:{line}", file.display()),
            Self::File { file, line: None } => write!(f, "{}", file.display()),
            Self::Environment { variable } => f.write_str(&shown(variable)),
            Self::Flag { flag } => f.write_str(flag),
        }
    }
}

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it was said.
    pub origin: Origin,
    /// The key, such as `stream.target_fps`; empty when it is about the whole file or variable.
    pub path: String,
    /// What is wrong: a predicate, such as `is 5000`.
    pub wrong: String,
    /// What would be right; empty when `wrong` says it all.
    pub right: String,
}

impl Problem {
    /// A key has a value that it cannot have.
    pub(super) fn value(origin: Origin, path: &str, value: &Value, expected: &str) -> Self {
        let wrong = match value {
            Value::Null => "is empty".to_owned(),
            value => format!("is {}", shown(&value.to_string())),
        };
        Self { origin, path: path.to_owned(), wrong, right: format!("expected {expected}") }
    }

    /// A key without a value needs one.
    pub(super) fn missing(origin: Origin, path: &str, expected: &str) -> Self {
        let right = format!("expected {expected}");
        Self { origin, path: path.to_owned(), wrong: "is missing".into(), right }
    }

    /// There is no such key.
    pub(super) fn unknown_key(origin: Origin, path: &str, right: String) -> Self {
        Self { origin, path: shown(path), wrong: "is not a known key".into(), right }
    }

    /// The whole file or variable is wrong.
    pub(super) fn whole(origin: Origin, wrong: impl Into<String>, right: impl Into<String>) -> Self {
        Self { origin, path: String::new(), wrong: wrong.into(), right: right.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if !self.path.is_empty() {
            write!(f, "{} ", self.path)?;
        }
        f.write_str(&self.wrong)?;
        if !self.right.is_empty() {
            write!(f, "; {}", self.right)?;
        }
        Ok(())
    }
}

/// Everything that is wrong with a configuration, in the order file, environment, flags, keys together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{problem}")?;
        }
        Ok(())
    }
}

impl Error for Problems {}
