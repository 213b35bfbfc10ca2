"""`rtcctl fmt`: manifests in canonical form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from rtcctl.cli import completing, output
from rtcctl.errors import ExitCode, UsageError
from rtcctl.operations.settings import Settings

if TYPE_CHECKING:
    from rtcctl.operations.formatting import Formatted

_STDIN = "-"


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

    Comments, quotes, variables and anchors stay as they are; files that are no manifests are left alone. FILE and -f
    FILE mean the same.
    """
    from rtcctl.operations import formatting

    given = (*files, *paths)
    if _STDIN in given and len(given) > 1:
        raise UsageError("standard input is formatted by itself", mend=f"use {_STDIN} without other files")
    done = formatting.arrange(Settings(given))
    changed = [each for each in done if each.fate == "changed"]
    for each in changed:
        if diff:
            output.result("\n".join(formatting.difference(each)))
        elif not check:
            formatting.write(each)
    if _STDIN in given and not (check or diff):
        output.result("".join(each.after for each in done), newline=False)
        return ExitCode.OK
    for each in done:
        if each.fate == "left as it is":
            output.progress(f"{each.name}: left as it is; moving its lines would change more than their order")
        elif each.fate == "changed" and not diff:
            output.result(f"{each.name}: {'not in canonical form' if check else 'formatted'}")
    output.progress(_sum(done, written=not (check or diff)))
    return ExitCode.CHANGES_PENDING if check and changed else ExitCode.OK


def _sum(done: Sequence[Formatted], *, written: bool) -> str:
    changed = sum(each.fate == "changed" for each in done)
    alone = sum(each.fate == "not a manifest" for each in done)
    parts = [
        f"{_files(changed)} {'formatted' if written else 'to format'}",
        f"{len(done) - changed - alone} in form",
        *([f"{alone} no manifest, left alone"] if alone else []),
    ]
    return f"{', '.join(parts)}."


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
