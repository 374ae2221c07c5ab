#!/usr/bin/env bash
# Installs the named Debian packages that are missing, with sudo when not root. Without apt it names them and stops.
set -euo pipefail

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "$@"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [[ $status == "install ok installed" ]] || missing+=("$package")
  done
  ((${#missing[@]})) || exit 0
fi

if ! command -v apt-get >/dev/null; then
  # Another system has other names for them: what counts is that the programs and headers are there.
  [[ -n ${PHOTOPHONE_PACKAGES_INSTALLED:-} ]] && exit 0
  echo "This system has no apt. Install what provides these Debian packages, then run again with" >&2
  echo "PHOTOPHONE_PACKAGES_INSTALLED=1 in the environment: $*" >&2
  exit 1
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "Not root and no sudo. Install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi

echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
