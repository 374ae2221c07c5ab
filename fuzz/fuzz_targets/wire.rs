//! libFuzzer on `tests/fuzz/wire.rs`.

#![no_main]

mod corpus;
#[path = "../../tests/fuzz/wire.rs"]
mod wire;

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: corpus::plant(wire::seeds()),
    |data: &[u8]| wire::wire(data)
);
