"""`rtcctl preview`: what mixed recordings will look like."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rtcctl.cli import completing, options, output
from rtcctl.errors import ExitCode, UsageError
from rtcctl.layout.sample import USERS
from rtcctl.operations.settings import Settings

if TYPE_CHECKING:
    from rtcctl.layout import Picture
    from rtcctl.model.address import Address

FORMATS = ("text", "svg", "png", "json")
_ASCII_NEEDS = "┌║×…"
_OUT = "Write pictures instead: a file that ends in .svg or .png, or a folder for one of each job."


@click.command(short_help="Draw what mixed recordings will look like.")
@options.files
@click.option(
    "--users",
    type=click.IntRange(1, 25),
    default=USERS,
    show_default=True,
    metavar="N",
    help="Users in the room, 1 to 25; a custom layout shows the users that its panes name.",
)
@click.option(
    "--output", "format_", type=click.Choice(FORMATS), default=None, help="What goes to stdout.  [default: text]"
)
@click.option("--out", metavar="FILE|FOLDER/", type=options.FilePath(dir_okay=True), help=_OUT)
@click.argument("address", required=False, shell_complete=completing.mixed_jobs)
def preview(files: tuple[str, ...], users: int, format_: str | None, out: Path | None, address: str | None) -> int:
    """Draw the layout of every mixed-stream job of a manifest, or of the one at ADDRESS; no call is made.

    Where the API Reference gives no coordinates, the picture says that it is approximate.
    """
    from rtcctl.operations import previewing
    from rtcctl.operations.loading import load

    if out is not None:
        format_ = _format_of(out, format_)
    desired = load(Settings(files))
    pictures = previewing.pictures(desired, address, users)
    output.show_diagnostics(desired.warnings)
    if out is None:
        _print(pictures, format_ or "text")
    elif _is_folder(out):
        _write_all(pictures, out, format_ or "svg")
    else:
        _write(out, _drawn(*_only(pictures), format_ or "svg"))
    return ExitCode.OK


def _format_of(out: Path, format_: str | None) -> str:
    """Return the format of a file by its name; in a folder it is SVG unless PNG is asked for."""
    if _is_folder(out):
        found = format_ or "svg"
    else:
        found = out.suffix.removeprefix(".").lower()
        if format_ not in (None, found):
            raise UsageError(f"--output {format_} does not fit {out}", mend="leave --output out")
    if found not in ("svg", "png"):
        raise UsageError(f"can't tell what to write into {out}", mend="name a file that ends in .svg or .png")
    return found


def _is_folder(out: Path) -> bool:
    return out.is_dir() or not out.suffix


def _print(pictures: Mapping[Address, Picture], format_: str) -> None:
    if format_ == "json":
        from rtcctl.reports.as_json import dumps
        from rtcctl.reports.pictures.document import document

        output.result(dumps(document(pictures)))
    elif format_ == "text":
        output.result(_text(pictures))
    elif format_ == "svg":
        output.binary(_drawn(*_only(pictures), format_))
    elif sys.stdout.isatty():
        raise UsageError("a PNG is nothing for a terminal", mend="add --out FILE.png, or direct it into a file")
    else:
        output.binary(_drawn(*_only(pictures), format_))


def _text(pictures: Mapping[Address, Picture]) -> str:
    from rtcctl.reports.pictures.blocks import blocks

    if not pictures:
        return "No mixed-stream jobs."
    ascii_only = not output.can_show(_ASCII_NEEDS)
    drawn = (
        blocks(picture, str(address), width=output.width(), paint=output.paint(), ascii_only=ascii_only)
        for address, picture in pictures.items()
    )
    return "\n\n".join(drawn)


def _only(pictures: Mapping[Address, Picture]) -> tuple[Address, Picture]:
    """Return the one picture that a file can hold; jobs that record sound only do not count.

    Raises:
        UsageError: there are several, or none.
    """
    seen = [(address, picture) for address, picture in pictures.items() if picture.width]
    if len(seen) > 1:
        names = ", ".join(str(address) for address, _ in seen)
        mend = f"name one of {names}; or all with --out FOLDER/"
        raise UsageError(f"one file holds one picture, and there are {len(seen)}", mend=mend)
    if not seen:
        why = next((f"{address}: {each.note}" for address, each in pictures.items()), "there is no mixed-stream job")
        raise UsageError(f"nothing to draw; {why}", mend="name a job with a picture, or another manifest")
    return seen[0]


def _drawn(address: Address, picture: Picture, format_: str) -> bytes:
    if format_ == "png":
        from rtcctl.reports.pictures.png import png

        return png(picture, str(address))
    from rtcctl.reports.pictures.svg import svg

    return svg(picture, str(address)).encode()


def _write_all(pictures: Mapping[Address, Picture], folder: Path, format_: str) -> None:
    """Write APP/JOB.svg or .png for each job that has a picture; folders are made where they are missing."""
    for address, picture in pictures.items():
        if picture.width:
            path = folder / address.name / f"{address.child}.{format_}"
            content = _drawn(address, picture, format_)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UsageError(f"can't make {path.parent}: {error.strerror}", mend="name another folder") from None
            _write(path, content)
        else:
            output.progress(f"{address} is left out: {picture.note}.")
    if not pictures:
        output.progress("No mixed-stream jobs.")


def _write(path: Path, content: bytes) -> None:
    from rtcctl.cli import outfile
    from rtcctl.reports.wording import plain

    outfile.check(path)
    try:
        outfile.write(path, content)
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}", mend="name another file") from None
    output.progress(plain(f"The picture is in {path}."))
