//! How much memory a server holds, early and late: what does not come back is a leak.

use std::fs;

use super::server::Server;

/// Resident memory of a server over a run.
#[derive(Debug)]
pub(crate) struct Memory {
    /// The most in the first quarter.
    pub(crate) warm_bytes: u64,
    /// The least in the last quarter.
    pub(crate) last_bytes: u64,
}

impl Memory {
    pub(crate) fn unknown() -> Self {
        Self { warm_bytes: 0, last_bytes: u64::MAX }
    }

    /// Looks once, when `done` of the run is over, from 0 to 1.
    pub(crate) fn look(&mut self, server: &Server, done: f64) {
        let bytes = resident_bytes(server);
        if done < 0.25 {
            self.warm_bytes = self.warm_bytes.max(bytes);
        }
        if done > 0.75 {
            self.last_bytes = self.last_bytes.min(bytes);
        }
    }

    pub(crate) fn report_and_check(&self, what: &str, allowed_bytes: u64) {
        let (warm, last) = (self.warm_bytes / 1_000_000, self.last_bytes / 1_000_000);
        println!("{what}, {warm} MB after warm-up and {last} MB at the end");
        assert!(self.last_bytes < self.warm_bytes + allowed_bytes, "memory grows: {self:?}");
    }
}

fn resident_bytes(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
