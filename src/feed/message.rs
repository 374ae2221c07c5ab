//! Binary messages that carry no samples: what happens to the stream, told in their `meta`.

use photophone_signal::wire::binary::{Header, MessageWriter};
use serde::Serialize;

/// A message of the feed of this number, of `kind`, that is about no samples of its own.
pub fn named(feed: u32, kind: &str, payload: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    write_named(feed, kind, payload, &mut out);
    out
}

/// Appends what [`named`] gives.
pub fn write_named(feed: u32, kind: &str, payload: &impl Serialize, out: &mut Vec<u8>) {
    let written = MessageWriter::begin(out, &Header { kind, feed, place: None }).meta(payload).finish();
    // Our own words and types are short and cannot fail to serialise into memory.
    debug_assert!(written.is_ok(), "a message was not written: {written:?}");
}

/// The message that keeps a connection alive while there is nothing to send.
pub fn heartbeat(feed: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header { kind: photophone_signal::wire::binary::kind::HEARTBEAT, feed, place: None };
    let written = MessageWriter::begin(&mut out, &header).finish();
    debug_assert!(written.is_ok(), "a heartbeat was not written: {written:?}");
    out
}
