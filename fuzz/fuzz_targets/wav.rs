//! libFuzzer on `tests/fuzz/wav.rs`.

#![no_main]

mod corpus;
#[path = "../../tests/fuzz/wav.rs"]
mod wav;

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: corpus::plant(wav::seeds()),
    |data: &[u8]| wav::wav(data)
);
