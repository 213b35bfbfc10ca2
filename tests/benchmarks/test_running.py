"""Benchmarks by their names."""

from __future__ import annotations

import pytest

from benchmarks._measure import FailedError
from benchmarks._running import measured_apart


def test_a_short_form_runs_in_a_process_of_its_own():
    report = measured_apart("state", True)
    assert report.title == "state"
    assert [figure.unit for figure in report.figures] == ["", "×"]
    assert not report.wrong


def test_one_that_breaks_off_is_told(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(FailedError, match="missing broke off"):
        measured_apart("missing", True)
    assert "benchmarks.missing" in capfd.readouterr().err
