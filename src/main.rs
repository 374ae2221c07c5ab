//! photophone: arguments, then the subcommand.

use clap::{Parser, Subcommand};
use photophone::cli::devices;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the input devices of this machine
    Devices(devices::DevicesArgs),
}

fn main() -> std::io::Result<()> {
    let Command::Devices(args) = Arguments::parse().command;
    devices::run(&args, None, &mut std::io::stdout().lock())
}
