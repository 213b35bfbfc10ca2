"""The reference is what declarations and `--help` say today."""

from __future__ import annotations

import re

import pytest

from rtcctl.errors import ExitCode
from tests.docs.pages import ROOT
from tools import reference

_VARIABLE = re.compile(r'"((?:RTCCTL|HUAWEICLOUD|AWS|GITHUB|GITLAB|CI)_[A-Z0-9_]+|CI|NO_COLOR)"')


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_is_fresh(name: str):
    stands = (reference.FOLDER / name).read_text(encoding="utf-8")
    assert stands == reference.PAGES[name](), f"docs/reference/{name} is stale: run `make reference`"


def test_there_is_no_page_that_nothing_writes():
    assert {path.name for path in reference.FOLDER.iterdir()} == set(reference.PAGES)


def test_every_exit_code_is_told_of():
    assert set(reference.CODES) == set(ExitCode)


def test_every_variable_that_is_read_is_told_of():
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "rtcctl").rglob("*.py"))
    told = {name for group in reference.VARIABLES.values() for name in group}
    assert told == set(_VARIABLE.findall(sources))
