#!/usr/bin/env python3
"""Keeps one comment of a merge request up to date: what the last plan says.

The report ends with a marker, `<!-- rtcctl:PROJECT -->`; the comment that ends with the same one is replaced. One that
names no project, `<!-- rtcctl -->`, tells of a manifest that could not be read: it takes the place of what was said of
the only project, and gives it back.

    RTCCTL_CI_REPORTS    the folder with plan.md (rtcctl-reports)
    GitHub:  GITHUB_REPOSITORY, GH_TOKEN, RTCCTL_CI_NUMBER (of the pull request), GITHUB_API_URL
    GitLab:  CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID (all given), RTCCTL_GITLAB_TOKEN (scope api;
             without it no comment is written, and that is told)
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forge import Forge, StepError, github, gitlab, number, on_gitlab, run, setting

_MARKER = re.compile(r"<!-- rtcctl(?::[^\n]*)? -->\s*\Z")
_NAMELESS = "<!-- rtcctl -->"
_INSIDERS = ("OWNER", "MEMBER", "COLLABORATOR")


def main() -> None:
    """Write the comment anew, or for the first time."""
    if on_gitlab() and not os.environ.get("RTCCTL_GITLAB_TOKEN", "").strip():
        print("no comment: RTCCTL_GITLAB_TOKEN is empty here; a protected variable is hidden from unprotected branches")
        return
    report = Path(setting("RTCCTL_CI_REPORTS", "rtcctl-reports")) / "plan.md"
    if not report.is_file():
        raise StepError(f"{report} is not there: was the plan made?")
    text = report.read_text(encoding="utf-8")
    if on_gitlab():
        forge = gitlab()
        me = forge.json("GET", "/user")["id"]
        request = f"/projects/{setting('CI_PROJECT_ID')}/merge_requests/{number('CI_MERGE_REQUEST_IID')}"
        at = f"{request}/notes"
        keep(forge, at, at, "PUT", lambda note: bool(note["author"]["id"] == me), text)
        return
    issues = f"/repos/{setting('GITHUB_REPOSITORY')}/issues"
    at = f"{issues}/{number('RTCCTL_CI_NUMBER')}/comments"
    keep(github(), at, f"{issues}/comments", "PATCH", is_insiders, text)


def keep(forge: Forge, at: str, each: str, verb: str, is_ours: Callable[[dict[str, Any]], bool], text: str) -> None:
    """Replace the comment with the same marker below `each`, or add one at `at`.

    Raises:
        StepError: the text has no marker.
    """
    mark = marker(text)
    if not mark:
        raise StepError("the report ends with no marker: is it one of rtcctl plan?")
    ours = {marker(each["body"]): each for each in forge.listed(at) if is_ours(each)}
    ours.pop("", None)
    only = next(iter(ours.values())) if len(ours) == 1 and mark == _NAMELESS else None
    before = ours.get(mark) or only or ours.get(_NAMELESS)
    if before is None:
        print(f"added comment {forge.json('POST', at, {'body': text})['id']}")
        return
    forge.call(verb, f"{each}/{before['id']}", {"body": text})
    print(f"updated comment {before['id']}")


def is_insiders(comment: dict[str, Any]) -> bool:
    """Tell whether a bot or somebody of the repository wrote a comment: anybody may write a marker."""
    return comment["user"]["type"] == "Bot" or comment.get("author_association") in _INSIDERS


def marker(text: str) -> str:
    """Return the marker that a text ends with; empty where there is none."""
    found = _MARKER.search(text)
    return found.group().strip() if found else ""


if __name__ == "__main__":
    run(main)
