//! `server.json` in the data directory: where the running server listens, for the commands that speak of it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

const FILE: &str = "server.json";

/// A server that runs on this data directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningServer {
    /// Where it listens, such as `http://127.0.0.1:8080`.
    pub url: String,
    /// Its process id.
    pub pid: u32,
}

/// Says that this process serves, until it is dropped.
#[derive(Debug)]
pub struct Announcement {
    path: PathBuf,
    server: RunningServer,
}

impl RunningServer {
    /// The server that runs on `data_dir`, if any. A note left by one that died is none.
    pub fn find(data_dir: &Path) -> Option<Self> {
        read(&data_dir.join(FILE)).filter(|server| is_alive(server.pid))
    }

    /// Writes that this process listens at `url`. The note goes when the answer is dropped.
    ///
    /// # Errors
    /// When `data_dir` cannot be written.
    pub fn announce(data_dir: &Path, url: &str) -> io::Result<Announcement> {
        let server = Self { url: url.into(), pid: std::process::id() };
        let path = data_dir.join(FILE);
        // Renamed, so that no reader sees half of it.
        let temporary = path.with_extension(format!("{}.tmp", server.pid));
        fs::write(&temporary, serde_json::to_vec(&server)?)?;
        fs::rename(&temporary, &path)?;
        Ok(Announcement { path, server })
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Another server may have taken the data directory over since; a failure leaves a note that `find` sees through.
        if read(&self.path).as_ref() == Some(&self.server) {
            drop(fs::remove_file(&self.path));
        }
    }
}

fn read(path: &Path) -> Option<RunningServer> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Whether there is such a process; without /proc (not Linux) the note is believed.
fn is_alive(pid: u32) -> bool {
    let proc = Path::new("/proc");
    !proc.join("self").exists() || proc.join(pid.to_string()).exists()
}
