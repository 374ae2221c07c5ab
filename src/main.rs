//! The program: arguments, a subcommand, an exit code.

use std::process::ExitCode;

use clap::Parser;
use photophone::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
