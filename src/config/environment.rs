//! The environment of the process: the one place that reads it.
//!
//! It holds what this program looks at and nothing else: variables that set keys, `RUST_LOG`, and where the user's
//! data lives.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::keys::PREFIX;

/// What this program takes from the environment.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Variables that begin with `PHOTOPHONE_`, sorted by name.
    pub(super) settings: Vec<(String, OsString)>,
    rust_log: Option<String>,
    data_home: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
    pub fn of_process() -> Self {
        Self::from_variables(std::env::vars_os())
    }

    /// An environment of these variables.
    pub fn from_variables<N: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            environment.add(&name.into(), value.into());
        }
        environment.settings.sort();
        environment
    }

    fn add(&mut self, name: &OsStr, value: OsString) {
        let name = name.to_string_lossy();
        match name.as_ref() {
            "RUST_LOG" => self.rust_log = Some(value.to_string_lossy().into_owned()).filter(|text| !text.is_empty()),
            // The XDG base directory specification: a relative path is to be ignored.
            "XDG_DATA_HOME" => self.data_home = Some(PathBuf::from(value)).filter(|path| path.is_absolute()),
            "HOME" => self.home = Some(PathBuf::from(value)).filter(|path| path.is_absolute()),
            name if name.starts_with(PREFIX) => self.settings.push((name.to_owned(), value)),
            _ => {}
        }
    }

    /// The log filter that wins over `log.level`.
    pub fn rust_log(&self) -> Option<&str> {
        self.rust_log.as_deref()
    }

    /// `$XDG_DATA_HOME/photophone`, or `$HOME/.local/share/photophone`; none when neither is set.
    pub fn data_dir(&self) -> Option<PathBuf> {
        let data_home = self.data_home.clone().or_else(|| Some(self.home.as_ref()?.join(".local/share")))?;
        Some(data_home.join("photophone"))
    }
}
