# Saathi. `make chat` to try it, `make test` to check all of it; both set up what they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: translate-check help setup core everything chat test check lint golden train lock bench faults clean

# Byte code is kept, whatever the environment says: hundreds of processes start in a test run.
unexport PYTHONDONTWRITEBYTECODE

# Any Python from 3.11 on can begin; pyenv's shims that lead nowhere are passed over.
ifndef PYTHON
PYTHON := $(shell for python in python3.11 python3.12 python3.13 python3 \
	$(HOME)/.pyenv/versions/3.11*/bin/python $(HOME)/.pyenv/versions/3.12*/bin/python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)
endif
SETUP = $(if $(PYTHON),$(PYTHON),@echo "Saathi needs Python 3.11 or newer on PATH." >&2; exit 1;) \
	tools/setup.py
BIN = .venv/bin

help: ## what can be done here
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## everything that Saathi needs to run, Rasa included
	@$(SETUP) core nlu || test $$? -eq 3

core:
	@$(SETUP) core

everything:
	@$(SETUP) core nlu browser judges || { code=$$?; test $$code -eq 3 \
	&& test -z "$(CI)" && $(SETUP) browser judges; }

chat: core ## start Saathi and print where to chat; Rasa comes up meanwhile
	@if [ -n "$$TELEGRAM_BOT_TOKEN" ]; then \
		export SAATHI_CHANNELS__TELEGRAM__TOKEN="$$TELEGRAM_BOT_TOKEN"; fi; exec $(BIN)/saathi run

test: everything lint ## set up what is needed and pass every check
	@$(MAKE) --no-print-directory faults SECONDS=60
	@$(BIN)/pytest -n 2 --dist worksteal

check: core lint ## the quick checks, under a minute
	@$(BIN)/pytest -n 2 --dist worksteal -m "not slow and not browser"

lint: ## style, types, imports, translations
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy bot storage flows nlu tests tools
	@$(BIN)/lint-imports --no-cache >.build/imports.log || { cat .build/imports.log; exit 1; }
	@$(BIN)/python -m bot.translations check

translate-check: core ## what is missing or wrong in the catalogs
	@$(BIN)/python -m bot.translations check

golden: core ## accept how the recorded dialogues come out now
	@SAATHI_GOLDEN=accept $(BIN)/pytest tests/test_dialogues.py

train: ## train Rasa's model, if its data changed
	@$(SETUP) core nlu

SECONDS = 600
faults: core ## families tell their cases for SECONDS while everything fails
	@[ $(SECONDS) -lt 600 ] || SAATHI_EXAMPLES=50000 $(BIN)/pytest -q -n 2 \
		tests/faults/test_mailbox_model.py
	@$(BIN)/python -m benchmarks.faults --seconds $(SECONDS)

bench: core ## Saathi against its peers, all in the same run
	@$(BIN)/python -m benchmarks

# One lock for whoever works here, one for production, one for each environment of its own.
COMPILE = .tools/bin/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url \
	--no-annotate
lock: core ## pin all dependencies anew (add ARGS=--upgrade for newer ones)
	$(COMPILE) $(ARGS) --universal --python-version 3.11 pyproject.toml --group dev \
		-o requirements.lock
	$(COMPILE) $(ARGS) --universal --python-version 3.11 pyproject.toml \
		-c requirements.lock -o requirements-run.lock
	$(COMPILE) $(ARGS) --universal --python-version 3.11 tests/judges/requirements.in \
		-o tests/judges/requirements.lock
	$(COMPILE) $(ARGS) --python-version 3.10 --no-python-downloads nlu/requirements.in \
		-o nlu/requirements.lock
	echo 'uv==0.13.9' | $(COMPILE) - -o tools/uv.lock

clean: ## remove what was built; data/ stays
	rm -rf .build .tools .venv .venv-nlu .venv-judges node_modules
	rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis
