#!/usr/bin/env bash
# Runs each libFuzzer target of fuzz/ for the given seconds. The stable toolchain is told to accept the flags that
# libFuzzer needs; no sanitizer, since the program holds no unsafe code.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}

command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
export RUSTC_BOOTSTRAP=1
for target in $(cargo fuzz list); do
  echo "fuzzing $target for $seconds s"
  mkdir -p "fuzz/corpus/$target"
  cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" -- -max_total_time="$seconds" -print_final_stats=1
done
