# Every target makes .venv itself on first use; PYTHON=python3.12 chooses another interpreter.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
EXAMPLE := examples/mixed-recording.yaml
DEMO := --simulator --simulator-data .rtcctl/demo.db

.PHONY: run demo test properties fault-test crash-test bench benchmarks check schemas pictures reference docs wheel-check clean

.venv/run.stamp: pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp
	$(PIP) --editable '.[dev]'
	@touch $@

# The API Reference's Example 2 on a clean embedded simulator: plan, apply, and a second plan that is empty.
run: .venv/run.stamp
	@rm -rf .rtcctl/demo.db .rtcctl/demo.db-shm .rtcctl/demo.db-wal .rtcctl/demo.db.state
	$(BIN)/rtcctl plan -f $(EXAMPLE) $(DEMO)
	@echo
	$(BIN)/rtcctl apply -f $(EXAMPLE) $(DEMO) --auto-approve
	@echo
	$(BIN)/rtcctl plan -f $(EXAMPLE) $(DEMO) --detailed-exitcode

# Example 2 from beginning to end: users join and leave, the job ends by itself, callbacks and files arrive.
demo: .venv/run.stamp
	$(BIN)/python examples/demo.py

test: .venv/dev.stamp
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

# The properties with many examples each; SEED=… repeats a run, the statistics tell what was met.
EXAMPLES ?= 500
SEED := $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d ' '))
properties: .venv/dev.stamp
	@echo "seed $(SEED), $(EXAMPLES) examples each"
	RTCCTL_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/properties --hypothesis-seed=$(SEED) \
		--hypothesis-show-statistics -q

# Every fault on every route, and an apply killed at every boundary in turn; takes some minutes.
fault-test: .venv/dev.stamp
	RTCCTL_MATRIX=all RTCCTL_CRASH=folder $(BIN)/python -m pytest tests/survive -q

# An apply is killed at every boundary in turn, with the state in each of its places; takes some minutes.
crash-test: .venv/dev.stamp
	RTCCTL_CRASH=all $(BIN)/python -m pytest tests/survive/test_crash.py -q

# Every benchmark, small: counts are judged, times only printed.
bench: .venv/dev.stamp
	$(BIN)/python -m benchmarks all --short

# Every benchmark as it is meant; a quarter of an hour. Writes benchmarks/RESULTS.md anew.
benchmarks: .venv/dev.stamp
	$(BIN)/python -m benchmarks all

check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Writes schemas/manifest.schema.json anew from the kinds' declarations.
schemas: .venv/dev.stamp
	$(BIN)/python -m rtcctl.schema

# Draws README's picture of a terminal, from a real run, and those of docs/preview.md anew.
pictures: .venv/dev.stamp
	$(BIN)/python -m tools.pictures
	$(BIN)/rtcctl preview -f docs/pictures/layouts.yaml --users 9 --out docs/pictures

# Writes docs/reference/ anew from declarations and --help.
reference: .venv/dev.stamp
	$(BIN)/python -m tools.reference

# The manuals as a site in docs/_site; a broken link fails.
docs: .venv/docs.stamp
	$(BIN)/sphinx-build --quiet --nitpicky --fail-on-warning --keep-going --fresh-env --write-all docs docs/_site

.venv/docs.stamp: .venv/run.stamp
	$(PIP) --editable '.[docs]'
	@touch $@

# What is shipped works where there is no checkout: installs the wheel by itself and runs it elsewhere.
wheel-check: .venv/run.stamp
	PYTHON=$(BIN)/python sh tests/wheel.sh
	PYTHON=$(BIN)/python sh tests/image.sh

clean:
	rm -rf .venv .rtcctl .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
