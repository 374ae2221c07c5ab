//! `photophone token`: makes a token for the server of the same data directory, or explains one.

use std::cmp::Ordering;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::{CliError, Streams, duration};
use crate::auth::{Authority, MAX_TOKEN_BYTES, Scope, Scopes, StoreError, inspect};
use crate::clock::SharedClock;
use crate::config::AuthConfig;

/// Make or explain a token.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum TokenCommand {
    /// Print a token for scripts and notebooks, valid for the server of the same data directory
    Create(CreateArgs),
    /// Explain a token: what it says, and whether the server accepts it
    Verify(VerifyArgs),
}

/// Arguments of `token create`.
#[derive(Clone, Debug, clap::Args)]
pub struct CreateArgs {
    /// Who the token is for, such as the name of a script
    #[arg(long)]
    pub subject: String,
    /// What it permits, with spaces between: stream:read events:read events:write analytics:read control:write admin
    #[arg(long, value_name = "SCOPES", default_value = "stream:read")]
    pub scope: Vec<String>,
    /// How long it is valid: a number with s, m, h or d, up to 365d
    #[arg(long, value_name = "TIME", default_value = "8h", value_parser = duration::parse_ttl)]
    pub ttl: u64,
}

/// Arguments of `token verify`.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// The token; read from standard input when absent or `-`, which keeps it out of the list of processes
    #[arg(default_value = "-", hide_default_value = true)]
    pub token: String,
}

/// Runs `photophone token`.
///
/// # Errors
/// [`CliError`], also for a token that the server would refuse.
pub(super) fn run(
    command: &TokenCommand,
    auth: &AuthConfig,
    data_dir: &Path,
    clock: &SharedClock,
    streams: &mut Streams<'_>,
) -> Result<(), CliError> {
    match command {
        TokenCommand::Create(args) => create(args, &Authority::open(auth, data_dir, clock.clone())?, streams),
        TokenCommand::Verify(args) => {
            let token = token_of(args, streams)?;
            explain(&token, clock.utc_secs(), streams)?;
            judge(&token, Authority::open_existing(auth, data_dir, clock.clone()), streams)
        }
    }
}

fn create(args: &CreateArgs, authority: &Authority, streams: &mut Streams<'_>) -> Result<(), CliError> {
    let scopes = Scopes::parse(&args.scope.join(" "));
    warn_of_unknown(&scopes, streams)?;
    let issued = authority.issue(&args.subject, &scopes, args.ttl)?;
    Ok(writeln!(streams.out, "{}", issued.token)?)
}

/// Says on stderr which scopes mean nothing to the server.
pub(super) fn warn_of_unknown(scopes: &Scopes, streams: &mut Streams<'_>) -> Result<(), CliError> {
    for word in scopes.unknown() {
        let near = Scope::ALL.into_iter().find(|scope| strsim::damerau_levenshtein(scope.as_str(), word) <= 2);
        let hint = near.map(|scope| format!(", did you mean {scope}?")).unwrap_or_default();
        writeln!(streams.err, "warning: unknown scope {word:?} permits nothing{hint}")?;
    }
    if scopes.known().next().is_none() {
        writeln!(streams.err, "warning: no known scope, so nothing is permitted")?;
    }
    Ok(())
}

/// Writes what the token says, true or not.
fn explain(token: &str, now_secs: u64, streams: &mut Streams<'_>) -> Result<(), CliError> {
    let Ok((header, claims)) = inspect(token) else { return Ok(()) };
    for (name, value) in header_lines(&header).into_iter().chain(claim_lines(&claims, now_secs)) {
        writeln!(streams.out, "{name:<11}{value}")?;
    }
    Ok(())
}

/// Writes whether the server accepts it; without a secret nobody knows.
fn judge(token: &str, authority: Result<Authority, StoreError>, streams: &mut Streams<'_>) -> Result<(), CliError> {
    let (verdict, end) = match authority.map(|authority| authority.verify(token)) {
        Ok(Ok(_)) => ("accepted", Ok(())),
        Ok(Err(error)) => {
            let message = format!("{}: {error}", error.code());
            ("refused, so nothing that it says can be trusted", Err(CliError::failure(message)))
        }
        Err(error) => ("unknown, so nothing that it says can be trusted", Err(error.into())),
    };
    writeln!(streams.out, "{:<11}{verdict}", "verdict")?;
    end
}

fn token_of(args: &VerifyArgs, streams: &mut Streams<'_>) -> Result<String, CliError> {
    if args.token != "-" {
        return Ok(args.token.trim().into());
    }
    let mut text = String::new();
    // Enough for the white space around it, and for one too long to be seen to be too long.
    streams.input.take(2 * MAX_TOKEN_BYTES as u64).read_to_string(&mut text)?;
    let token = text.trim();
    Ok(token.strip_prefix("Bearer ").unwrap_or(token).trim().into())
}

fn header_lines(header: &Value) -> Vec<(String, String)> {
    let lines = [("alg", "algorithm"), ("typ", "type"), ("kid", "key id")];
    lines.iter().filter_map(|(field, label)| Some(((*label).into(), plain(header.get(field)?)))).collect()
}

fn claim_lines(claims: &Value, now_secs: u64) -> Vec<(String, String)> {
    let texts = [("sub", "subject"), ("scope", "scopes"), ("iss", "issuer"), ("aud", "audience"), ("jti", "id")];
    let times = [("iat", "issued"), ("nbf", "valid from"), ("exp", "expires")];
    let texts = texts.iter().filter_map(|(claim, label)| Some(((*label).into(), plain(claims.get(claim)?))));
    let times = times.iter().filter_map(|(claim, label)| Some(((*label).into(), time(claims.get(claim)?, now_secs))));
    texts.chain(times).collect()
}

/// A value for a terminal: no control characters of a stranger.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.escape_debug().to_string(),
        other => other.to_string().escape_debug().to_string(),
    }
}

fn time(value: &Value, now_secs: u64) -> String {
    // Year 9999, as the verifier has it.
    let Some(secs) = value.as_f64().filter(|secs| (0.0..253_402_300_800.0).contains(secs)).map(|secs| secs as u64)
    else {
        return plain(value);
    };
    let relation = match secs.cmp(&now_secs) {
        Ordering::Greater => format!("in {}", duration::span(secs - now_secs)),
        Ordering::Equal => "just now".into(),
        Ordering::Less => format!("{} ago", duration::span(now_secs - secs)),
    };
    format!("{} ({relation})", duration::utc(secs))
}
