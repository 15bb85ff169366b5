#!/bin/sh
# Makes .venv with everything in requirements.lock, checked by hash, and this project in it.
# Needs Python 3.11 or later with venv; PYTHON names another interpreter than python3.
set -eu
cd "$(dirname "$0")/.."

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! new_enough .venv/bin/python; then
    for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 none; do
        if new_enough "$python"; then break; fi
    done
    if [ "$python" = none ]; then
        echo "setup: Python 3.11 or later is needed; name it with PYTHON=/path/to/python3 make setup" >&2
        exit 1
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "setup: $python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
    rm -rf .venv
    "$python" -m venv .venv
fi

echo "setup: fetching what requirements.lock names, 300 MB the first time, into .venv; that may take minutes"
# uv first, by the hashes that the lock file has for it; where it has no build, plain pip does the same work.
quiet_pip() { .venv/bin/python -m pip --disable-pip-version-check --quiet "$@"; }
awk '/^[^ ]/ { mine = /^uv==/ } mine' requirements.lock >.venv/uv.lock
if quiet_pip install --require-hashes --no-deps --only-binary :all: -r .venv/uv.lock && .venv/bin/uv --version >/dev/null; then
    install() { .venv/bin/uv pip install --quiet --python .venv/bin/python "$@"; }
else
    echo "setup: no uv here, going on with pip"
    install() { quiet_pip install "$@"; }
fi
install --require-hashes --no-deps -r requirements.lock
install --no-build-isolation --no-deps --editable .
scripts/browser.sh
touch .venv/stamp
echo "setup: .venv is ready ($(.venv/bin/python --version))"
