#!/bin/sh
# Writes requirements.lock anew from pyproject.toml, that of the image, which has no tools, and that of the benchmarks' peers: every
# version with its hashes, for every platform, and no address.
set -eu
cd "$(dirname "$0")/.."
lock() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header "$@"
}
lock --extra dev "$@" pyproject.toml -o requirements.lock
lock --constraint requirements.lock pyproject.toml deploy/requirements.in -o deploy/requirements.lock
lock "$@" bench/peers/requirements.in -o bench/peers/requirements.lock
if grep -nE '://|^-' requirements.lock deploy/requirements.lock bench/peers/requirements.lock; then
    echo "lock: a lock file holds an address" >&2
    exit 1
fi
