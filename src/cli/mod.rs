//! The command line: one file per subcommand, each with its arguments and a `run`.
//!
//! Whoever adds a subcommand adds one variant to `Command` and one line to [`Cli::run`].

mod common;
mod config;
mod error;
mod output;

use clap::{Parser, Subcommand};

pub use common::CommonArgs;
pub use config::ConfigCommand;
pub use error::CliError;

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
    /// Check, explain or show the configuration.
    Config(ConfigCommand),
}

impl Cli {
    /// Does what the arguments ask for.
    ///
    /// # Errors
    /// What to tell the user, with the exit code.
    pub fn run(self) -> Result<(), CliError> {
        match self.command {
            Command::Config(command) => command.run(&self.common),
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
