//! Integration tests: one binary, mirroring the module and route tree.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod auth;
mod cli;
mod fuzz;
mod lifecycle;
mod log;
mod microphone;
mod reload;
mod routes;
mod soak;
mod stream;
mod support;
mod tls;
mod wav;
