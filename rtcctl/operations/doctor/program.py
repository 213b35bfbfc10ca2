"""This program and what it runs on: Python, libraries, extras."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from msgspec import Struct

from rtcctl import __version__
from rtcctl.errors import ExitCode
from rtcctl.model.checkup import Check

_OLDEST = (3, 11)
_REQUIREMENT = re.compile(
    r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*(?:>=\s*([0-9.]+))?[^;]*(?:;.*extra\s*==\s*[\"']([^\"']+)[\"'])?"
)
_DEVELOPMENT = ("dev", "docs")
"""Extras for who works on rtcctl itself."""


class Library(Struct, frozen=True):
    """A library that rtcctl needs, or an extra of it; `found` is its version here, empty where it is missing."""

    name: str
    least: str
    extra: str
    found: str

    @property
    def fits(self) -> bool:
        """Tell whether it is there and new enough."""
        return bool(self.found) and _numbers(self.found) >= _numbers(self.least)

    def __str__(self) -> str:
        """Return name and version."""
        return f"{self.name} {self.found or '(missing)'}"


def python() -> Check:
    """Look at Python's version."""
    found = f"rtcctl {__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info[:2] < _OLDEST:
        needed = ".".join(map(str, _OLDEST))
        return Check("python", "failed", found, f"use Python {needed} or later", ExitCode.INVALID)
    return Check("python", "ok", found)


def libraries(known: tuple[Library, ...]) -> Check:
    """Look at the libraries without which nothing works."""
    needed = [each for each in known if not each.extra]
    if not needed:
        return Check("libraries", "skipped", "rtcctl is not installed as a package, so what it needs is not known")
    unfit = [each for each in needed if not each.fits]
    found = ", ".join(map(str, needed))
    if unfit:
        wanted = " ".join(f"'{each.name}>={each.least}'" for each in unfit)
        return Check("libraries", "failed", found, f"pip install {wanted}", ExitCode.INVALID)
    return Check("libraries", "ok", found)


def extras(known: tuple[Library, ...]) -> Check:
    """Tell which extras are installed; none is needed unless it is used."""
    by_extra: dict[str, list[Library]] = {}
    for each in known:
        if each.extra and each.extra not in _DEVELOPMENT:
            by_extra.setdefault(each.extra, []).append(each)
    if not by_extra:
        return Check("extras", "skipped", "none are known")
    there = [f"{name} ({', '.join(map(str, libs))})" for name, libs in by_extra.items() if all(x.fits for x in libs)]
    missing = [name for name, libs in by_extra.items() if not all(each.fits for each in libs)]
    mend = f"to use one: pip install 'rtcctl[{','.join(missing)}]'" if missing else ""
    parts = [", ".join(there) if there else "none", f"not installed: {', '.join(missing)}" if missing else ""]
    return Check("extras", "ok", "; ".join(filter(None, parts)), mend)


def installed() -> tuple[Library, ...]:
    """Return what rtcctl's own package asks for, and what of it is here."""
    try:
        wanted = metadata.requires("rtcctl") or []
    except metadata.PackageNotFoundError:
        return ()
    return tuple(_read(wanted))


def _read(wanted: list[str]) -> Iterator[Library]:
    for text in wanted:
        found = _REQUIREMENT.match(text)
        if found is None or found[1] == "rtcctl":
            continue
        yield Library(found[1], found[2] or "", found[3] or "", _version(found[1]))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, enough to compare with the `>=` that our own package states."""
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:4])
