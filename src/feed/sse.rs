//! The wire form of server-sent events (WHATWG HTML, "Server-sent events").
//!
//! Payloads are JSON on one line, so one `data:` field holds them. Frames and spectra are unnamed and carry an id;
//! named events carry none, so that the last id seen is always that of a frame.

use std::io::Write;

use photophone_signal::Epoch;
use serde::Serialize;

/// The unnamed event that keeps a connection alive while there is nothing to send.
pub const HEARTBEAT: &[u8] = b"data: {\"type\":\"heartbeat\"}\n\n";

/// Appends an unnamed event with id `<epoch>:<first_sample>`.
pub fn write_data_event(out: &mut Vec<u8>, epoch: Epoch, first_sample: u64, payload: &impl Serialize) {
    let written = write!(out, "id: {epoch}:{first_sample}\ndata: ").is_ok()
        && serde_json::to_writer(&mut *out, payload).is_ok()
        && out.write_all(b"\n\n").is_ok();
    // Our own types cannot fail to serialise into memory; a half-written event would break the stream.
    debug_assert!(written, "an event was not written");
}

/// An event with a name and no id.
pub fn named_event(name: &str, payload: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    let written = write!(out, "event: {name}\ndata: ").is_ok()
        && serde_json::to_writer(&mut out, payload).is_ok()
        && out.write_all(b"\n\n").is_ok();
    debug_assert!(written, "an event was not written");
    out
}
