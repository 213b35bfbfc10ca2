"""Versions: of Python, of what is needed, and of what may be used."""

from __future__ import annotations

import sys
from importlib import metadata

import pytest

from rtcctl import __version__
from rtcctl.errors import ExitCode
from rtcctl.operations.doctor import program
from rtcctl.operations.doctor.program import Library


def test_python_and_rtcctl_are_named():
    found = program.python()
    assert found.status == "ok"
    assert f"rtcctl {__version__}, Python {sys.version_info.major}." in found.found


def test_an_old_python_is_a_failure(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    found = program.python()
    assert (found.status, found.exit_code, found.mend) == ("failed", ExitCode.INVALID, "use Python 3.11 or later")


def test_what_is_installed_here_is_enough():
    known = program.installed()
    assert {"click", "httpx", "jsonschema"} <= {each.name.lower() for each in known if not each.extra}
    assert {"s3", "postgres"} <= {each.extra for each in known}
    assert program.libraries(known).status == "ok"


def test_requirements_are_read_with_least_version_and_extra(monkeypatch):
    wanted = ["click>=8.1.7", "Nothing-Such", 'obstore>=0.12; extra == "s3"', 'rtcctl[s3]; extra == "dev"', "=x"]
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    monkeypatch.setattr(program, "_version", lambda name: "" if name == "Nothing-Such" else "1.0")
    assert program.installed() == (
        Library("click", "8.1.7", "", "1.0"),
        Library("Nothing-Such", "", "", ""),
        Library("obstore", "0.12", "s3", "1.0"),
    )


def test_a_checkout_that_is_not_installed_is_told(monkeypatch):
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    assert program.installed() == ()
    assert program.libraries(()).status == program.extras(()).status == "skipped"


def test_a_version_of_what_is_missing_is_empty():
    assert program._version("no-such-package-anywhere") == ""


@pytest.mark.parametrize(
    ("least", "found", "fits"),
    [("8.1", "8.1.0", True), ("8.1.7", "8.1.6", False), ("1", "", False), ("", "0", True), ("1.10", "1.9", False)],
)
def test_versions_are_compared_as_numbers(least, found, fits):
    assert Library("x", least, "", found).fits is fits


def test_a_missing_or_old_library_says_what_to_install():
    found = program.libraries((Library("a", "2.0", "", "1.0"), Library("b", "1", "", ""), Library("c", "", "", "3")))
    assert (found.status, found.exit_code) == ("failed", ExitCode.INVALID)
    assert found.found == "a 1.0, b (missing), c 3"
    assert found.mend == "pip install 'a>=2.0' 'b>=1'"


def test_extras_that_are_missing_are_no_failure():
    known = (
        Library("o", "1", "s3", "1.2"),
        Library("p", "1", "postgres", ""),
        Library("q", "1", "dev", ""),
        Library("r", "1", "docs", ""),
    )
    found = program.extras(known)
    assert (found.status, found.found) == ("ok", "s3 (o 1.2); not installed: postgres")
    assert found.mend == "to use one: pip install 'rtcctl[postgres]'"
    assert program.extras(known[:1]).mend == ""
    assert program.extras(known[1:]).found == "none; not installed: postgres"
