//! The program: arguments, a subcommand, an exit code.

use std::process::ExitCode;

use clap::Parser;
use photophone::cli::Cli;

fn main() -> ExitCode {
    let result = Cli::parse().run();
    log::logger().flush();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
