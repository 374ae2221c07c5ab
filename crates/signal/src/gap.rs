//! The gap: a typed statement that samples are missing, and why.

use serde::{Deserialize, Serialize};

use crate::Epoch;

/// Samples `from_sample..to_sample` of `epoch` will not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gap {
    /// The epoch in which both indices count.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub epoch: Epoch,
    /// The first missing sample.
    pub from_sample: u64,
    /// The first sample after the gap; none when the epoch ended within it.
    pub to_sample: Option<u64>,
    /// Where the samples were lost.
    pub cause: GapCause,
    /// False when the length is an estimate from clocks, as at an xrun or after a device came back; when the epoch
    /// ended within the gap, since nobody knows how far it went; and when the gap begins with an event named by a
    /// viewer that came back, since nobody knows any more where that ended.
    pub exact: bool,
    /// The epoch that follows, when this one ended within the gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub next_epoch: Option<Epoch>,
}

/// Where samples were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GapCause {
    /// The device or its driver lost them (an xrun).
    Device,
    /// The ring between the audio callback and the acquisition thread was full.
    Ring,
    /// The device was away or was reopened.
    Reopen,
    /// The subscriber was too slow: they were passed over, or are older than what is kept.
    Subscriber,
    /// They are older than the history kept for reconnecting viewers.
    History,
    /// A processor did not deliver them.
    Processor,
}

impl Gap {
    /// Missing samples per channel; none when the epoch ended within the gap.
    pub fn samples(&self) -> Option<u64> {
        self.to_sample.map(|to| to - self.from_sample)
    }
}
