//! Integration tests: one binary, mirroring the module and route tree.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod daemon;
mod library;
mod microphone;
mod microphone_server;
mod slow_clients;
mod spectrum;
mod stream;
mod support;
mod wav;
