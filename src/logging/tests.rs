//! Lines as people and machines read them, levels that change, and repeated lines that are held back.

use std::sync::Mutex;

use log::kv::ToValue;
use log::{Level, Record};
use serde_json::{Value, json};

use super::*;

/// A log that ends in memory.
struct Captured {
    logger: Reloadable,
    reload: Reload,
    text: Buffer,
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Captured {
    fn new(level: &str, rust_log: Option<&str>, format: LogFormat) -> Self {
        let text = Buffer::default();
        let form = (format, WriteStyle::Never);
        let (logger, reload) = build(level, rust_log, form, || Box::new(text.clone())).unwrap();
        Self { logger, reload, text }
    }

    fn write(&self, level: Level, target: &str, message: &str, pairs: &[(&str, log::kv::Value<'_>)]) {
        let mut record = Record::builder();
        record.level(level).target(target).key_values(&pairs);
        self.logger.log(&record.args(format_args!("{message}")).build());
    }

    /// What was written since the last call.
    fn taken(&self) -> String {
        self.logger.sink.flush_within(Duration::from_secs(30));
        String::from_utf8(std::mem::take(&mut self.text.0.lock().unwrap())).unwrap()
    }

    /// Whether a line of this level and target is written.
    fn writes(&self, level: Level, target: &str) -> bool {
        self.write(level, target, "x", &[]);
        !self.taken().is_empty()
    }
}

#[test]
fn text_is_one_line_with_fields() {
    let log = Captured::new("info", None, LogFormat::Text);
    let name = "USB\nMic".to_value();
    log.write(Level::Warn, "photophone::source", "Device\nlost", &[("rate_hz", 48000.to_value()), ("device", name)]);
    let line = log.taken();
    let (time, rest) = line.split_once(' ').unwrap();
    assert_eq!(rest, "WARN  photophone::source: Device\\nlost rate_hz=48000 device=\"USB\\nMic\"\n");
    assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
}

#[test]
fn json_is_one_object_with_fields() {
    let log = Captured::new("info", None, LogFormat::Json);
    let pairs = [("rate_hz", 48000.to_value()), ("level", 0.5.to_value()), ("nan", f64::NAN.to_value())];
    log.write(Level::Info, "photophone::source", "Device \"a\"\nopened", &pairs);
    let line = log.taken();
    let mut object: Value = serde_json::from_str(&line).unwrap();
    let ts = object["ts"].take();
    assert!(ts.as_str().unwrap().ends_with('Z'));
    let expected = json!({
        "ts": null, "level": "info", "target": "photophone::source", "message": "Device \"a\"\nopened",
        "rate_hz": 48000, "level_": 0.5, "nan": null,
    });
    assert_eq!(object, expected);
    assert_eq!(line.lines().count(), 1);
    assert!(line.starts_with("{\"ts\":"), "{line}");
}

#[test]
fn the_level_changes_at_run_time() {
    let log = Captured::new("warn", None, LogFormat::Text);
    assert!(!log.writes(Level::Info, "photophone"));
    assert_eq!(log.reload.set("info,photophone::source=trace"), Ok(true));
    assert!(log.writes(Level::Info, "photophone"));
    assert!(log.writes(Level::Trace, "photophone::source::microphone"));
    assert!(log.reload.set("loud").is_err());
    assert!(log.writes(Level::Info, "photophone"));
}

#[test]
fn rust_log_wins() {
    let log = Captured::new("trace", Some("photophone=warn"), LogFormat::Text);
    assert!(!log.writes(Level::Info, "photophone"));
    assert_eq!(log.reload.set("debug"), Ok(false));
    assert!(!log.writes(Level::Info, "photophone"));
    assert!(log.writes(Level::Warn, "photophone"));
}

#[test]
fn the_web_framework_is_quiet_unless_asked() {
    let log = Captured::new("debug", None, LogFormat::Text);
    assert!(!log.writes(Level::Warn, "rocket::launch"));
    assert!(!log.writes(Level::Error, "rocket::server"));
    assert!(!log.writes(Level::Warn, "h2::proto::streams") && log.writes(Level::Error, "h2::proto::streams"));
    assert!(!log.writes(Level::Warn, "photophone::http::routes::health::_"), "a line of a macro of the framework");
    assert!(log.writes(Level::Warn, "photophone::http::routes::health"));
    assert_eq!(log.reload.set("info,rocket=info"), Ok(true));
    assert!(log.writes(Level::Info, "rocket::server::_"));
    assert!(log.writes(Level::Info, "photophone::http::routes::health::_"));
}

#[test]
fn it_starts_once_and_only_with_a_level() {
    assert!(matches!(start("loud", None, LogFormat::Text), Err(StartError::Level(_))));
    assert!(start("off", None, LogFormat::Text).is_ok());
    assert!(matches!(start("off", None, LogFormat::Text), Err(StartError::Twice(_))));
}
