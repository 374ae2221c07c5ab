//! Integration tests: one binary, mirroring the module and route tree.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a seeded test tells its seed")]

mod fuzz;
mod microphone;
mod soak;
mod stream;
mod support;
