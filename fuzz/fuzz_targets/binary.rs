//! libFuzzer on `tests/fuzz/binary.rs`.

#![no_main]

mod corpus;
#[path = "../../tests/fuzz/binary.rs"]
mod binary;

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: corpus::plant(binary::seeds()),
    |data: &[u8]| binary::binary(data)
);
