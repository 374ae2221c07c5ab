//! The log: lines on stderr, for people or one JSON object each, filtered by `log.level` or `RUST_LOG`.
//!
//! The level can change while the program runs ([`Reload`]); the format is fixed at the start. A line that could repeat
//! without end goes through [`LogEvery`]. Text from outside cannot forge a line: control characters are escaped.

mod json;
mod rate;
mod text;

use std::sync::Arc;

use arc_swap::ArcSwap;
use env_filter::Filter;
use env_logger::{Builder, Logger, Target};
use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};

pub use rate::LogEvery;

use crate::config::{LogFormat, level_filter};

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
}

/// Starts the log of this process on stderr. `rust_log` is the filter that wins over `level`.
///
/// # Errors
/// When the level is wrong, or the log was started before.
pub fn start(level: &str, rust_log: Option<&str>, format: LogFormat) -> Result<Reload, StartError> {
    let (logger, reload) = build(level, rust_log, format, Target::Stderr).map_err(StartError::Level)?;
    let max_level = logger.filter.load().filter();
    log::set_boxed_logger(Box::new(logger))?;
    log::set_max_level(max_level);
    Ok(reload)
}

/// A logger whose filter can change.
struct Reloadable {
    filter: Arc<ArcSwap<Filter>>,
    printer: Logger,
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
        self.printer.flush();
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

fn build(
    level: &str,
    rust_log: Option<&str>,
    format: LogFormat,
    target: Target,
) -> Result<(Reloadable, Reload), &'static str> {
    let from_level = level_filter(level)?;
    let filter = Arc::new(ArcSwap::from_pointee(rust_log.map_or(from_level, rust_log_filter)));
    let mut printer = Builder::new();
    printer.filter_level(LevelFilter::Trace).target(target);
    match format {
        LogFormat::Text => printer.format(text::write),
        LogFormat::Json => printer.format(json::write),
    };
    let reload = Reload { filter: Arc::clone(&filter), is_forced: rust_log.is_some() };
    Ok((Reloadable { filter, printer: printer.build() }, reload))
}

/// As every program reads `RUST_LOG`: a wrong directive is left out, with a warning on stderr.
fn rust_log_filter(text: &str) -> Filter {
    env_filter::Builder::new().filter_module("rocket", LevelFilter::Off).parse(text).build()
}

#[cfg(test)]
mod tests;
