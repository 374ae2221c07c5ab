//! What a subcommand tells its user when it cannot go on, and the exit code for scripts.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::config::Problems;

/// `EX_CONFIG` of sysexits.h, which service managers and scripts can tell from a crash.
const CONFIGURATION: u8 = 78;

/// Why a subcommand ended without success. Wrong arguments are clap's (exit code 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CliError {
    message: String,
    code: u8,
}

impl CliError {
    /// Something failed; exit code 1.
    pub fn failure(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), code: 1 }
    }

    /// The configuration is wrong; exit code 78.
    pub fn configuration(problems: &Problems) -> Self {
        Self { message: problems.to_string(), code: CONFIGURATION }
    }

    /// Writes the message to stderr and gives the exit code.
    pub fn report(&self) -> ExitCode {
        // Without stderr nobody can be told; the exit code still says it.
        drop(writeln!(io::stderr(), "{self}"));
        ExitCode::from(self.code)
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: Error> From<E> for CliError {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Some errors say their cause themselves.
            if !message.contains(&text) {
                message.push_str(&format!(": {text}"));
            }
            cause = error.source();
        }
        Self::failure(message)
    }
}
