#!/usr/bin/env bash
# Makes the given directory a virtual environment of Python that holds clients/python, editable, and what it is checked
# and tested with, in the versions of its constraints.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1
client=clients/python

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Python 3.11 or newer is needed to test $client; found $(python3 --version)." >&2
  exit 1
fi
python3 -m venv --clear "$venv"
pip=("$venv/bin/pip" --disable-pip-version-check install --quiet --constraint "$client/constraints.txt")
# What builds the package is pinned too, so it is there before and not fetched anew.
"${pip[@]}" hatchling editables
"${pip[@]}" --no-build-isolation --editable "$client[test]"
