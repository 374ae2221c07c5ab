//! A log line for machines: one JSON object with `ts`, `level`, `target`, `message` and the record's key-values.

use std::io::{self, Write as _};

use env_logger::fmt::Formatter;
use log::Record;
use log::kv::{Error, Key, Value, VisitSource};
use serde_json::Map;

/// Writes a record as one object.
pub(super) fn write(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let mut object = Map::new();
    object.insert("ts".into(), out.timestamp_micros().to_string().into());
    object.insert("level".into(), record.level().as_str().to_lowercase().into());
    object.insert("target".into(), record.target().into());
    object.insert("message".into(), record.args().to_string().into());
    record.key_values().visit(&mut Fields(&mut object)).map_err(io::Error::other)?;
    serde_json::to_writer(&mut *out, &object)?;
    writeln!(out)
}

/// Adds the pairs; one that is named like a field that is there already gets an underscore.
struct Fields<'a>(&'a mut Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let mut name = key.to_string();
        while self.0.contains_key(&name) {
            name.push('_');
        }
        // A value that JSON has no form for, such as u128, is told as text.
        let value = serde_json::to_value(&value).unwrap_or_else(|_| value.to_string().into());
        self.0.insert(name, value);
        Ok(())
    }
}
