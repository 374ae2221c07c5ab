//! The log: lines on stderr, for people or one JSON object each, filtered by `log.level` or `RUST_LOG`.
//!
//! The level can change while the program runs ([`Reload`]); the format is fixed at the start. A line that could repeat
//! without end goes through [`LogEvery`]. Text from outside cannot forge a line: control characters are escaped.
//!
//! Whoever logs never waits for whoever reads the log: lines go through a bounded queue (`sink`). At the end of the
//! process `log::logger().flush()` gives them a moment to get out.

mod json;
mod rate;
mod sink;
mod text;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use anstream::AutoStream;
use arc_swap::ArcSwap;
use env_filter::Filter;
use env_logger::{Builder, Logger, Target, WriteStyle};
use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};

pub use rate::LogEvery;

use crate::config::{LogFormat, level_filter, quiet_filter};
use sink::Sink;

/// What the last lines get at the end of the process. With what connections and threads get, less than 2 s.
const FLUSH_WITHIN: Duration = Duration::from_millis(200);

/// Changes the level of the log while the program runs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reload {
    filter: Arc<ArcSwap<Filter>>,
    /// `RUST_LOG` was set: it wins over any `log.level` for the life of the process.
    is_forced: bool,
}

impl Reload {
    /// Logs by another `log.level` from now on. Returns whether it took effect: `RUST_LOG` wins.
    ///
    /// # Errors
    /// What a level should look like; the old one stays.
    pub fn set(&self, level: &str) -> Result<bool, &'static str> {
        let filter = level_filter(level)?;
        if !self.is_forced {
            log::set_max_level(filter.filter());
            self.filter.store(Arc::new(filter));
        }
        Ok(!self.is_forced)
    }
}

/// Why the log cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The level is none.
    #[error("log.level; expected {0}")]
    Level(&'static str),
    /// Another logger was there first.
    #[error("the log was started twice")]
    Twice(#[from] SetLoggerError),
    /// The system has no more threads.
    #[error("the log cannot be written: {0}")]
    Thread(#[from] io::Error),
}

/// Starts the log of this process on stderr. `rust_log` is the filter that wins over `level`.
///
/// # Errors
/// When the level is wrong, or the log was started before.
pub fn start(level: &str, rust_log: Option<&str>, format: LogFormat) -> Result<Reload, StartError> {
    let style = AutoStream::choice(&io::stderr()).into();
    let (logger, reload) = build(level, rust_log, (format, style), || Box::new(io::stderr()))?;
    let max_level = logger.filter.load().filter();
    log::set_boxed_logger(Box::new(logger))?;
    log::set_max_level(max_level);
    Ok(reload)
}

/// A logger whose filter can change.
struct Reloadable {
    filter: Arc<ArcSwap<Filter>>,
    printer: Logger,
    sink: Sink,
}

impl Log for Reloadable {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_enabled(&self.filter.load(), metadata)
    }

    fn log(&self, record: &Record<'_>) {
        let filter = self.filter.load();
        if filter.matches(record) && is_enabled(&filter, record.metadata()) {
            self.printer.log(record);
        }
    }

    fn flush(&self) {
        self.sink.flush_within(FLUSH_WITHIN);
    }
}

/// Whether a line of this origin is written. Lines that Rocket's macros write into a route carry the route's module as
/// their target, with `::_` behind; they count as Rocket's.
fn is_enabled(filter: &Filter, metadata: &Metadata<'_>) -> bool {
    if metadata.target().ends_with("::_") && !metadata.target().starts_with("rocket") {
        let of_rocket = Metadata::builder().level(metadata.level()).target("rocket").build();
        return filter.enabled(&of_rocket);
    }
    filter.enabled(metadata)
}

/// A log whose lines end up in what `open` gives.
fn build(
    level: &str,
    rust_log: Option<&str>,
    form: (LogFormat, WriteStyle),
    open: impl Fn() -> Box<dyn Write + Send>,
) -> Result<(Reloadable, Reload), StartError> {
    let from_level = level_filter(level).map_err(StartError::Level)?;
    let filter = Arc::new(ArcSwap::from_pointee(rust_log.map_or(from_level, rust_log_filter)));
    let sink = Sink::default();
    sink.start(open(), printer(form, open()))?;
    let printer = printer(form, Box::new(sink.clone()));
    let reload = Reload { filter: Arc::clone(&filter), is_forced: rust_log.is_some() };
    Ok((Reloadable { filter, printer, sink }, reload))
}

/// Writes each record in one call to `out`.
fn printer((format, style): (LogFormat, WriteStyle), out: Box<dyn Write + Send>) -> Logger {
    let mut printer = Builder::new();
    printer.filter_level(LevelFilter::Trace).target(Target::Pipe(out)).write_style(style);
    match format {
        LogFormat::Text => printer.format(text::write),
        LogFormat::Json => printer.format(json::write),
    };
    printer.build()
}

/// As every program reads `RUST_LOG`: a wrong directive is left out, with a warning on stderr.
fn rust_log_filter(text: &str) -> Filter {
    quiet_filter().parse(text).build()
}

#[cfg(test)]
mod tests;
