#!/bin/sh
# Fetches what the benchmarks compare with, into folders beside this file that git ignores:
#   setup.sh peers   .venv: the Django peers in requirements.lock, checked by hash
#   setup.sh tools   .tools: Debian's nginx and wrk, unpacked but not installed; those on the PATH are taken instead
# Fails with a line that says why; the benchmarks then go on without.
set -eu
cd "$(dirname "$0")"
python=../../.venv/bin/python

peers() {
    if [ .venv/stamp -nt requirements.lock ]; then return; fi
    rm -rf .venv
    "$python" -m venv .venv
    if ../../.venv/bin/uv --version >/dev/null 2>&1; then
        ../../.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --no-deps -r requirements.lock
    else
        .venv/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r requirements.lock
    fi
    touch .venv/stamp
}

tools() {
    if [ -e .tools/stamp ]; then return; fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
        echo "nginx and wrk are fetched on Debian and Ubuntu only; elsewhere put them on the PATH" >&2
        exit 1
    fi
    rm -rf .tools
    mkdir .tools
    (cd .tools && apt-get -qq -o APT::Sandbox::User=root download nginx wrk libluajit-5.1-2 && for package in *.deb; do dpkg -x "$package" .; done)
    touch .tools/stamp
}

case "${1:-}" in
peers | tools) "$1" ;;
*) echo "setup.sh: peers or tools?" >&2; exit 1 ;;
esac
