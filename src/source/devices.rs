//! The input devices of this machine, as plain data for `photophone devices`, `/api/devices` and error messages.
//!
//! Listing opens each device for a moment and may take one or two seconds; it never touches a running stream. Whoever
//! asks often keeps the answer.

use serde::Serialize;
use utoipa::ToSchema;

/// One input device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeviceInfo {
    /// Names the device across restarts and replugs, e.g. `alsa:hw:CARD=USB,DEV=0`: the value for `source.device`.
    pub id: String,
    /// What the system calls it.
    pub name: String,
    /// The sound system that it is reached through, e.g. `ALSA`.
    pub host: String,
    /// Channel counts on offer, ascending; empty when `problem` says why.
    pub channels: Vec<u16>,
    /// Rates on offer in Hz, ascending. Of a continuous range: its usual rates and its ends.
    pub rates: Vec<u32>,
    /// Sample formats on offer, the one that would be used first.
    pub formats: Vec<String>,
    /// Whether `--source mic` chooses this one.
    pub default: bool,
    /// Why the device cannot be used now: busy, permission, or no format that can be read.
    pub problem: Option<String>,
}
