# What one does with this checkout. `make` alone lists it.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# pytest runs this many processes; each holds at most one embedding model.
JOBS ?= 2

.PHONY: help install demo check format test bench install-service uninstall-service clean
.DEFAULT_GOAL := help

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## put the command at .venv/bin/indexer (Python 3.11 or later)

# torch comes from the constraints; without them pip takes a build of several gigabytes.
$(STAMP): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	  echo "make: Python 3.11 or later is needed; found: $$("$(PYTHON)" --version 2>&1 || echo none)." \
	       "Install one, or name it: make install PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "make: $(PYTHON) cannot make virtual environments. On Debian and Ubuntu:" \
	       "apt-get install python3-venv" >&2; exit 1; }
	@[ -x $(BIN)/python ] || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@
	@echo "installed: $(BIN)/indexer"

demo: install ## show the indexer at work on a copy of the example policies
	@$(BIN)/python examples/demo.py

check: install ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install ## put the code into its format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: check ## the checks, then all tests
	$(BIN)/pytest -n $(JOBS)

bench: install ## the benchmarks, small: a table, and build/bench.json; benchmarks/README.md has full size
	$(BIN)/python -m benchmarks

install-service: ## as root: put the program into /opt/indexer and the service in place; again to upgrade (docs/service.md)
	@DESTDIR="$(DESTDIR)" PYTHON="$(PYTHON)" systemd/install install

uninstall-service: ## as root: take the service and its program out; configuration and data stay
	@DESTDIR="$(DESTDIR)" systemd/install uninstall

clean: ## remove what was built, the virtual environment included; no index but the demonstration's
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
