//! photophone: from a stereo microphone to a browser, every sample accounted for.

#![forbid(unsafe_code)]

pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod source;
