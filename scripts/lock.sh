#!/bin/sh
# Writes requirements.lock anew from pyproject.toml: every version with its hashes, for every platform, and no address.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes \
    --no-annotate --no-header "$@" pyproject.toml -o requirements.lock
if grep -nE '://|^-' requirements.lock; then
    echo "lock: requirements.lock holds an address" >&2
    exit 1
fi
