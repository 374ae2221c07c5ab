//! Integration tests: one binary, mirroring the module and route tree.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod auth;
mod cli;
mod lifecycle;
mod log;
mod microphone;
mod reload;
mod routes;
mod stream;
mod support;
mod tls;
