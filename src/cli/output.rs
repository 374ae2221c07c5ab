//! What subcommands write to stdout. A reader that went away (`| head`) is no failure and no panic.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use super::CliError;

/// Writes one line, or several, and flushes.
///
/// # Errors
/// When stdout cannot be written, a full disk for instance.
pub(super) fn line(text: impl Display) -> Result<(), CliError> {
    line_to(&mut io::stdout().lock(), text)
}

fn line_to(out: &mut impl Write, text: impl Display) -> Result<(), CliError> {
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::failure(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
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
