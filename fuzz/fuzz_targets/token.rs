//! libFuzzer on `tests/fuzz/token.rs`.

#![no_main]

mod corpus;
#[path = "../../tests/fuzz/token.rs"]
mod token;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static BENCH: LazyLock<token::Bench> = LazyLock::new(token::Bench::new);

fuzz_target!(
    init: corpus::plant(token::seeds()),
    |data: &[u8]| BENCH.token(data)
);
