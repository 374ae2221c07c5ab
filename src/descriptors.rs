//! File descriptors: each connection takes one. The usual soft limit of 1024, kept low for old programs, is raised to
//! what the system allows this process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::ServerConfig;

/// What the program needs besides streams: files, the sound system, requests that are no streams, connections that
/// browsers keep open.
const RESERVE: u64 = 256;

/// Raises the limit, and warns when what it allows cannot hold `server.limits.streams`.
pub(crate) fn provide_for(server: &ServerConfig) {
    let allowed = raise();
    let needed = server.limits.streams as u64 + RESERVE;
    if allowed.is_some_and(|allowed| allowed < needed) {
        log::warn!(allowed, needed; "Too few file descriptors for server.limits.streams: raise `ulimit -Hn`, \
            LimitNOFILE= of a service, or lower the setting");
    }
}

/// The soft limit after raising it as far as the system lets us; none when there is no limit.
fn raise() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(_) => current,
    }
}
