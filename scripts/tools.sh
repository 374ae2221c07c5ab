#!/usr/bin/env bash
# Checks for the two toolchains that no package of the system brings in the version needed: Rust and Node.js.
set -euo pipefail

if ! command -v cargo >/dev/null; then
  echo "Rust is missing: install it with rustup (https://rustup.rs), then run again." >&2
  exit 1
fi

node_wanted=20.19
node_version=$(node --version 2>/dev/null | sed 's/^v//' || true)
if [[ $(printf '%s\n' "$node_wanted" "${node_version:-0}" | sort -V | head -n 1) != "$node_wanted" ]]; then
  echo "Node.js $node_wanted or newer with npm is needed to build the web page; found ${node_version:-none}." >&2
  echo "Install it from https://nodejs.org or with your system's packages, then run again." >&2
  exit 1
fi
command -v npm >/dev/null || { echo "npm is missing: install the npm that belongs to Node.js $node_version." >&2; exit 1; }
