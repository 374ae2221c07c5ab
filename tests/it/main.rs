//! Integration tests: one binary, mirroring the module and route tree.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "seeds and measured figures are shown when a test fails, or on demand")]

mod auth;
mod cli;
mod connections;
mod daemon;
mod events_history;
mod feed;
mod fuzz;
mod library;
mod lifecycle;
mod log;
mod microphone;
mod microphone_server;
mod realtime;
mod reload;
mod routes;
mod slow_clients;
mod soak;
mod spectrum;
mod spectrum_estimator;
mod stream;
mod support;
mod tls;
mod wav;
mod wire;
