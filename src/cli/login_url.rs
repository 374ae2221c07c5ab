//! `photophone login-url`: a fresh one-time link to the running server of the same data directory, or the next one.

use std::path::Path;

use super::{CliError, Streams};
use crate::auth::Authority;
use crate::clock::SharedClock;
use crate::config::{AuthConfig, ServerConfig};
use crate::running::{self, RunningServer};

/// Runs `photophone login-url`: prints the link and nothing else.
///
/// # Errors
/// [`CliError`]: login is off, or nobody knows the port.
pub(super) fn run(
    auth: &AuthConfig,
    server: &ServerConfig,
    data_dir: &Path,
    clock: &SharedClock,
    streams: &mut Streams<'_>,
) -> Result<(), CliError> {
    let base = match RunningServer::find(data_dir) {
        Some(running) => running.url,
        None => configured_url(server)?,
    };
    let code = Authority::open(auth, data_dir, clock.clone())?.login_code()?;
    Ok(writeln!(streams.out, "{}", running::login_url(&base, &code))?)
}

fn configured_url(server: &ServerConfig) -> Result<String, CliError> {
    if server.port == 0 {
        return Err(CliError::failure(
            "no server runs on this data directory and `server.port` is 0, which picks a port at start: start it first",
        ));
    }
    Ok(running::url(server.address, server.port, server.tls.cert.is_some()))
}
