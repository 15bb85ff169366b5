#!/usr/bin/env bash
# How many small mistakes in core its own tests notice. Outside CI: hours on two cores. mutmut (BSD-3-Clause) makes the mistakes.
#   scripts/mutants.sh            all of core
#   scripts/mutants.sh 'goodword.core.money*' …   those whose names match
# Mistakes that a golden log notices are told by scripts/mutants.py, a fork each; only the rest are given to mutmut's own runs of
# the tests. It prints who survived; `cd .cache/mutants && venv/bin/mutmut show NAME` shows one. J=4 on a larger machine.
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
cat >>"$here/pyproject.toml" <<'TOML'

[tool.mutmut]
source_paths = ["src/"]
only_mutate = ["src/goodword/core/*"]
# Left out: what reads the source, which here is full of mistakes, instead of calling it.
pytest_add_cli_args = ["-p", "no:xdist", "--ignore=tests/core/test_no_language.py"]
pytest_add_cli_args_test_selection = ["tests/core"]
also_copy = ["tests", "testkit", "docs", "examples"]
TOML
cd "$here"
exec venv/bin/python scripts/mutants.py "$@"
