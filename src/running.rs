//! The server that runs on a data directory: one at a time, and where it listens, for the commands that speak of it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::clock::SystemClock;
use crate::files;

const LOCK_FILE: &str = ".server.lock";
const NOTE_FILE: &str = "server.json";

/// How often a lock that is held is tried.
const LOCK_TRIES: u32 = 20;

/// Between two tries, in microseconds: longer than [`RunningServer::find`] holds it.
const LOOK_US: u64 = 10_000;

/// Where a server that runs on a data directory is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunningServer {
    /// Such as `http://127.0.0.1:8080`.
    pub url: String,
    /// Its process id.
    pub pid: u32,
}

/// A data directory held by this process, which serves. Dropping it lets it go.
#[derive(Debug)]
pub(crate) struct ServedDir {
    path: PathBuf,
    // The lock ends with the file.
    _lock: File,
}

/// Why a data directory cannot be served from.
#[derive(Debug, Error)]
pub enum ServedDirError {
    /// It cannot be made or written.
    #[error("data directory {}: {source} (data_dir, or --data-dir)", path.display())]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another server holds it.
    #[error("data directory {} is in use by another photophone{}: end it, or give --data-dir", path.display(), at(url.as_ref()))]
    InUse {
        /// The directory.
        path: PathBuf,
        /// Where the other one listens, if it says.
        url: Option<String>,
    },
}

impl ServedDir {
    /// Makes the directory when it is not there and holds it for this process.
    ///
    /// # Errors
    /// When it cannot be written or another server holds it.
    pub(crate) fn hold(path: PathBuf) -> Result<Self, ServedDirError> {
        let clock = SystemClock::shared();
        Self::hold_patiently(path, || clock.sleep_until_us(clock.now_us() + LOOK_US))
    }

    /// Whoever asks which server runs holds the lock for a moment: it is tried some times, with `wait` in between.
    fn hold_patiently(path: PathBuf, mut wait: impl FnMut()) -> Result<Self, ServedDirError> {
        for _ in 0..LOCK_TRIES {
            match lock(&path) {
                Ok(None) => wait(),
                Ok(Some(lock)) => return Ok(Self { path, _lock: lock }),
                Err(source) => return Err(ServedDirError::Unusable { path, source }),
            }
        }
        let url = read_note(&path).map(|server| server.url);
        Err(ServedDirError::InUse { path, url })
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ServedDir {
    fn drop(&mut self) {
        // Without the note nobody is misled; with it, the lock tells that nobody serves.
        fs::remove_file(self.path.join(NOTE_FILE)).unwrap_or_default();
    }
}

impl RunningServer {
    /// Notes that this process, which holds `data_dir`, listens at `url`.
    ///
    /// # Errors
    /// When `data_dir` cannot be written.
    pub(crate) fn announce(data_dir: &Path, url: &str) -> io::Result<()> {
        let server = Self { url: url.into(), pid: std::process::id() };
        let temporary = data_dir.join(format!("{NOTE_FILE}.tmp"));
        // Left by one that died. Made anew, so that no link is followed; renamed, so that no reader sees half of it.
        fs::remove_file(&temporary).unwrap_or_default();
        let mut file = File::options().create_new(true).write(true).mode(0o600).open(&temporary)?;
        file.write_all(&serde_json::to_vec(&server)?)?;
        fs::rename(&temporary, data_dir.join(NOTE_FILE))
    }

    /// The server that runs on `data_dir`, if any. A note left by one that died is none.
    pub(crate) fn find(data_dir: &Path) -> Option<Self> {
        let lock = File::open(data_dir.join(LOCK_FILE)).ok()?;
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read_note(data_dir),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }
}

/// The lock, or none when another process has it.
fn lock(data_dir: &Path) -> io::Result<Option<File>> {
    files::own_dir(data_dir)?;
    let lock_file = data_dir.join(LOCK_FILE);
    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(lock_file)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn read_note(data_dir: &Path) -> Option<RunningServer> {
    serde_json::from_slice(&fs::read(data_dir.join(NOTE_FILE)).ok()?).ok()
}

fn at(url: Option<&String>) -> String {
    url.map(|url| format!(" at {url}")).unwrap_or_default()
}

/// The URL under which a browser on this machine reaches a server on `address` and `port`.
pub(crate) fn url(address: IpAddr, port: u16, tls: bool) -> String {
    let reachable = match address {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(reachable, port))
}

/// The page that redeems `code` on the server at `base`.
pub(crate) fn login_url(base: &str, code: &str) -> String {
    format!("{}/login?code={code}", base.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_data_directory_is_held_by_one_server_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let held = ServedDir::hold(dir.path().join("new")).unwrap();
        RunningServer::announce(held.path(), "http://127.0.0.1:1").unwrap();
        let refused = ServedDir::hold(dir.path().join("new")).unwrap_err().to_string();
        assert!(refused.contains("in use by another photophone at http://127.0.0.1:1"), "{refused}");
        assert_eq!(RunningServer::find(held.path()).unwrap().url, "http://127.0.0.1:1");
        drop(held);
        assert_eq!(RunningServer::find(&dir.path().join("new")), None);
    }

    #[test]
    fn who_asks_for_the_running_server_does_not_keep_one_from_starting() {
        let dir = tempfile::tempdir().unwrap();
        drop(ServedDir::hold(dir.path().to_owned()).unwrap());
        let asking = File::open(dir.path().join(LOCK_FILE)).unwrap();
        asking.try_lock_shared().unwrap();
        let mut asking = Some(asking);
        assert!(ServedDir::hold_patiently(dir.path().to_owned(), || drop(asking.take())).is_ok());
    }

    #[test]
    fn a_directory_in_which_others_may_write_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let refused = ServedDir::hold(dir.path().to_owned()).unwrap_err().to_string();
        assert!(refused.contains("others may write"), "{refused}");
    }

    #[test]
    fn a_note_left_by_a_dead_server_is_seen_through() {
        let dir = tempfile::tempdir().unwrap();
        drop(ServedDir::hold(dir.path().to_owned()).unwrap());
        RunningServer::announce(dir.path(), "http://127.0.0.1:1").unwrap();
        assert_eq!(RunningServer::find(dir.path()), None);
    }

    #[test]
    fn a_wildcard_address_is_reached_over_loopback() {
        assert_eq!(url("0.0.0.0".parse().unwrap(), 80, false), "http://127.0.0.1:80");
        assert_eq!(url("::".parse().unwrap(), 443, true), "https://[::1]:443");
    }
}
