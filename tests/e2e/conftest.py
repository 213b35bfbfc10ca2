"""Fixtures: a folder, an environment without credentials, and the command line in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.support import Cli, fresh_environment, start_jobs_within, wait_for_nothing


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    home = tmp_path / "home"
    work = tmp_path / "work"
    home.mkdir()
    work.mkdir()
    fresh_environment(monkeypatch, home)
    start_jobs_within(0, monkeypatch)
    wait_for_nothing(monkeypatch)
    monkeypatch.chdir(work)
    return Cli(work, capsys, monkeypatch)
