//! Integration tests: one binary, mirroring the module and route tree.

mod microphone;
mod support;
