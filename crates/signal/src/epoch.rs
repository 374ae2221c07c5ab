//! The epoch: the span of time in which sample indices count from zero without a break.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The largest sample index, frame number or counter that a frame may carry: 2^53 − 1, the largest integer that
/// a JSON reader with f64 numbers keeps exact (RFC 8259 §6). A new epoch starts before an index would pass it.
pub const MAX_SAMPLE_INDEX: u64 = (1 << 53) - 1;

/// Identity of an epoch: new whenever the device, rate or format changes or the daemon restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(Uuid);

impl Epoch {
    /// An epoch from 128 random bits, marked as a version 4 UUID (RFC 9562 §5.4).
    pub fn from_random_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// The epoch whose UUID has these bytes, in the order of its text; none for the nil UUID (RFC 9562 §5.9).
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        let uuid = Uuid::from_bytes(bytes);
        (!uuid.is_nil()).then_some(Self(uuid))
    }

    /// The bytes of the UUID, in the order of its text.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Epoch {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
