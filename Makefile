# Everything starts here: each target sets up what it needs, on an empty Debian or Ubuntu with Python 3.11+ and make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
PY := .venv/bin/python
INSTALL_LOG := .venv/install.log
PIP := $(PY) -m pip install --no-input --disable-pip-version-check --constraint constraints.txt
REQUIREMENTS := $(PY) -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]
MANAGE := $(PY) manage.py

# Caches and Chromium need a home, which some schedulers and containers leave empty.
ifeq ($(strip $(HOME)),)
export HOME := $(shell getent passwd "$$(id -u)" | cut -d: -f6)
endif

.PHONY: help run test check bench clean browser

help: ## Show this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: .venv/runtime ## Start AskAcme with a demo company on http://127.0.0.1:8000 (PORT=... for another port)
	@exec $(MANAGE) serve --demo

test: .venv/runtime .venv/dev build/litellm/installed browser ## Run every test, on a real database, Redis and browser (ARGS="-k words" for some)
	@exec $(PY) -m pytest -n 2 --dist loadfile $(ARGS)

check: .venv/runtime .venv/dev ## Check format, lint, types, import contracts, migrations and house rules
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy .
	@PYTHONPATH=. .venv/bin/lint-imports
	@$(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@$(PY) -m pytest -q tests/test_house_rules.py

bench: .venv/runtime ## Measure import, search, answers, guards, gateway (CORPUS=dir: dir/docs, dir/questions.jsonl; SECURITY=dir; CHUNKS=1000000)
	@CORPUS="$(CORPUS)" SECURITY="$(SECURITY)" CHUNKS="$(CHUNKS)" $(PY) -m tests.bench

clean: ## Remove the environment and everything built; your data in var/ stays
	@rm -rf .venv build .test-var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache ./*.egg-info
	@find . -path ./var -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# What each target stands on. The files are stamps: a second run finds them and skips the step.

.venv/made:
	@if [ -z "$(PYTHON)" ]; then \
		echo "AskAcme needs Python 3.11 or newer, and none was found: apt-get install python3" >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		package=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing $$package ..."; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$$package" >/dev/null; \
		else echo "Python's venv module is missing: apt-get install $$package" >&2; exit 1; fi; fi
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/runtime: pyproject.toml constraints.txt | .venv/made
	@echo "Installing AskAcme's packages; the first time this takes a minute or two ..."
	@$(PIP) --requirement <($(REQUIREMENTS); print(*project["dependencies"], sep="\n")') \
		>$(INSTALL_LOG) 2>&1 || { tail -n 15 $(INSTALL_LOG); exit 1; } >&2
	@touch $@

.venv/dev: pyproject.toml constraints.txt | .venv/runtime
	@echo "Installing the tools for tests and checks ..."
	@$(PIP) --requirement <($(REQUIREMENTS); print(*project["optional-dependencies"]["dev"], sep="\n")') \
		>$(INSTALL_LOG) 2>&1 || { tail -n 15 $(INSTALL_LOG); exit 1; } >&2
	@touch $@

# The tests ask LiteLLM's proxy too, which has requirements of its own.
build/litellm/installed: tests/llm/litellm.txt | .venv/made
	@echo "Installing LiteLLM's proxy for the tests; the first time this takes a minute or two ..."
	@.venv/bin/python -m venv --clear build/litellm
	@build/litellm/bin/python -m pip install --no-input --disable-pip-version-check --requirement $< \
		>.venv/litellm.log 2>&1 || { tail -n 15 .venv/litellm.log; exit 1; } >&2
	@touch $@

browser:
	@if ! command -v chromium >/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing Chromium for the browser tests ..."; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
		else echo "The browser tests need Chromium: apt-get install chromium" >&2; exit 1; fi; fi
