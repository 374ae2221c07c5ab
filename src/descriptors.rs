//! File descriptors: each connection takes one. The usual soft limit of 1024, kept low for old programs, is raised to
//! what the system allows this process; when they run out all the same, the log says so.

use std::fs;
use std::io;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::ServerConfig;

/// What the program needs besides streams: files, the sound system, requests that are no streams, connections that
/// browsers keep open.
const RESERVE: u64 = 256;

/// So few are left that new connections soon wait in the system's queue.
const FEW: u64 = 32;

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

/// Looks how many are left.
#[derive(Debug, Default)]
pub(crate) struct DescriptorWatch {
    are_few: bool,
}

impl DescriptorWatch {
    /// Warns once when they run out, and tells when there is room again, with `used` of them.
    pub(crate) fn look(&mut self, used: u64) {
        let Some(allowed) = getrlimit(Resource::Nofile).current else { return };
        // Connections that come and go at the edge are no news.
        let least_free = if self.are_few { 2 * FEW } else { FEW };
        let are_few = used.saturating_add(least_free) > allowed;
        match (self.are_few, are_few) {
            (false, true) => {
                log::warn!(allowed; "File descriptors run out: new connections soon wait until some are given back");
            }
            (true, false) => log::info!(allowed, used; "There are file descriptors again"),
            _ => {}
        }
        self.are_few = are_few;
    }
}

/// Descriptors of this process; more than any limit when not even one is left to count them with. Reads a directory: not
/// for tokio workers.
pub(crate) fn used() -> io::Result<u64> {
    match fs::read_dir("/proc/self/fd") {
        Ok(open) => Ok(open.count() as u64),
        Err(error) if Errno::from_io_error(&error) == Some(Errno::MFILE) => Ok(u64::MAX),
        Err(error) => Err(error),
    }
}
