//! photophone: from a stereo microphone to a browser, every sample accounted for.

#![forbid(unsafe_code)]

pub mod cli;
pub mod clock;
pub mod config;
pub mod source;
