#!/usr/bin/env python3
"""Keeps one comment of a merge request up to date: what the last plan says.

The report ends with a marker, `<!-- rtcctl:PROJECT -->`; the comment that ends with the same one is replaced.

    RTCCTL_CI_REPORTS    the folder with plan.md (rtcctl-reports)
    GitHub:  GITHUB_REPOSITORY, GH_TOKEN, RTCCTL_CI_NUMBER (of the pull request), GITHUB_API_URL
    GitLab:  CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID (all given), RTCCTL_GITLAB_TOKEN (scope api)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forge import Forge, StepError, github, gitlab, on_gitlab, run, setting

_MARKER = re.compile(r"<!-- rtcctl:[^\n]* -->\s*\Z")
_GITHUB_LIMIT = 65_536
_GITLAB_LIMIT = 1_000_000
_CUT = "\n\n… cut here: the whole plan is in the job's artifact.\n\n"
_INSIDERS = ("OWNER", "MEMBER", "COLLABORATOR")


def main() -> None:
    """Write the comment anew, or for the first time."""
    report = Path(setting("RTCCTL_CI_REPORTS", "rtcctl-reports")) / "plan.md"
    if not report.is_file():
        raise StepError(f"{report} is not there: was the plan made?")
    text = report.read_text(encoding="utf-8")
    if on_gitlab():
        forge = gitlab()
        me = forge.json("GET", "/user")["id"]
        request = f"/projects/{setting('CI_PROJECT_ID')}/merge_requests/{setting('CI_MERGE_REQUEST_IID')}"
        at = f"{request}/notes"
        keep(forge, at, at, "PUT", lambda note: bool(note["author"]["id"] == me), fitting(text, _GITLAB_LIMIT))
        return
    issues = f"/repos/{setting('GITHUB_REPOSITORY')}/issues"
    at = f"{issues}/{int(setting('RTCCTL_CI_NUMBER'))}/comments"
    keep(github(), at, f"{issues}/comments", "PATCH", is_insiders, fitting(text, _GITHUB_LIMIT))


def keep(forge: Forge, at: str, each: str, verb: str, is_ours: Callable[[dict[str, Any]], bool], text: str) -> None:
    """Replace the comment with the same marker below `each`, or add one at `at`."""
    mark = marker(text)
    for comment in forge.listed(at):
        if is_ours(comment) and marker(comment["body"]) == mark:
            forge.call(verb, f"{each}/{comment['id']}", {"body": text})
            print(f"updated comment {comment['id']}")
            return
    print(f"added comment {forge.json('POST', at, {'body': text})['id']}")


def is_insiders(comment: dict[str, Any]) -> bool:
    """Tell whether a bot or somebody of the repository wrote a comment: anybody may write a marker."""
    return comment["user"]["type"] == "Bot" or comment.get("author_association") in _INSIDERS


def marker(text: str) -> str:
    """Return the marker that a text ends with; empty where there is none."""
    found = _MARKER.search(text)
    return found.group().strip() if found else ""


def fitting(text: str, limit: int) -> str:
    """Cut a report to what the forge takes; the marker stays at its end.

    Raises:
        StepError: it ends with no marker.
    """
    mark = marker(text)
    if not mark:
        raise StepError("the report ends with no marker: is it one of rtcctl plan?")
    if len(text) <= limit:
        return text
    room = limit - len(_CUT) - len(mark)
    return text[:room].rpartition("\n")[0] + _CUT + mark


if __name__ == "__main__":
    run(main)
