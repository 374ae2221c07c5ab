//! libFuzzer on `tests/fuzz/config.rs`.

#![no_main]

#[path = "../../tests/fuzz/config.rs"]
mod config;
mod corpus;

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: corpus::plant(config::seeds()),
    |data: &[u8]| config::config(data)
);
