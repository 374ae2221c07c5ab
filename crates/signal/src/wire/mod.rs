//! The wire form of frames and spectra: JSON whose numbers read back to the same f32 and u64.

mod json;

pub use json::{FrameJson, SpectrumJson};
