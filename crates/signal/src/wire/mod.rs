//! The wire forms of what travels: JSON whose numbers read back to the same f32 and u64, and binary messages.

pub mod binary;
mod envelope;
mod estimate;
mod frame_view;
mod json;
mod levels;
mod lockin;

pub use envelope::EnvelopeJson;
pub use estimate::{CrossJson, EstimateJson, PeakJson};
pub use frame_view::{FrameViewJson, SamplesError, SamplesJson};
pub use json::{FrameJson, SpectrumJson, flag_words};
pub use levels::{ChannelLevelsJson, LevelsJson};
pub use lockin::{DemodulatedJson, LockinJson};
