# Two commands are all it takes: `make crawl` and `make test`. Each installs what it needs, once.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# Python 3.11 or newer under any of its usual names
FOUND_PYTHON := $(shell for p in $(PYTHON) python3 python; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: install crawl test check soak bench format clean

install: $(VENV)/.runtime

$(VENV)/bin/python:
	@test -n "$(FOUND_PYTHON)" || { echo "Jiedu needs Python 3.11 or newer; install it or run: make PYTHON=/path/to/python"; exit 1; }
	$(FOUND_PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Starts the sample portals, crawls them into archive/samples, edits some articles, crawls again.
crawl: install
	$(BIN)/python -m tests.site.demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not soak" -n 2 --dist worksteal

# The full-size drills; minutes, not seconds.
soak: $(VENV)/.dev
	$(BIN)/python -m pytest -m soak

# Extraction beside its peers; EVAL is the folder of the scorer and its corpora. Some ten minutes.
EVAL ?= ../shared/eval
bench: install
	$(BIN)/python benchmarks/extraction.py --eval $(EVAL)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .venv-peers .mypy_cache .pytest_cache .ruff_cache
