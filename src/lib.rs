//! photophone: from a stereo microphone to a browser, every sample accounted for.

#![forbid(unsafe_code)]

// Fuzz bodies under tests/fuzz name the crate as libFuzzer's programs do.
#[cfg(test)]
extern crate self as photophone;

pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod source;
