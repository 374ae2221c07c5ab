//! A process of the program. Dropping it ends it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::server::{now, program, wait_until};

pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// A server of the simulated source on the data directory `dir`, with this stdout and stderr.
    pub(crate) fn serve(dir: &Path, stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> Self {
        let mut serve = program(dir);
        serve.args(["serve", "--source", "sim", "--port", "0"]).stdout(stdout).stderr(stderr);
        Self(serve.spawn().unwrap())
    }

    /// Where it listens, from the note that a server leaves in its data directory.
    pub(crate) fn url(&self, dir: &Path) -> String {
        let note = || serde_json::from_slice::<Value>(&fs::read(dir.join("server.json")).ok()?).ok();
        wait_until("the note of the server", || note().is_some());
        note().unwrap()["url"].as_str().unwrap().to_owned()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Sends a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.pid().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Sends a signal that ends it; gives the exit status and how long the end took once the signal was sent. What its
    /// threads waited for a processor does not count: that is this machine's doing, and nothing on one that is idle.
    pub(crate) fn end_with(&mut self, signal: &str) -> (ExitStatus, Duration) {
        let mut waits = ProcessorWaits::of(self.pid());
        self.signal(signal);
        let start = now();
        let mut status = None;
        wait_until("the end of the server", || {
            waits.look();
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        (status.unwrap(), start.elapsed().saturating_sub(waits.since_start()))
    }

    /// Ends it like a power cut.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// How long the threads of a process were ready to run and had no processor (proc(5), `schedstat`).
struct ProcessorWaits {
    pid: u32,
    /// By thread, in nanoseconds: before, and when it was last seen alive.
    threads: HashMap<PathBuf, (u64, u64)>,
}

impl ProcessorWaits {
    fn of(pid: u32) -> Self {
        let mut waits = Self { pid, threads: HashMap::new() };
        waits.look();
        waits.threads.values_mut().for_each(|(before, latest)| *before = *latest);
        waits
    }

    fn look(&mut self) {
        let Ok(threads) = fs::read_dir(format!("/proc/{}/task", self.pid)) else { return };
        for thread in threads.map_while(Result::ok).map(|thread| thread.path()) {
            // "<ns on a processor> <ns waiting for one> <turns>"; none for one that has just ended.
            let counters = fs::read_to_string(thread.join("schedstat")).unwrap_or_default();
            if let Some(waited_ns) = counters.split(' ').nth(1).and_then(|waited| waited.parse().ok()) {
                self.threads.entry(thread).or_default().1 = waited_ns;
            }
        }
    }

    /// All threads together.
    fn since_start(&self) -> Duration {
        Duration::from_nanos(self.threads.values().map(|(before, latest)| latest.saturating_sub(*before)).sum())
    }
}
