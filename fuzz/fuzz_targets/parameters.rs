//! libFuzzer on `tests/fuzz/parameters.rs`.

#![no_main]

mod corpus;
#[path = "../../tests/fuzz/parameters.rs"]
mod parameters;

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: corpus::plant(parameters::seeds()),
    |data: &[u8]| parameters::parameters(data)
);
