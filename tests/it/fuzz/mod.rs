//! Fuzz bodies over their seeds and seeded mutations of them: short here, a hundred times longer in `make soak`.

mod mutation;

#[path = "../../fuzz/mod.rs"]
mod bodies;

use crate::support::soak;
use mutation::Mutations;

/// Runs `body` on all seeds, then on `rounds` mutations.
fn run(name: &str, rounds: usize, seeds: Vec<Vec<u8>>, body: impl Fn(&[u8])) {
    seeds.iter().for_each(|seed| body(seed));
    let random_seed = soak::seed(name);
    for data in Mutations::new(seeds, random_seed).take(soak::lengthened(rounds, 100 * rounds)) {
        let before_panic = ShowOnPanic(&data);
        body(&data);
        drop(before_panic);
    }
}

/// Prints the input at hand when the body panics.
struct ShowOnPanic<'a>(&'a [u8]);

impl Drop for ShowOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("input: \"{}\"", self.0.escape_ascii());
        }
    }
}

#[test]
fn wav() {
    run("wav", 20_000, bodies::wav::seeds(), bodies::wav::wav);
}

#[test]
fn config() {
    run("config", 1000, bodies::config::seeds(), bodies::config::config);
}

#[test]
fn token() {
    let bench = bodies::token::Bench::new();
    run("token", 10_000, bodies::token::seeds(), |data| bench.token(data));
}

#[test]
fn wire() {
    run("wire", 20_000, bodies::wire::seeds(), bodies::wire::wire);
}

#[test]
fn binary() {
    run("binary", 20_000, bodies::binary::seeds(), bodies::binary::binary);
}
