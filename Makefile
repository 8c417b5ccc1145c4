# `make` alone lists what there is. Everything runs in .venv, which `make setup` makes from requirements-dev.lock.

# The first Python on this machine that is new enough; `make setup PYTHON=/path/to/python` chooses another.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
endif
ifeq ($(strip $(PYTHON)),)
PYTHON := python3
endif

RUN := .venv/bin/python
UV_VERSION := 0.13.9
# Debian packages that tests need beyond Python's own: a broker for sensors.
DEBIAN_TEST_PACKAGES := mosquitto
# So many tests run at a time, each worker with a Kafka and a PostgreSQL of its own (1 GB); faults run one by one.
WORKERS := 2
LOCK := build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help setup packages demo test check still fast bench faults up lock schemas compile clean

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## make .venv from the lock (PYTHON=… chooses the interpreter); instant when nothing changed
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "No Python found: install 3.11 or newer, or say make $@ PYTHON=/path/to/python." >&2; exit 2; }
	@$(PYTHON) ops/bootstrap.py

demo: setup ## start everything, bring in real requests, print what became of them (EXIT=1 ends by itself)
	@.venv/bin/threecross demo $(if $(filter-out 0 no,$(EXIT)),--exit)

packages: # what tests need of the system: installed where that is possible, named where not
	@missing=$$(for p in $(DEBIAN_TEST_PACKAGES); do { dpkg -s $$p || command -v $$p || test -x /usr/sbin/$$p; } >/dev/null 2>&1 || printf ' %s' $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing$$missing for tests"; apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null; \
	else echo "Tests need$$missing: install them (on Debian and Ubuntu: sudo apt install$$missing)." >&2; exit 2; fi

test: setup packages ## every tier of the tests; CI calls this, where a skipped test is a failure
	@export HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci}; \
	$(RUN) -m pytest tests --ignore=tests/faults --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder; fine=$$?; \
	$(RUN) -m pytest tests/faults && exit $$fine

check: setup ## format, lint, types, imports, generated files, fast tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target still fast

still: # of check: all that only looks, and the contract
	@.venv/bin/ruff format --check --output-format=concise || { echo "Not formatted: run .venv/bin/ruff format" >&2; exit 1; }
	@.venv/bin/ruff check --quiet
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@$(RUN) -m schemas.generate --check
	@HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-quick} $(RUN) -m pytest -q tests/contract

fast: # of check, beside it: fast tests
	@HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-quick} $(RUN) -m pytest -q tests/unit tests/laws

bench: setup ## benchmarks, into build/bench.json
	@$(RUN) -m tests.bench $(ARGS)

faults: setup ## long fault campaigns, into build/faults.json (ARGS=engine or ARGS=connectors: one of them)
	@$(RUN) -m tests.faults $(ARGS)

up: setup ## run the hub until Ctrl-C (ARGS="--data-dir D --http-port N …")
	@.venv/bin/threecross up $(ARGS)

lock: ## resolve pyproject.toml into the locks again (UPGRADE=1 takes newer versions)
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(LOCK) pyproject.toml --extra dev --output-file requirements-dev.lock
	@$(LOCK) pyproject.toml --constraint requirements-dev.lock --output-file requirements.lock
	@echo setuptools | $(LOCK) - --constraint requirements-dev.lock --output-file requirements-build.lock

schemas: setup ## generate events, codec, ids and golden bytes from schemas/avro
	@$(RUN) -m schemas.generate
	@$(RUN) -m schemas.generate.golden tests/contract/golden

compile: setup ## compile the codec (optional; the same functions run as Python without)
	@$(RUN) -m schemas.generate.compile

clean: ## remove .venv, build and caches
	@rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
