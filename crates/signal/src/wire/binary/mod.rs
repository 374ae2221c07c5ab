//! The binary form of the wire: self-delimiting messages for WebSocket and for `application/octet-stream`.
//!
//! A message is the JSON event of the same kind in another coat: what every event has stands in a fixed header, arrays
//! are sections of aligned little-endian numbers under their JSON names, and the remaining fields are one JSON object,
//! the section `meta`. So a new kind of event needs no new code here, and a reader skips what it does not know.
//! `docs/wire.md` is normative and has the byte table.
//!
//! ```text
//! header  88 bytes: magic, version, lengths, feed, kind, flags, epoch, indices, times, rate
//! section 32 bytes: name, element type, count; then the elements, padded to 8 bytes
//! section …
//! ```

mod cursor;
mod error;
mod frame;
mod header;
mod message;
mod reader;
mod section;
mod writer;

pub use error::{DecodeError, EncodeError, Fault, StreamError};
pub use frame::{read_frame, write_frame};
pub use header::{HEADER_BYTES, Header, MAGIC, MAX_MESSAGE_BYTES, Place, VERSION};
pub use message::Message;
pub use reader::MessageReader;
pub use section::{Elements, SECTION_HEADER_BYTES, Section};
pub use writer::{MessageWriter, SampleFormat};

/// Name of the section of JSON with all fields that are neither in the header nor arrays.
const META: &str = "meta";

/// Names of the kinds of messages: those of the events in JSON.
pub mod kind {
    /// Samples: `channel_a`, `channel_b`.
    pub const FRAME: &str = "frame";
    /// Extremes per column for drawing: `min_a`, `max_a`, `rms_a`, `min_b`, …
    pub const ENVELOPE: &str = "envelope";
    /// Levels, in `meta`.
    pub const LEVELS: &str = "levels";
    /// A spectrum: `magnitude_a`, `phase_a`, …
    pub const SPECTRUM: &str = "spectrum";
    /// A lock-in's reading, in `meta`.
    pub const LOCKIN: &str = "lockin";
    /// Samples that will not come, in `meta`.
    pub const GAP: &str = "gap";
    /// What the source does from now on, in `meta`.
    pub const STATE: &str = "state";
    /// This feed ends for this viewer; the reason is in `meta`.
    pub const END: &str = "end";
    /// The server ends; the reason is in `meta`.
    pub const SHUTDOWN: &str = "shutdown";
    /// The token has expired; the reason is in `meta`.
    pub const REAUTH: &str = "reauth";
    /// Nothing to send; the connection is alive.
    pub const HEARTBEAT: &str = "heartbeat";
}
