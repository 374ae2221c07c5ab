#!/usr/bin/env bash
# Runs each libFuzzer target of fuzz/ for the given seconds, on the stable toolchain: without a sanitizer, as the
# program holds no unsafe code.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}

command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
for target in $(cargo fuzz list); do
  echo "fuzzing $target for $seconds s"
  cargo fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" -print_final_stats=1
done
