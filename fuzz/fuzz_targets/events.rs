//! libFuzzer on `tests/fuzz/events.rs`.

#![no_main]

mod corpus;
#[path = "../../tests/fuzz/events.rs"]
mod events;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static BENCH: LazyLock<events::Bench> = LazyLock::new(events::Bench::new);

fuzz_target!(
    init: corpus::plant(events::seeds()),
    |data: &[u8]| BENCH.events(data)
);
