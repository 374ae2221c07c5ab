//! The system's Python with scipy, for results that were not computed by this program.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::process::Process;

const PYTHON: &str = "/usr/bin/python3";
const REMEDY: &str = "the tests need scipy for /usr/bin/python3: apt-get install -y python3-scipy";

/// Runs the script `tests/reference/<name>` with `request` on stdin; gives the JSON that it prints.
pub(crate) fn reference(name: &str, request: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name);
    let output = run(Command::new(PYTHON).arg(script), request.to_string().as_bytes());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {error}\n{REMEDY}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Holds a SQLite file, so that nobody else writes it, until it is dropped.
pub(crate) fn hold_sqlite(file: &Path) -> Process {
    const HOLD: &str = "import sqlite3, sys, time\n\
        file = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        file.execute('BEGIN IMMEDIATE')\n\
        print('held', flush=True)\n\
        sys.stdin.read()";
    let mut command = Command::new(PYTHON);
    command.args(["-c", HOLD]).arg(file).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{PYTHON}: {error}\n{REMEDY}"));
    let mut said = [0; 5];
    child.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
    Process(child)
}

fn run(command: &mut Command, input: &[u8]) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| panic!("{PYTHON}: {error}\n{REMEDY}"));
    // The scripts read all of it before they print anything. One that fails before says why itself.
    child.stdin.take().unwrap().write_all(input).ok();
    child.wait_with_output().unwrap()
}
