#!/usr/bin/env bash
# Starts the given photophone with config.yaml; on a machine without a microphone it says so and runs the simulation.
# Arguments after the binary are passed on to `serve`.
set -euo pipefail

photophone=$1
shift
source=()
# What holds, with the file, the environment and the defaults taken together.
settings=$("$photophone" --config config.yaml config print)
if [[ " $* " != *" --source"* && $settings == *$'\n  kind: mic '* ]]; then
  devices=$("$photophone" --config config.yaml devices --json)
  if [[ $devices != *'"default": true'* ]]; then
    echo "No microphone was found on this machine: running the simulated photoacoustic cell (--source sim)."
    source=(--source sim)
  fi
fi
exec "$photophone" serve --config config.yaml "${source[@]}" "$@"
