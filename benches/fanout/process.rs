//! The servers under measurement, as processes of their own, and what the system says of them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{cores, nginx};

/// Who serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// The release binary.
    Photophone,
    /// See [`crate::reference::sockets`].
    Sockets,
    /// See [`crate::reference::rocket_body`].
    RocketBody,
    /// See [`crate::reference::per_client`].
    PerClient,
    /// See [`crate::nginx`].
    Nchan,
}

/// How events travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Server-sent events with JSON.
    Events,
    /// Binary messages over a WebSocket.
    WebSocket,
}

/// A running server; dropping it ends the process.
pub(crate) struct Server {
    pub(crate) program: Program,
    pub(crate) transport: Transport,
    pub(crate) rate_hz: u32,
    child: Child,
    /// Host and port.
    pub(crate) address: String,
    pub(crate) token: String,
    publisher: Option<JoinHandle<()>>,
    _data_dir: TempDir,
}

impl Program {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Photophone => "photophone",
            Self::Sockets => "sockets",
            Self::RocketBody => "rocket-body",
            Self::PerClient => "per-client",
            Self::Nchan => "nchan",
        }
    }
}

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Events => "SSE",
            Self::WebSocket => "WebSocket",
        }
    }
}

impl Server {
    /// Starts it and waits until it listens. It serves stereo frames of this rate, 30 per second.
    pub(crate) async fn start(program: Program, transport: Transport, rate_hz: u32) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let (child, address) = match program {
            Program::Photophone => {
                let mut command = photophone(data_dir.path());
                command.args(["serve", "--source", "sim", "--port", "0"]);
                command.env("PHOTOPHONE_SOURCE__RATE_HZ", rate_hz.to_string());
                listening(command)
            }
            Program::Sockets => listening(myself("serve-sockets", rate_hz)),
            Program::RocketBody => listening(myself("serve-rocket-body", rate_hz)),
            Program::PerClient => listening(myself("serve-per-client", rate_hz)),
            Program::Nchan => nginx::start(data_dir.path()).await,
        };
        let token = if program == Program::Photophone { token(data_dir.path()) } else { String::new() };
        let publisher =
            (program == Program::Nchan).then(|| tokio::spawn(nginx::publish(address.clone(), transport, rate_hz)));
        Self { program, transport, rate_hz, child, address, token, publisher, _data_dir: data_dir }
    }

    /// Time that its threads have run so far, from the scheduler's own count.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = self.pids().into_iter().flat_map(|pid| fs::read_dir(format!("/proc/{pid}/task"))).flatten();
        let nanos = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanos.sum())
    }

    /// Resident memory.
    pub(crate) fn rss_bytes(&self) -> u64 {
        let of = |pid: u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
        };
        self.pids().into_iter().filter_map(of).sum()
    }

    /// The process, and what it has started: nginx has its worker.
    fn pids(&self) -> Vec<u32> {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        [pid].into_iter().chain(children.split_whitespace().filter_map(|child| child.parse().ok())).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(publisher) = &self.publisher {
            publisher.abort();
        }
        // nginx ends its worker when it is asked to, the others have nothing to put in order.
        if self.program == Program::Nchan {
            kill_process(Pid::from_child(&self.child), Signal::TERM).ok();
        } else {
            drop(self.child.kill());
        }
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

/// Starts a server that says where it listens.
fn listening(mut command: Command) -> (Child, String) {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = cores::spawn_server(&mut command).expect("a server to start");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
    // It goes on talking; nobody may close its pipe.
    thread::Builder::new().name("stdout".into()).spawn(move || lines.for_each(drop)).unwrap();
    (child, url.expect("the server listens"))
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

fn myself(mode: &str, rate_hz: u32) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([mode, "--rate", &rate_hz.to_string()]);
    command
}
