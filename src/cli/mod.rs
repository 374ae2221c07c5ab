//! The command line: one file per subcommand.

#[cfg(test)]
mod auth_tests;
mod duration;
pub mod login_url;
pub mod running;
pub mod token;
pub mod user;

use std::io::{BufRead, Write};
use std::path::PathBuf;

/// What every subcommand takes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct CommonArgs {
    /// Configuration file; ./config.yaml if there is one, else built-in defaults.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Directory for the secret, users and everything else that is kept.
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,
}

/// Why a subcommand failed, in words for stderr, and its exit code.
#[derive(Debug)]
pub struct CliError {
    /// What was wrong, where, and what would be right.
    pub message: String,
    /// Exit code of the process.
    pub exit_code: u8,
}

impl CliError {
    /// A failure with exit code 1.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit_code: 1 }
    }
}

impl<E: std::error::Error> From<E> for CliError {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(&format!(": {error}"));
            cause = error.source();
        }
        Self::new(message)
    }
}

/// What a subcommand reads and writes.
pub struct Streams<'a> {
    /// Standard input.
    pub input: &'a mut dyn BufRead,
    /// Whether a person sits at standard input.
    pub input_is_terminal: bool,
    /// Standard output: the result, and nothing else.
    pub out: &'a mut dyn Write,
    /// Standard error: warnings and hints.
    pub err: &'a mut dyn Write,
}
