//! `photophone user`: who may log in with a password on the server of the same data directory.
//!
//! A running server reads the users at each login, so a change holds at once.

use std::io::ErrorKind;
use std::path::Path;

use super::{CliError, Streams, duration, token};
use crate::auth::{Existing, Scopes, User, Users};
use crate::config::AuthConfig;

/// Add, list or remove users.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum UserCommand {
    /// Add a user; the password is asked for, or read as one line from standard input
    Add(AddArgs),
    /// List users and what they may do
    List(ListArgs),
    /// Remove a user
    Remove(RemoveArgs),
}

/// Arguments of `user add`.
#[derive(Clone, Debug, clap::Args)]
pub struct AddArgs {
    /// Name: a-z 0-9 . _ - @, up to 64
    pub name: String,
    /// What the user may do, with spaces between: stream:read events:read events:write analytics:read control:write admin
    #[arg(long, value_name = "SCOPES", default_value = "stream:read")]
    pub scope: Vec<String>,
    /// Give a user that exists this password and these scopes
    #[arg(long)]
    pub replace: bool,
}

/// Arguments of `user list`.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArgs {
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `user remove`.
#[derive(Clone, Debug, clap::Args)]
pub struct RemoveArgs {
    /// Name of the user
    pub name: String,
}

/// Runs `photophone user`.
///
/// # Errors
/// [`CliError`]: name, password or file not accepted.
pub(super) fn run(
    command: &UserCommand,
    auth: &AuthConfig,
    data_dir: &Path,
    streams: &mut Streams<'_>,
) -> Result<(), CliError> {
    let users = Users::in_dir(data_dir);
    if auth.verify_keys.is_some() {
        writeln!(streams.err, "warning: `auth.verify_keys` is set, so nobody can log in with a password")?;
    }
    match command {
        UserCommand::Add(args) => add(args, &users, streams),
        UserCommand::List(args) => list(args, &users.list()?, streams),
        UserCommand::Remove(args) => remove(args, auth, &users, streams),
    }
}

fn add(args: &AddArgs, users: &Users, streams: &mut Streams<'_>) -> Result<(), CliError> {
    let scopes = Scopes::parse(&args.scope.join(" "));
    token::warn_of_unknown(&scopes, streams)?;
    let existing = if args.replace { Existing::Replace } else { Existing::Refuse };
    let password = password(streams)?;
    users.add(&args.name, &password, scopes, existing)?;
    Ok(writeln!(streams.err, "added {}", args.name)?)
}

fn list(args: &ListArgs, users: &[User], streams: &mut Streams<'_>) -> Result<(), CliError> {
    if args.json {
        return Ok(writeln!(streams.out, "{}", serde_json::to_string_pretty(users)?)?);
    }
    let width = users.iter().map(|user| user.name.len()).max().unwrap_or(0);
    for user in users {
        writeln!(streams.out, "{:<width$}  {}", user.name, user.scope)?;
    }
    Ok(())
}

fn remove(args: &RemoveArgs, auth: &AuthConfig, users: &Users, streams: &mut Streams<'_>) -> Result<(), CliError> {
    users.remove(&args.name)?;
    let longest = duration::span(auth.session_secs);
    let left = format!("sessions begun by login end within {longest}, tokens made by `token create` when they expire");
    Ok(writeln!(streams.err, "removed {}; {left}", args.name)?)
}

fn password(streams: &mut Streams<'_>) -> Result<String, CliError> {
    if !streams.input_is_terminal {
        let mut line = String::new();
        streams.input.read_line(&mut line).map_err(|error| match error.kind() {
            ErrorKind::InvalidData => CliError::failure("the password on stdin is not text in UTF-8"),
            _ => error.into(),
        })?;
        return Ok(line.trim_end_matches(['\n', '\r']).into());
    }
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("Password again: ")? != password {
        return Err(CliError::failure("the two passwords differ"));
    }
    Ok(password)
}
