//! Tests that run short in `make test` and whole in `make soak`, which sets `PHOTOPHONE_SOAK=1`.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// `short`, or `long` when soaking.
pub(crate) fn lengthened<T>(short: T, long: T) -> T {
    if variable("PHOTOPHONE_SOAK").is_some() { long } else { short }
}

/// The seed of this run for the test `name`, printed. `PHOTOPHONE_SEED` repeats a run.
pub(crate) fn seed(name: &str) -> u64 {
    let given = variable("PHOTOPHONE_SEED").map(|text| text.parse().expect("PHOTOPHONE_SEED is a number"));
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(name));
    println!("{name}: repeat with PHOTOPHONE_SEED={seed}");
    seed
}

#[expect(clippy::disallowed_methods, reason = "what make tells its tests")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
