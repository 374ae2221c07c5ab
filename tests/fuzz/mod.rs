//! What takes input from outside, as plain functions that must not panic, with seeds to start from. `fuzz/` gives them
//! to libFuzzer (`make fuzz`), `tests/it/fuzz.rs` to seeded mutations (`make test`).

pub(crate) mod binary;
pub(crate) mod config;
pub(crate) mod events;
pub(crate) mod parameters;
pub(crate) mod token;
pub(crate) mod wav;
pub(crate) mod wire;
