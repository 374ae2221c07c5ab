//! The program under test, as a user runs it: the real binary on a free port with a data directory of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::process::Process;

/// Longest wait for something that the program should do soon; these machines can be slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What a server promises: from the signal to its end.
pub(crate) const END_WITHIN: Duration = Duration::from_secs(2);

/// How a server is to be started.
pub(crate) struct Lab {
    dir: TempDir,
    args: Vec<String>,
    config: String,
    environment: Vec<(String, String)>,
    file_descriptors: Option<(u64, u64)>,
}

/// A running server. Dropping it ends the process.
pub(crate) struct Server {
    process: Process,
    dir: TempDir,
    /// Such as `http://127.0.0.1:40123`.
    pub(crate) url: String,
    /// The one-time link that it printed.
    pub(crate) login_url: Option<String>,
    stdout: Receiver<String>,
    /// A line of stdout that was read too early.
    unread: Mutex<Option<String>>,
    log: Log,
}

/// What a process writes to stderr, collected by a thread.
struct Log {
    text: Arc<Mutex<String>>,
    collector: Mutex<Option<JoinHandle<()>>>,
}

impl Lab {
    /// A server of the simulated source `scenario`.
    pub(crate) fn simulated(scenario: &str) -> Self {
        Self::with_source(&format!("sim:{scenario}"))
    }

    /// A server of a WAV file.
    pub(crate) fn wav(path: &Path) -> Self {
        Self::with_source(&format!("wav:{}", path.display()))
    }

    /// A server with this `--source`.
    pub(crate) fn with_source(spec: &str) -> Self {
        Self::bare().arg("--source").arg(spec)
    }

    /// A server whose source is left to its configuration.
    pub(crate) fn bare() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir, args: Vec::new(), config: String::new(), environment: Vec::new(), file_descriptors: None }
    }

    /// On the data directory of a server, which is ended first if it still runs.
    pub(crate) fn on(mut self, server: Server) -> Self {
        let Server { mut process, dir, .. } = server;
        process.kill();
        self.dir = dir;
        self
    }

    /// Adds an argument of `serve`.
    pub(crate) fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets the configuration file's text.
    pub(crate) fn config(mut self, yaml: &str) -> Self {
        self.config = yaml.to_owned();
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Puts a file that only its owner may read into its data directory.
    pub(crate) fn private_file(self, name: &str, content: &str) -> Self {
        let path = self.dir.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    /// Sets the soft and the hard limit of its file descriptors.
    pub(crate) fn file_descriptors(self, soft: u64, hard: u64) -> Self {
        Self { file_descriptors: Some((soft, hard)), ..self }
    }

    /// Starts it and waits until it listens.
    pub(crate) fn start(self) -> Server {
        self.try_start().unwrap_or_else(|(status, log)| panic!("the server ended with {status}: {log}"))
    }

    /// Starts it; the answer is its end when it does not get as far as listening.
    pub(crate) fn try_start(self) -> Result<Server, (ExitStatus, String)> {
        fs::write(self.dir.path().join("config.yaml"), &self.config).unwrap();
        let mut command = program(self.dir.path());
        command.arg("serve").args(&self.args).envs(self.environment.iter().cloned());
        if !self.args.iter().any(|arg| arg == "--port") {
            command.args(["--port", "0"]);
        }
        if let Some((soft, hard)) = self.file_descriptors {
            command = limited(&command, soft, hard);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = lines_of(child.stdout.take().unwrap());
        let log = Log::of(child.stderr.take().unwrap());
        let Some(url) = wait_for_line(&stdout, "listening on ") else {
            let status = child.wait().unwrap();
            log.collect_rest();
            return Err((status, log.text()));
        };
        // With the keys of an identity provider there is no link: the source comes next.
        let second = stdout.recv_timeout(PATIENCE).expect("a second line on stdout");
        let login_url = second.strip_prefix("log in once with ").map(str::to_owned);
        let unread = Mutex::new(login_url.is_none().then_some(second));
        Ok(Server { process: Process(child), dir: self.dir, url, login_url, stdout, unread, log })
    }
}

impl Server {
    /// The rest of the next line on stdout that starts with `prefix`; lines before it are passed over.
    pub(crate) fn line(&self, prefix: &str) -> Option<String> {
        let unread = self.unread.lock().unwrap().take();
        let unread = unread.and_then(|line| line.strip_prefix(prefix).map(str::to_owned));
        unread.or_else(|| wait_for_line(&self.stdout, prefix))
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// Waits until the log contains `text`.
    pub(crate) fn wait_for_log(&self, text: &str) {
        wait_until(&format!("{text:?} in the log"), || self.log().contains(text));
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap()
    }

    /// The data directory, which holds `config.yaml` too.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Another command of the program on the same data directory; gives what it printed.
    pub(crate) fn command(&self, args: &[&str]) -> String {
        let output = program(self.dir()).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A token with `scope` that lives an hour.
    pub(crate) fn token(&self, scope: &str) -> String {
        self.command(&["token", "create", "--subject", "tester", "--scope", scope, "--ttl", "1h"])
    }

    /// Sends a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// Writes another configuration file, which SIGHUP makes the server read.
    pub(crate) fn reconfigure(&self, yaml: &str) {
        fs::write(self.dir().join("config.yaml"), yaml).unwrap();
        self.signal("HUP");
    }

    /// Sends SIGTERM; gives the exit status and how long the end took, as [`Self::end_with`] does.
    pub(crate) fn terminate(&mut self) -> (ExitStatus, Duration) {
        self.end_with("TERM")
    }

    /// Sends a signal that ends it, as [`Process::end_with`] does. The log is whole afterwards.
    pub(crate) fn end_with(&mut self, signal: &str) -> (ExitStatus, Duration) {
        let end = self.process.end_with(signal);
        self.log.collect_rest();
        end
    }

    /// Ends it like a power cut.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
        self.log.collect_rest();
    }
}

impl Log {
    fn of(mut stderr: ChildStderr) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let shared = Arc::clone(&text);
        let read = move || {
            let mut buffer = [0; 4096];
            while let Ok(bytes @ 1..) = stderr.read(&mut buffer) {
                shared.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..bytes]));
            }
        };
        let collector = thread::Builder::new().name("stderr".into()).spawn(read).unwrap();
        Self { text, collector: Mutex::new(Some(collector)) }
    }

    /// What has been written so far.
    fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// Waits for what a process that has ended wrote last: it can still be in the pipe.
    fn collect_rest(&self) {
        if let Some(collector) = self.collector.lock().unwrap().take() {
            collector.join().unwrap();
        }
    }
}

