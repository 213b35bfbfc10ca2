"""Where a build runs us, it shows what was found: GitHub Actions as annotations and as the step's summary.

Both are told by the environment (GitHub Actions, Variables; GitLab, Predefined CI/CD variables). GitLab takes reports
from files that a job names, and so needs nothing here but paths that begin at the top of the repository.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rtcctl.cli import output

if TYPE_CHECKING:
    from rtcctl.model.finished import Finished

SUMMARY_LIMIT = 1 << 20
"""Bytes that GitHub takes of one step's summary."""
_TOPS = {"GITHUB_ACTIONS": "GITHUB_WORKSPACE", "GITLAB_CI": "CI_PROJECT_DIR"}


def folder(environ: Mapping[str, str], here: Path) -> tuple[str, tuple[str, ...]]:
    """Return where we are, relative to the top of the repository that is built, and the absolute paths of that top.

    The folder is empty at the top, and begins with `..` outside of the repository; the paths are the one that the build
    names and the one without links. Where nothing is built both are empty.
    """
    for sign, name in _TOPS.items():
        top = environ.get(name, "")
        if environ.get(sign) == "true" and top.startswith("/"):
            try:
                real = os.path.realpath(top)
                found = os.path.relpath(os.path.realpath(here), real)
            except (ValueError, OSError):
                return "", ()
            return "" if found == "." else f"{found}/", tuple(dict.fromkeys((os.path.normpath(top), real)))
    return "", ()


def tell(finished: Finished, environ: Mapping[str, str], *, but: str = "") -> None:
    """Tell the build's server how a command ended; `but` is a format that went to stdout already.

    What can't be told there is no failure of the run.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    from rtcctl.reports import formats

    there = formats.names()
    if "github" in there and but != "github":
        annotations = formats.render("github", finished)
        if annotations:
            output.commands(annotations)
    summary = environ.get("GITHUB_STEP_SUMMARY", "")
    if "markdown" in there and summary:
        _append(Path(summary), formats.render("markdown", finished))


def _append(summary: Path, text: str) -> None:
    content = f"{text}\n\n".encode(errors="backslashreplace")
    try:
        with summary.open("ab") as file:
            if file.tell() + len(content) > SUMMARY_LIMIT:
                output.progress("the step's summary is full; this is left out of it")
                return
            file.write(content)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "this is no file name"
        output.progress(f"can't write the step's summary: {reason}")
