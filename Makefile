# Every target makes .venv itself on first use; PYTHON=python3.12 chooses another interpreter.
PYTHON ?= python3
BIN := .venv/bin
DEMO := examples/mixed-recording.yaml

.PHONY: run test check schemas clean

.venv/run.stamp: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

test: .venv/dev.stamp
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf .venv .rtcctl .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
