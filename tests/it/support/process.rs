//! A process of the program. Dropping it ends it.

use std::path::Path;
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
        let note = || serde_json::from_slice::<Value>(&std::fs::read(dir.join("server.json")).ok()?).ok();
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

    /// Sends a signal that ends it; gives the exit status and how long the end took.
    pub(crate) fn end_with(&mut self, signal: &str) -> (ExitStatus, Duration) {
        let start = now();
        self.signal(signal);
        let mut status = None;
        wait_until("the end of the server", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        (status.unwrap(), start.elapsed())
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
