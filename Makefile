# Everything a contributor needs, on a machine with Python 3.11 or newer, git and make.
# Each target creates .venv first when it is missing or older than the requirements.

PYTHON ?= python3
WORKERS ?= auto
PYTEST ?=

BIN := .venv/bin
STAMP := .venv/.complete
WORKFLOWS := $(wildcard .github/workflows/*.yml)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help venv test test-long demo bench fuzz soak docs messages lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

venv: $(STAMP) ## create or refresh .venv

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'make: "$(PYTHON)" is not Python 3.11 or newer; name one: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'make: "$(PYTHON)" cannot create environments; install its venv package (Debian: apt install python3-venv)' >&2; exit 1; }
	@echo '== install: .venv'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: $(STAMP) ## lint, types, floors, workflows, messages, tests with branch coverage
	@echo '== lint: ruff check'
	@$(BIN)/ruff check --quiet .
	@echo '== format: ruff format'
	@$(BIN)/ruff format --check --quiet . || { echo 'make: run .venv/bin/ruff format .' >&2; exit 1; }
	@echo '== types: mypy --strict'
	@$(BIN)/mypy --strict
	@echo '== floors: import-linter'
	@$(BIN)/lint-imports --no-cache --no-logo > .venv/floors.txt || { cat .venv/floors.txt; exit 1; }
	@echo '== workflows: zizmor, check-jsonschema'
	@$(BIN)/zizmor --offline --quiet --no-progress --persona=pedantic $(WORKFLOWS)
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	@echo '== messages: the Chinese catalogue is complete'
	@$(BIN)/python .ci/messages.py --check
	@echo '== tests: pytest with branch coverage'
	@.ci/postgres
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal --cov --cov-report=term $(PYTEST)

test-long: $(STAMP) ## the tests that take minutes or much space
	@echo '== tests: pytest, the long ones'
	@.ci/postgres
	@$(BIN)/python -m pytest -q -m long --hypothesis-profile=other $(PYTEST)

demo: $(STAMP) ## validate, plan, apply and plan again against a simulated QQ
	@$(BIN)/qqgroup demo

bench: $(STAMP) .venv-bench/.complete ## measure speed beside peers and write benchmarks/results.md
	@$(BIN)/python -m benchmarks

# Peers have an environment of their own: what they need must not decide what qqgroup is tested with.
.venv-bench/.complete: requirements/bench.txt
	@echo '== install: .venv-bench'
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

fuzz: .venv-fuzz/.complete ## give readers of files and answers what no one would; FUZZ_SECONDS=600
	@.venv-fuzz/bin/python -m fuzz

# The fuzzer has an environment of its own as well, with the package and all that its tests need.
.venv-fuzz/.complete: requirements/fuzz.txt requirements/dev.txt pyproject.toml
	@echo '== install: .venv-fuzz'
	@$(PYTHON) -m venv .venv-fuzz
	@.venv-fuzz/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@.venv-fuzz/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@.venv-fuzz/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

soak: $(STAMP) ## talk, apply, break and kill for SOAK_MINUTES=30, and write benchmarks/soak.md
	@$(BIN)/python -m benchmarks.soak

docs: $(STAMP) ## write again what is generated in docs/ and the pictures of the READMEs
	@$(BIN)/python docs/generate.py

messages: $(STAMP) ## bring the catalogues in step with the sources and compile them
	@$(BIN)/python .ci/messages.py --update
	@$(BIN)/pybabel -q compile -D click -d qqgroup_provision/locale

lock: ## choose the newest versions again: requirements/dev.txt
	@set -e; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	$(PYTHON) -m venv "$$scratch"; \
	"$$scratch/bin/python" -m pip install -qq --disable-pip-version-check uv; \
	"$$scratch/bin/uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --extra simulator --extra dev \
	  pyproject.toml -o requirements/dev.txt

clean: ## remove .venv and everything else that is not in git's hands
	@rm -rf .venv .venv-bench .venv-fuzz .fuzz build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	  .import_linter_cache .grimp_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
