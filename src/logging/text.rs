//! A log line for people: time, level, target, message, then `key=value`.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};

use env_logger::fmt::Formatter;
use log::Record;
use log::kv::{Error, Key, Value, VisitSource};

/// Writes a record as one line.
pub(super) fn write(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let style = out.default_level_style(record.level());
    let (time, level, target) = (out.timestamp_millis(), record.level(), record.target());
    let mut line = format!("{time} {style}{level:<5}{style:#} {target}: ");
    write!(Escaped(&mut line), "{}", record.args()).map_err(io::Error::other)?;
    record.key_values().visit(&mut Fields(&mut line)).map_err(io::Error::other)?;
    writeln!(out, "{line}")
}

/// Appends ` key=value`; text with anything but plain characters is quoted.
struct Fields<'a>(&'a mut String);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let text = value.to_string();
        let is_plain = |c: char| c.is_alphanumeric() || "-_.:/+%@".contains(c);
        if !text.is_empty() && text.chars().all(is_plain) {
            write!(self.0, " {key}={text}")?;
        } else {
            write!(self.0, " {key}={text:?}")?;
        }
        Ok(())
    }
}

/// Passes text on with control characters escaped, so that one record is one line.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c.is_control() {
                true => self.0.extend(c.escape_default()),
                false => self.0.push(c),
            }
        }
        Ok(())
    }
}
