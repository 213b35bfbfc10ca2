"""Broken manifests: every file in `manifests/invalid/` with exactly what must be said of it.

UPDATE_CASES=1 writes the expected files anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rtcctl.errors import ExitCode, ManifestError
from rtcctl.manifest import load
from tests.manifest.loading import shown

CASES = Path(__file__).parents[1] / "manifests" / "invalid"
SECRET = "GEHEIM"


@pytest.mark.parametrize("name", sorted(file.stem for file in CASES.glob("*.yaml")))
def test_a_broken_manifest_is_explained(name):
    with pytest.raises(ManifestError) as caught:
        load([f"{name}.yaml"], stdin=lambda: b"", environ={"CYCLE": "3600"}, cwd=CASES)
    found = "\n".join(shown(diagnostic) for diagnostic in caught.value.diagnostics) + "\n"
    if os.environ.get("UPDATE_CASES"):
        (CASES / f"{name}.txt").write_text(found)
    assert found == (CASES / f"{name}.txt").read_text()
    assert caught.value.exit_code == ExitCode.INVALID
    assert SECRET not in found
    for diagnostic in caught.value.diagnostics:
        assert diagnostic.mend
        assert diagnostic.place is not None
        assert 1 <= diagnostic.caret <= len(diagnostic.source) + 1 <= 121
        assert diagnostic.place.line == 1 or diagnostic.source


def test_every_expectation_has_its_manifest():
    assert {file.stem for file in CASES.glob("*.txt")} == {file.stem for file in CASES.glob("*.yaml")}
    assert len(list(CASES.glob("*.yaml"))) >= 30
