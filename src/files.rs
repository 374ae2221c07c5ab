//! Files and directories that a user names.
//!
//! Files are regular ones only, and never more of one is read than is expected: a named pipe would make the program
//! wait, a device could go on forever.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use thiserror::Error;

/// Why a file cannot be used; stands behind its name.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    /// The system says so.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is a directory, a pipe, a device.
    #[error("is no regular file")]
    NotRegular,
    /// It is too long.
    #[error("is longer than {max_bytes} bytes")]
    TooLong {
        /// What is allowed.
        max_bytes: u64,
    },
}

/// Opens a regular file.
pub(crate) fn open_regular(path: &Path) -> Result<File, FileError> {
    // Looked at before opening: opening a named pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(FileError::NotRegular);
    }
    Ok(File::open(path)?)
}

/// All that a regular file holds.
pub(crate) fn read_regular(path: &Path, max_bytes: u64) -> Result<Vec<u8>, FileError> {
    let mut content = Vec::new();
    open_regular(path)?.take(max_bytes + 1).read_to_end(&mut content)?;
    if content.len() as u64 > max_bytes {
        return Err(FileError::TooLong { max_bytes });
    }
    Ok(content)
}

/// Makes `dir` and its parents with mode 0700; one that exists stays as it is.
///
/// # Errors
/// When others may write in it, who could put a secret or users of their own there, or the system refuses.
pub(crate) fn own_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let mode = fs::metadata(dir)?.permissions().mode();
    if mode & 0o022 != 0 {
        let advice = format!("others may write in it (mode {:03o}): chmod go-w", mode & 0o777);
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, advice));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_the_expected_size_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let refused = |path: &Path| read_regular(path, 4).unwrap_err().to_string();
        assert!(refused(&path).starts_with("cannot be read: No such file"));
        assert_eq!(refused(dir.path()), "is no regular file");
        assert_eq!(refused(Path::new("/dev/zero")), "is no regular file");
        fs::write(&path, "12345").unwrap();
        assert_eq!(refused(&path), "is longer than 4 bytes");
        fs::write(&path, "1234").unwrap();
        assert_eq!(read_regular(&path, 4).unwrap(), b"1234");
    }
}
