//! Subcommands as a user or a script runs them: arguments and stdin in; stdout, stderr and the exit code out.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program with `args` in `dir`, nothing of the tester's environment around it. One that does not end by
/// itself ends with code 124.
pub(crate) fn run(dir: &Path, args: &[&str], input: &str) -> Ended {
    run_with(dir, args, input, &[])
}

/// [`run`] with variables of the environment.
pub(crate) fn run_with(dir: &Path, args: &[&str], input: &str, environment: &[(&str, &str)]) -> Ended {
    let mut command = Command::new("timeout");
    command.arg("30").arg(env!("CARGO_BIN_EXE_photophone")).args(args).current_dir(dir);
    command.env_clear().env("HOME", dir).env("PATH", "/usr/bin:/bin").envs(environment.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that ends without reading is no failure of the test.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Ended {
    /// Its stdout, after it ended well.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }
}