/// The program with its data directory, and configuration if there is one, in `dir`. Nothing of the tester's own
/// environment reaches it.
pub(crate) fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_photophone"));
    command.current_dir(dir).env_clear().env("HOME", dir).env("PATH", "/usr/bin:/bin").arg("--data-dir").arg(dir);
    command
}

/// The same command with limits on its file descriptors.
fn limited(command: &Command, soft: u64, hard: u64) -> Command {
    let mut limited = Command::new("prlimit");
    limited.arg(format!("--nofile={soft}:{hard}")).arg(command.get_program()).args(command.get_args());
    limited.current_dir(command.get_current_dir().unwrap()).env_clear();
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}

/// Waits until `holds`. Tests poll here and, where only HTTP tells, in `Client::wait_for_stats`.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        pause();
    }
}

/// Tells whoever reads the tests' output what was measured.
#[expect(clippy::print_stdout, reason = "a measurement is for people")]
pub(crate) fn report(what: &str, took: Duration) {
    println!("{what}: {} ms", took.as_millis());
}

#[expect(clippy::disallowed_methods, reason = "a test measures and bounds the program from outside")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "between two looks at a process that gives no event")]
fn pause() {
    thread::sleep(Duration::from_millis(5));
}

fn wait_for_line(lines: &Receiver<String>, prefix: &str) -> Option<String> {
    loop {
        let line = lines.recv_timeout(PATIENCE).ok()?;
        if let Some(rest) = line.strip_prefix(prefix) {
            return Some(rest.to_owned());
        }
    }
}

fn lines_of(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = sync_channel(1000);
    let read = move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("stdout".into()).spawn(read).unwrap();
    receiver
}

/// A file of the tests' own data.
pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}
