//! Integration tests: one binary, mirroring the module and route tree.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod microphone;
mod slow_clients;
mod stream;
mod support;
mod wav;
