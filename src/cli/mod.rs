//! The command line: one file per subcommand, each with its arguments and a `run`.
//!
//! Whoever adds a subcommand adds one variant to `Command`, or to `AccessCommand` when it needs a data directory, and one
//! line to its `run`.

mod common;
mod config;
mod devices;
mod duration;
mod error;
mod files;
mod login_url;
mod output;
mod serve;
mod token;
mod user;

#[cfg(test)]
mod auth_tests;

use std::io::{BufRead, IsTerminal, Write};

use clap::{Parser, Subcommand};

pub use common::CommonArgs;
pub use config::ConfigCommand;
pub use devices::DevicesCommand;
pub use error::CliError;
pub use serve::ServeCommand;
pub use token::TokenCommand;
pub use user::UserCommand;

use crate::clock::SystemClock;

/// Listens to a stereo microphone and streams numbered frames and spectra, every sample accounted for.
#[derive(Debug, Parser)]
#[command(name = "photophone", version, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: CommonArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Listen to the source and serve it to browsers and scripts
    Serve(ServeCommand),
    /// List the input devices of this machine
    Devices(DevicesCommand),
    #[command(flatten)]
    Access(AccessCommand),
    /// Check, explain or show the configuration
    Config(ConfigCommand),
}

/// What works on tokens, users and links of a data directory.
#[derive(Debug, Subcommand)]
enum AccessCommand {
    /// Make or explain tokens for scripts
    #[command(subcommand)]
    Token(TokenCommand),
    /// Add, list or remove users
    #[command(subcommand)]
    User(UserCommand),
    /// Print a fresh one-time login link for the running or next server
    LoginUrl,
}

/// What a subcommand reads and writes.
struct Streams<'a> {
    /// Standard input.
    input: &'a mut dyn BufRead,
    /// Whether a person sits at standard input.
    input_is_terminal: bool,
    /// Standard output: the result, and nothing else.
    out: &'a mut dyn Write,
    /// Standard error: warnings and hints.
    err: &'a mut dyn Write,
}

impl Cli {
    /// Does what the arguments ask for.
    ///
    /// # Errors
    /// What to tell the user, with the exit code.
    pub fn run(self) -> Result<(), CliError> {
        match self.command {
            Command::Serve(command) => command.run(&self.common),
            Command::Devices(command) => command.run(&self.common),
            Command::Access(command) => command.run(&self.common),
            Command::Config(command) => command.run(&self.common),
        }
    }
}

impl AccessCommand {
    fn run(self, common: &CommonArgs) -> Result<(), CliError> {
        let loaded = common.load()?;
        common::start_logging(&loaded, "warn")?;
        let (auth, server) = (&loaded.config.auth, &loaded.config.server);
        let (data_dir, clock) = (common::data_dir(&loaded)?, SystemClock::shared());
        let stdin = std::io::stdin();
        let streams = &mut Streams {
            input_is_terminal: stdin.is_terminal(),
            input: &mut stdin.lock(),
            out: &mut output::Readable(std::io::stdout().lock()),
            err: &mut std::io::stderr(),
        };
        match self {
            Self::Token(command) => token::run(&command, auth, &data_dir, &clock, streams),
            Self::User(command) => user::run(&command, auth, &data_dir, streams),
            Self::LoginUrl => login_url::run(auth, server, &data_dir, &clock, streams),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn common_flags_stand_before_or_after_the_subcommand() {
        for line in [
            "photophone --config a.yaml --data-dir d config print",
            "photophone config print --config a.yaml --data-dir d",
        ] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            let sources = cli.common.sources(Vec::new());
            assert_eq!(sources.file.as_deref(), Some("a.yaml".as_ref()));
            assert_eq!(sources.flags[0].path, "data_dir");
        }
    }
}
