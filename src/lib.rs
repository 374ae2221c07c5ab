//! photophone: from a stereo microphone to a browser, every sample accounted for.
//!
//! ```text
//!  sound card ── callback ─▶ ring ─┐
//!  WAV file ───────────────────────┼▶ source ─▶ acquisition ─▶ stream ───▶ feed ──────────────▶ http ─▶ viewers
//!  simulated cell ─────────────────┘   blocks     frames, gaps    history  frames, envelopes,   SSE, binary messages,
//!                                                                    │     levels, spectra,     WebSocket
//!                                                                    │     lock-in: encoded once    ▲
//!                                                                    └───▶ events ──────────────────┘
//!                                                     states, gaps, clipping; what viewers and pages do
//! ```
//!
//! The modules stand below in the order in which data flows; `app` builds them all and draws each arrow.

#![forbid(unsafe_code)]

// Fuzz bodies under tests/fuzz name the crate as libFuzzer's programs do.
#[cfg(test)]
extern crate self as photophone;

pub mod clock;
pub mod config;
mod files;
mod json;
pub mod lifecycle;
pub mod logging;
mod text;

pub mod source;

pub mod acquisition;

pub mod stream;

pub mod spectrum;

pub mod lockin;

pub mod feed;

pub mod events;

pub mod auth;
pub mod http;

mod announcement;
pub mod app;
mod calibration;
pub mod cli;
mod descriptors;
mod reload;
mod report;
mod running;
mod tls;
mod witness;
