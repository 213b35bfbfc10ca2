"""`rtcctl fmt`: manifests in canonical form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from rtcctl.cli import completing, output
from rtcctl.errors import ExitCode, ManifestError, UsageError
from rtcctl.operations.settings import Settings

if TYPE_CHECKING:
    from rtcctl.errors import Diagnostic
    from rtcctl.operations.formatting import Fate, Formatted

_STDIN = "-"
_LEFT: Mapping[Fate, str] = {"left as it is": "left as it is", "not a manifest": "no manifest, left alone"}


@click.command(short_help="Put manifests into canonical form.")
@click.argument("paths", nargs=-1, metavar="[FILE]...", shell_complete=completing.files)
@click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    metavar="FILE",
    shell_complete=completing.files,
    help="A file, a folder, or - for standard input, formatted to standard output. Repeatable.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 2 when a file is not in canonical form.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, secrets hidden.")
def fmt(paths: tuple[str, ...], files: tuple[str, ...], *, check: bool, diff: bool) -> int:
    """Put the members of manifests in the order of the API's declarations, indented by two.

    Comments, quotes, variables and anchors stay as they are; files that are no manifests are left alone, and wrong ones
    don't keep the others from being formatted. FILE and -f FILE mean the same.
    """
    from rtcctl.operations import formatting
    from rtcctl.reports.wording import plain

    given = (*files, *paths)
    if _STDIN in given and len(given) > 1:
        raise UsageError("standard input is formatted by itself", mend=f"use {_STDIN} without other files")
    problems: list[Diagnostic] = []
    done = formatting.arrange(Settings(given), problems)
    changed = [each for each in done if each.fate == "changed"]
    is_streamed = _STDIN in given and not (check or diff)
    for each in changed:
        if diff:
            output.result("\n".join(formatting.difference(each)))
        elif not check:
            formatting.write(each)
    for each in done:
        if each.why and (each.fate == "left as it is" or each.path is None or each.name in given):
            output.progress(plain(f"{each.name}: {_LEFT[each.fate]}: {each.why}"))
    if is_streamed:
        output.result("".join(each.after for each in done), newline=False, exactly=True)
    else:
        _tell(done, written=not (check or diff), named=not diff)
    if problems:
        raise ManifestError(tuple(problems))
    return ExitCode.CHANGES_PENDING if check and changed else ExitCode.OK


def _tell(done: Sequence[Formatted], *, written: bool, named: bool) -> None:
    for each in done:
        if each.fate == "changed" and named:
            output.result(f"{each.name}: {'formatted' if written else 'not in canonical form'}")
    if done:
        output.progress(_sum(done, written=written))


def _sum(done: Sequence[Formatted], *, written: bool) -> str:
    fates = Counter(each.fate for each in done)
    parts = [
        f"{_files(fates['changed'])} {'formatted' if written else 'to format'}",
        f"{fates['unchanged']} in form",
        *(f"{fates[fate]} {says}" for fate, says in _LEFT.items() if fates[fate]),
    ]
    return f"{', '.join(parts)}."


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
