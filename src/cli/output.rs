//! What subcommands write to stdout. A reader that went away (`| head`) is no failure and no panic.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use super::CliError;

/// Stdout for a subcommand that writes by itself: what nobody reads any more is written nowhere.
pub(super) struct Readable<W>(pub W);

impl<W: Write> Write for Readable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_gone(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_gone(self.0.flush(), ())
    }
}

fn unless_gone<T>(result: io::Result<T>, gone: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(gone),
        other => other,
    }
}

/// Writes one line, or several, and flushes.
///
/// # Errors
/// When stdout cannot be written, a full disk for instance.
pub(super) fn line(text: impl Display) -> Result<(), CliError> {
    line_to(&mut io::stdout().lock(), text)
}

fn line_to(out: &mut impl Write, text: impl Display) -> Result<(), CliError> {
    let mut out = Readable(out);
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    written.map_err(|error| CliError::failure(format!("standard output cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_broken_pipe_is_no_failure_but_a_full_disk_is() {
        assert_eq!(line_to(&mut Failing(ErrorKind::BrokenPipe), "x"), Ok(()));
        assert!(line_to(&mut Failing(ErrorKind::StorageFull), "x").is_err());
    }
}
