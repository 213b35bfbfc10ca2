"""Manifests that are valid and odd: every file in `manifests/warnings/` with exactly what must be said of it.

UPDATE_CASES=1 writes the expected files anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rtcctl.manifest import load
from tests.manifest.loading import shown

CASES = Path(__file__).parents[1] / "manifests" / "warnings"


@pytest.mark.parametrize("name", sorted(file.stem for file in CASES.glob("*.yaml")))
def test_an_odd_manifest_is_warned_of(name):
    desired = load([f"{name}.yaml"], stdin=lambda: b"", environ={}, cwd=CASES)
    found = "\n".join(shown(warning) for warning in desired.warnings) + "\n"
    if os.environ.get("UPDATE_CASES"):
        (CASES / f"{name}.txt").write_text(found)
    assert found == (CASES / f"{name}.txt").read_text()
    assert all(warning.severity == "warning" and warning.mend and warning.source for warning in desired.warnings)


def test_every_expectation_has_its_manifest():
    assert {file.stem for file in CASES.glob("*.txt")} == {file.stem for file in CASES.glob("*.yaml")} != set()
