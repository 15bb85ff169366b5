#!/usr/bin/env bash
# How many small mistakes in core its own tests notice. Outside CI: an hour on two cores. mutmut (BSD-3-Clause) makes the mistakes.
#   scripts/mutants.sh            all of core
#   scripts/mutants.sh 'goodword.core.money*' …   those whose names match
#   LEFT=1 scripts/mutants.sh     those that survived the last time, or were not tried
#   ENOUGH=1 scripts/mutants.sh   gives up on a mistake after a second of tests; what is left is for LEFT=1 without it
# It prints how many are noticed by module; .cache/mutants/survivors.txt shows each that is not. J=4 on a larger machine.
set -euo pipefail
cd "$(dirname "$0")/.."
here=.cache/mutants
mkdir -p "$here"
[ -x "$here/venv/bin/mutmut" ] || {
    python3 -m venv "$here/venv"
    "$here/venv/bin/pip" install -q mutmut==3.8.1
    "$here/venv/bin/pip" install -q --require-hashes -r requirements.lock
}
for part in src tests testkit docs examples pyproject.toml scripts; do
    rm -rf "${here:?}/$part"
    cp -r "$part" "$here/$part"
done
cd "$here"
exec env PYTHONPATH=src:. PYTHONHASHSEED=0 venv/bin/python scripts/mutants.py "$@"
