//! The servers under measurement, as processes of their own, and what the system says of them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// Who serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerKind {
    /// The release binary.
    Photophone,
    /// The same, its messages over WebSocket.
    PhotophoneWs,
    /// See [`crate::reference::sockets`].
    Sockets,
    /// The same with messages in the framing of WebSocket.
    SocketsWs,
    /// See [`crate::reference::per_client`].
    PerClient,
}

/// A running server; dropping it ends the process.
pub(crate) struct Server {
    pub(crate) kind: ServerKind,
    child: Child,
    /// Host and port.
    pub(crate) address: String,
    pub(crate) token: String,
    _data_dir: TempDir,
}

impl ServerKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Photophone => "photophone",
            Self::PhotophoneWs => "photophone-ws",
            Self::Sockets => "sockets",
            Self::SocketsWs => "sockets-ws",
            Self::PerClient => "per-client",
        }
    }

    /// Whether it is the program, whose source delivers blocks, or a reference.
    pub(crate) fn is_photophone(self) -> bool {
        matches!(self, Self::Photophone | Self::PhotophoneWs)
    }

    pub(crate) fn is_websocket(self) -> bool {
        matches!(self, Self::PhotophoneWs | Self::SocketsWs)
    }
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(kind: ServerKind) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let mut command = match kind {
            ServerKind::Photophone | ServerKind::PhotophoneWs => {
                let mut command = photophone(data_dir.path());
                command.args(["serve", "--source", "sim", "--port", "0"]);
                command
            }
            ServerKind::Sockets | ServerKind::SocketsWs => myself("serve-sockets"),
            ServerKind::PerClient => myself("serve-per-client"),
        };
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a server to start");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        let address = url.expect("the server listens");
        // It goes on talking; nobody may close its pipe.
        thread::Builder::new().name("stdout".into()).spawn(move || lines.for_each(drop)).unwrap();
        let token = if kind.is_photophone() { token(data_dir.path()) } else { String::new() };
        Self { kind, child, address, token, _data_dir: data_dir }
    }

    /// Time that its threads have run so far, from the scheduler's own count.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("the server runs");
        let nanos = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanos.sum())
    }

    /// Resident memory.
    pub(crate) fn rss_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One line about the machine that measures.
pub(crate) fn machine() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown processor");
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    format!("{cores} cores, {model}, Linux {}, load average {}", kernel.trim(), load_average())
}

/// Of the last 1, 5 and 15 minutes.
pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

fn token(data_dir: &Path) -> String {
    let arguments = ["token", "create", "--subject", "bench", "--scope", "stream:read", "--ttl", "1h"];
    let output = photophone(data_dir).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The program, undisturbed by a configuration file of the directory or variables of the environment.
fn photophone(data_dir: &Path) -> Command {
    // cargo builds it for the bench, optimised as for a release.
    let built = env!("CARGO_BIN_EXE_photophone");
    let binary = std::env::var_os("PHOTOPHONE_BIN").map_or_else(|| built.into(), PathBuf::from);
    assert!(binary.is_file(), "{} is not there", binary.display());
    let mut command = Command::new(binary);
    command.current_dir(data_dir).env_clear().env("HOME", data_dir).arg("--data-dir").arg(data_dir);
    command
}

fn myself(mode: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(mode);
    command
}
