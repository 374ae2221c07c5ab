//! The wire form of server-sent events (WHATWG HTML, "Server-sent events").
//!
//! Payloads are JSON on one line, so one `data:` field holds them. Frames and spectra are unnamed and carry an id;
//! named events carry none, so that the last id seen is always that of a frame.

use std::io::Write;

use photophone_signal::SampleIndex;
use serde::Serialize;

/// The unnamed event that keeps a connection alive while there is nothing to send.
pub const HEARTBEAT: &[u8] = b"data: {\"type\":\"heartbeat\"}\n\n";

/// An unnamed event with its id, whose payload is written by `write`.
pub fn data_event(id: SampleIndex, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = format!("id: {id}\ndata: ").into_bytes();
    write(&mut out);
    out.extend_from_slice(b"\n\n");
    out
}

/// Appends `payload` as JSON on one line.
pub fn write_json(out: &mut Vec<u8>, payload: &impl Serialize) {
    let written = serde_json::to_writer(out, payload).is_ok();
    // Our own types cannot fail to serialise into memory; a half-written event would break the stream.
    debug_assert!(written, "a payload was not written");
}

/// An event with a name and no id.
pub fn named_event(name: &str, payload: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    let written = write!(out, "event: {name}\ndata: ").is_ok();
    debug_assert!(written, "an event was not written");
    write_json(&mut out, payload);
    out.extend_from_slice(b"\n\n");
    out
}
