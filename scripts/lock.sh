#!/bin/sh
# Writes requirements.lock anew from pyproject.toml, that of the image, which has no tools, that of the benchmarks' peers and that
# of other systems' clients: every version with its hashes, for every platform, and no address.
set -eu
cd "$(dirname "$0")/.."
lock() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header "$@"
}
lock --extra dev --extra parquet "$@" pyproject.toml -o requirements.lock
lock --constraint requirements.lock pyproject.toml deploy/requirements.in -o deploy/requirements.lock
lock "$@" bench/peers/requirements.in -o bench/peers/requirements.lock
for clients in requirements older; do
    lock "$@" tests/clients/$clients.in -o tests/clients/$clients.lock
done
if grep -nE '://|^-' requirements.lock deploy/requirements.lock bench/peers/requirements.lock tests/clients/*.lock; then
    echo "lock: a lock file holds an address" >&2
    exit 1
fi
# Those of node, where npm is: its lock has who takes donations in it, which is an address too.
if command -v npm >/dev/null; then
    (cd tests/clients && rm -f package-lock.json && npm install --silent --package-lock-only)
    .venv/bin/python - <<'END'
import json
from pathlib import Path

lock = Path("tests/clients/package-lock.json")
found = json.loads(lock.read_text())
for package in found["packages"].values():
    package.pop("funding", None)
lock.write_text(json.dumps(found, indent=2) + "\n")
END
    if grep -n '://' tests/clients/package-lock.json; then
        echo "lock: a lock file holds an address" >&2
        exit 1
    fi
fi
