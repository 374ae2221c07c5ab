//! Flags that every subcommand takes.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::CliError;
use crate::config::{Environment, Flag, Loaded, Problems, Sources};
use crate::logging;

/// Flags that every subcommand takes.
#[derive(Clone, Debug, Default, Args)]
pub struct CommonArgs {
    /// Configuration file [default: ./config.yaml if it is there]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Directory for the secret, users and everything else that is kept
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<String>,
}

impl CommonArgs {
    /// Where the configuration comes from: these flags, those of the subcommand, the environment and the file.
    pub fn sources(&self, mut flags: Vec<Flag>) -> Sources {
        if let Some(dir) = &self.data_dir {
            flags.push(Flag { path: "data_dir", name: "--data-dir", value: dir.as_str().into() });
        }
        // Without a working directory there is nothing for relative paths to be relative to; absolute ones still work.
        let working_dir = std::env::current_dir().unwrap_or_default();
        Sources { file: self.config.clone(), working_dir, environment: Environment::of_process(), flags }
    }

    /// The configuration; its warnings go to stderr.
    ///
    /// # Errors
    /// All its problems, with the exit code for a wrong configuration.
    pub fn load(&self) -> Result<Loaded, CliError> {
        let loaded = Loaded::load(&self.sources(Vec::new())).map_err(|problems| CliError::configuration(&problems))?;
        say_warnings(&loaded);
        Ok(loaded)
    }
}

/// Writes the warnings of a configuration to stderr.
pub(super) fn say_warnings(loaded: &Loaded) {
    for warning in &loaded.warnings {
        // Without stderr nobody can be told.
        drop(writeln!(io::stderr(), "warning: {warning}"));
    }
}

/// The data directory of a configuration.
///
/// # Errors
/// When neither the configuration nor the environment tells one.
pub(super) fn data_dir(loaded: &Loaded) -> Result<PathBuf, CliError> {
    loaded.data_dir().map_err(|problem| CliError::configuration(&Problems(vec![problem])))
}

/// Starts the log at `level`; `RUST_LOG` wins.
///
/// # Errors
/// When `RUST_LOG` cannot be understood.
pub(super) fn start_logging(loaded: &Loaded, level: &str) -> Result<logging::Reload, CliError> {
    Ok(logging::start(level, loaded.rust_log(), loaded.config.log.format)?)
}
