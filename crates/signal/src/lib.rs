//! What travels: frames of samples, the gaps between them, their units and their wire form.
//!
//! A leaf crate without I/O, async or unsafe code; it builds for wasm32, so that server and browser share it.

#![forbid(unsafe_code)]

mod epoch;
mod frame;
mod frame_rate;
mod gap;
mod index;
pub mod units;
pub mod wire;

pub use epoch::{Epoch, MAX_SAMPLE_INDEX};
pub use frame::{AudioFrame, FrameFlags};
pub use frame_rate::{FrameRate, NotAFrameRate};
pub use gap::{Gap, GapCause};
pub use index::{NotASampleIndex, SampleIndex};
