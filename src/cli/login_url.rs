//! `photophone login-url`: a fresh one-time link to the running server of the same data directory, or the next one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use super::running::RunningServer;
use super::{CliError, Streams};
use crate::auth::Authority;
use crate::clock::SharedClock;
use crate::config::{AuthConfig, ServerConfig};

/// Runs `photophone login-url`: prints the link and nothing else.
///
/// # Errors
/// [`CliError`]: login is off, or nobody knows the port.
pub fn run(
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
    Ok(writeln!(streams.out, "{}", login_url(&base, &code))?)
}

/// The page that redeems `code` on the server at `base`.
pub fn login_url(base: &str, code: &str) -> String {
    format!("{}/login?code={code}", base.trim_end_matches('/'))
}

fn configured_url(server: &ServerConfig) -> Result<String, CliError> {
    if server.port == 0 {
        return Err(CliError::new(
            "no server runs on this data directory and `server.port` is 0, which picks a port at start: start it first",
        ));
    }
    let scheme = if server.tls.cert.is_some() { "https" } else { "http" };
    Ok(format!("{scheme}://{}", SocketAddr::new(reachable(server.address), server.port)))
}

/// An address that a browser on this machine can open.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}
