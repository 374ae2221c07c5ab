//! The programs under `examples/`, as tests run them.

use std::path::PathBuf;
use std::process::Command;

/// The binary of the example `name`, built if need be (plain `cargo test` has built it already).
#[expect(clippy::disallowed_methods, reason = "the tester's environment, to be cleaned of what cargo put there")]
pub(crate) fn example(name: &str) -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--offline", "--example", name]).current_dir(env!("CARGO_MANIFEST_DIR"));
    // What cargo tells a test about its package makes the build script of `ring` run again, and with it half the tree.
    for (key, _) in std::env::vars_os() {
        let told_to_tests = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_"];
        if told_to_tests.iter().any(|prefix| key.to_string_lossy().starts_with(prefix)) {
            build.env_remove(key);
        }
    }
    assert!(build.status().unwrap().success(), "example {name} does not build");
    // target/debug/deps/it-… -> target/debug/examples/…
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples").join(name)
}
