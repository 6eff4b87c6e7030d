# One place to set up, run, test and measure Carework. Every target works from a fresh clone.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 8000
# Two workers suit two cores; work stealing keeps neighbouring tests, and so their module fixtures, on one worker.
PYTEST_OPTIONS ?= -n 2 --dist worksteal --durations=10

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench pictures lock clean browser-packages

help: ## List the targets
	@grep -hE '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z%-]+):.*## /\1: /'

setup: $(STAMP) ## Build .venv from the hash-pinned lock and install Carework into it

$(STAMP): requirements-dev.txt pyproject.toml .ci/setup.py
	@$(PYTHON) .ci/setup.py $(VENV)
	@touch $@

run: setup ## Serve the example clinic on http://127.0.0.1:8000 (SQLite)
	@$(BIN)/carework demo --port $(PORT)

test: setup browser-packages check ## Run every test, on SQLite and PostgreSQL, with a real browser
	@$(BIN)/pytest $(PYTEST_OPTIONS)

check: setup ## Lint, types, import direction
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## Apply what ruff can repair by itself
	@$(BIN)/ruff check --fix .

bench: setup ## Compare with the hand-written application; writes build/bench.json
	@$(BIN)/python -m tests.benchmarks.run

proof-%: setup ## Run one long proof: proof-powercut, proof-agreement, proof-packs, ...
	@$(BIN)/python -m pytest -n 0 -m proof -o timeout=3600 -s tests/proofs/test_$*.py

pictures: setup browser-packages ## Take the pictures of the guides and of the README anew
	@$(BIN)/python .ci/pictures.py

lock: ## Rewrite the locks from requirements*.in (needs uv)
	@.ci/lock

browser-packages:
	@.ci/system-packages

clean: ## Remove the environment and everything built
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .import_linter_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
