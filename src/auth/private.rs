//! Files that only their owner may read: the secret, the users and the one-time links in the data directory.
//!
//! Everything is replaced whole (temporary file, sync, rename), so a reader sees the old or the new content and a
//! power cut leaves one of the two. Writers of one directory take [`lock`] first; readers need no lock.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::random;
use crate::files;

/// Mode bits of group and others.
const FOREIGN_BITS: u32 = 0o077;

/// Makes `dir` when it is not there; one in which others may write is refused.
pub(super) fn ensure_dir(dir: &Path) -> Result<(), StoreError> {
    files::own_dir(dir).map_err(|source| StoreError::io("use", dir, source))
}

/// Waits until no other process or thread writes in `dir`; the lock ends when the returned file is dropped.
pub(super) fn lock(dir: &Path) -> Result<File, StoreError> {
    ensure_dir(dir)?;
    let path = dir.join(".auth.lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(|source| StoreError::io("open", &path, source))?;
    file.lock().map_err(|source| StoreError::io("lock", &path, source))?;
    Ok(file)
}

/// The content of `path`, or `None` when there is no such file.
///
/// # Errors
/// [`StoreError::TooOpen`] when group or others have any right on the file, [`StoreError::Malformed`] when it is
/// longer than `max_bytes`, [`StoreError::Io`] otherwise.
pub(super) fn read(path: &Path, max_bytes: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::io("open", path, source)),
    };
    // Asked of the open file, not of the path: what is checked is what is read.
    let mode = file.metadata().map_err(|source| StoreError::io("stat", path, source))?.permissions().mode() & 0o7777;
    if mode & FOREIGN_BITS != 0 {
        return Err(StoreError::TooOpen { path: path.into(), mode });
    }
    read_bounded(file, path, max_bytes).map(Some)
}

/// All that `file` holds, refused when it is longer than `max_bytes`.
fn read_bounded(file: File, path: &Path, max_bytes: u64) -> Result<Vec<u8>, StoreError> {
    let mut content = Vec::new();
    file.take(max_bytes + 1).read_to_end(&mut content).map_err(|source| StoreError::io("read", path, source))?;
    if content.len() as u64 > max_bytes {
        return Err(StoreError::malformed(path, format!("longer than {max_bytes} bytes")));
    }
    Ok(content)
}

/// Replaces `path` by a file of mode 0600 with this content, whole and synced.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let temporary = temporary_beside(path)?;
    let written =
        write_synced(&temporary, content).and_then(|()| fs::rename(&temporary, path)).and_then(|()| sync_parent(path));
    written.map_err(|source| {
        // The first failure is the one to tell; a leftover holds nothing that the directory does not.
        drop(fs::remove_file(&temporary));
        StoreError::io("write", path, source)
    })
}

fn temporary_beside(path: &Path) -> Result<PathBuf, StoreError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", hex(&random::bytes::<8>()?)));
    Ok(path.with_file_name(name))
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

/// Lower-case hexadecimal digits of `bytes`.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
