#!/bin/sh
# Installs the clients of other systems that tests/clients runs, by its lock files: build/clients/python, build/clients/older (what
# will not stand beside the others), build/clients/node.
# Fails where their registry is not to be reached; node's are left out where there is no npm.
set -eu
cd "$(dirname "$0")/.."
from=tests/clients
to=build/clients
mkdir -p $to
exec 9>$to/lock
flock 9
python() {
    if ! cmp -s "$from/$1.lock" "$to/$2/installed"; then
        rm -rf "${to:?}/$2"
        .venv/bin/python -m venv "$to/$2"
        "$to/$2/bin/python" -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps --only-binary :all: \
            -r "$from/$1.lock"
        cp "$from/$1.lock" "$to/$2/installed"
    fi
}
python requirements python
python older older
if command -v npm >/dev/null && ! cmp -s $from/package-lock.json $to/node/installed; then
    rm -rf $to/node
    mkdir -p $to/node
    cp $from/package.json $from/package-lock.json $from/.npmrc $to/node/
    (cd $to/node && npm ci --silent --ignore-scripts)
    cp $from/package-lock.json $to/node/installed
fi
