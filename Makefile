# `make chat` and `make test` set up what they need by themselves.  `make help` lists the rest.

# The first Python that is new enough; `make chat PYTHON=/path/to/python` takes another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PINNED := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help chat test test-slow test-cluster lint check golden bench bench-quality clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

chat: $(VENV)/installed  ## ask the documents of config/youju.yaml in the terminal
	@$(BIN)/youju chat

test: $(VENV)/installed-dev  ## run the tests that take less than 3 minutes in all
	$(BIN)/python -m pytest -n auto

test-slow: $(VENV)/installed-dev  ## run the long tests: processes killed, load, fuzzing
	$(BIN)/python -m pytest -m slow --no-cov

test-cluster: $(VENV)/installed-dev  ## run the tests of the cluster engine, on three nodes (Maven, JDK 21 or newer)
	$(BIN)/python -m pytest -m cluster --no-cov -rs tests/cluster

lint: $(VENV)/installed-dev  ## format, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint  ## everything that must pass before a commit: lint, and the tests with their coverage
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

golden: $(VENV)/installed-dev  ## rewrite the files that show what people see, and the schema
	$(BIN)/python -m pytest -q --update-golden

bench: $(VENV)/installed-bench  ## measure speed against baselines (CORPUS=folder of documents, DATA=folder of the sets)
	$(BIN)/python tests/bench/cold_start.py
	@if [ -n "$(CORPUS)" ]; then $(BIN)/python tests/bench/reading.py "$(CORPUS)"; else \
		echo "reading was not measured: name a folder of documents, as in make bench CORPUS=~/laws"; fi
	$(BIN)/python tests/bench/search.py $(CORPUS)
	@if [ -n "$(DATA)" ]; then $(BIN)/python tests/bench/scaling.py "$(DATA)"; else \
		echo "the tables of docs/scaling.md were not measured: name the folder of the sets (DATA=)"; fi

bench-quality: $(VENV)/installed-bench  ## measure answers against baselines (DATA=/folder/of/the/sets)
	$(BIN)/python tests/bench/quality.py $(DATA)

clean:  ## remove the environment, the index and what tools left behind
	rm -rf $(VENV) index dist .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/installed: $(PINNED) | $(VENV)/created
	@echo "Installing Youju into $(VENV) (once) ..."
	@$(PIP) install -c constraints.txt -e '.[documents]'
	@touch $@

$(VENV)/installed-dev: $(PINNED) | $(VENV)/created
	@echo "Installing Youju and its tests into $(VENV) (once) ..."
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-bench: $(VENV)/installed-dev
	@$(PIP) install -c constraints.txt -e '.[bench]'
	@touch $@

$(VENV)/created:
	@test -n "$(PYTHON)" || { echo "Youju needs Python 3.11 or newer: install it, or name it with PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { echo "$(PYTHON) cannot make a virtual environment: install its venv module (Debian: apt install python3-venv)"; exit 1; }
	@touch $@
