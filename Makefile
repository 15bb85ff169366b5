# Every command that a developer or an operator needs. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo pages test clients lines check format docs golden mutants bench faults lock
PY := .venv/bin/python
# Three workers suit the smallest machine that CI has, two cores: each waits for its servers now and then. J=8 on a larger one.
J ?= 3

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/stamp ## make .venv with everything that is needed

.venv/stamp: requirements.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh

demo: setup ## the whole of it on a month of traffic; ONCE=1 ends instead of serving
	@$(PY) -m goodword demo $(if $(ONCE),--once)

pages: setup ## every page of the console in a real browser, build/pages; SMALL=1 on a month, ONLY=text takes some, LOCALE=de the portal all in German, README=1 makes docs/rewards.png
	@scripts/browser.sh
	@SMALL=$(SMALL) ONLY="$(ONLY)" LOCALE=$(LOCALE) README=$(README) PYTHONPATH=. $(PY) scripts/pages.py

test: setup ## all tests but those of `make clients`; QUICK=1 those of rules, sources and the write path in two minutes, FULL=1 the long ones too, ARGS= goes to pytest
	@FULL=$(FULL) $(PY) -m pytest -n $(J) --ignore=tests/clients $(if $(QUICK),tests/core tests/words tests/sources tests/app) $(ARGS)

clients: setup ## the real clients of other systems against a running server, docs/compatibility.md; SEEN=1 takes what they do now for right
	@rm -rf build/clients/seen
	@SEEN=$(SEEN) $(PY) -m pytest tests/clients -n $(J) $(ARGS)
	@SEEN=$(SEEN) $(PY) scripts/compatibility.py

lines: setup ## how long tests, faults, bench and testkit are without their test functions, here and at the base
	@$(PY) scripts/lines.py

check: setup ## lint, format, types, layers, catalogues, generated pages
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy src
	@MYPYPATH=.:src $(PY) -m mypy --explicit-package-bases testkit faults
	@MYPYPATH=bench:.:src $(PY) -m mypy --explicit-package-bases bench/*.py bench/works
	@MYPYPATH=clients/python/src $(PY) -m mypy clients/python/src
	@.venv/bin/lint-imports --no-cache --no-logo
	@$(PY) scripts/catalogues.py --check
	@$(PY) scripts/generate_docs.py --check
	@$(PY) scripts/generate_clients.py --check

format: setup ## put the code into form
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

docs: setup ## the catalogues compiled, the generated pages anew
	@$(PY) scripts/catalogues.py
	@$(PY) scripts/generate_docs.py
	@$(PY) scripts/generate_clients.py

golden: setup ## the golden logs anew, where what is decided is meant to change
	@$(PY) scripts/golden_logs.py

mutants: ## small mistakes in core that no test notices, docs/mutants.md; an hour; NAMES='goodword.core.money*' takes some, LEFT=1 what was left
	@scripts/mutants.sh $(NAMES)

bench: setup ## the benchmarks, each beside its peers; QUICK=1 ends within five minutes, WORK=name takes one, BASE=1 beside the base, KEPT=folder keeps what console has filled
	@QUICK=$(QUICK) WORK="$(WORK)" BASE=$(BASE) KEPT="$(KEPT)" PYTHONPATH=. $(PY) bench/run.py

faults: setup ## what goes wrong, made to go wrong; QUICK=1 tries less, WORK=name takes one part, SEED= another chance
	@QUICK=$(QUICK) WORK="$(WORK)" $(PY) -m faults

lock: setup ## requirements.lock anew; ARGS=--upgrade takes newer versions
	@scripts/lock.sh $(ARGS)
