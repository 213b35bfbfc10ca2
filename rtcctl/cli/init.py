"""`rtcctl init`: a first manifest, from few questions or none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from rtcctl.cli import options, output
from rtcctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from rtcctl.operations.first_manifest import Answers, Recording

_RECORDINGS = ("automatic", "mixed", "single", "none")
_OUT = Path("rtc.yaml")
_STDOUT = "-"


@click.command(short_help="Write a first manifest.")
@click.option(
    "--out",
    type=options.FilePath(),
    default=_OUT,
    show_default=True,
    metavar="FILE",
    help="The manifest to write; - for stdout.",
)
@click.option("--name", metavar="NAME", help="Name of the app [default: that of the folder].")
@click.option(
    "--recording",
    metavar="|".join(_RECORDINGS),
    shell_complete=lambda *_: list(_RECORDINGS),
    help="What is recorded: every stream by itself, a room as one picture, one user, nothing [default: automatic].",
)
@click.option("--bucket", metavar="NAME", help="OBS bucket for recordings [default: NAME-recordings].")
@click.option("--location", metavar="REGION", help="Region of the bucket [default: cn-north-4].")
@click.option(
    "--project-id",
    metavar="ID",
    help="The account's project ID there [default: taken from HUAWEICLOUD_SDK_PROJECT_ID each time].",
)
@click.option("--callback-url", metavar="URL", help="Where events about recordings are sent [default: nowhere].")
@click.option("--room", metavar="ID", help="Room of a mixed or single recording [default: room001].")
@click.option("--user", metavar="ID", help="User of a single recording [default: user001].")
def init(out: Path, **given: str | None) -> int:
    """Write a manifest that validates. At a terminal what no flag says is asked; elsewhere the defaults hold.

    A file that exists is never overwritten. Beside the manifest stands its JSON Schema, for editors; to stdout goes the
    manifest alone.
    """
    from rtcctl.operations import beginning

    folder = Path.cwd()
    is_stdout = str(out) == _STDOUT
    if not is_stdout and (folder / out).exists():
        raise UsageError(f"{out} exists already", mend="name another file with --out; nothing was written")
    asking = sys.stdin is not None and sys.stdin.isatty()
    answers = _answers(given, folder, _asked if asking else _silent)
    if is_stdout:
        output.result(beginning.compose(answers).removesuffix("\n"))
        return ExitCode.OK
    written = beginning.write(folder, out, beginning.compose(answers))
    output.progress(f"Wrote {' and '.join(map(str, written))}.")
    for line in _next(answers, out):
        output.result(line)
    return ExitCode.OK


_Ask = Callable[[str, str, str], str]
"""What asks: for which answer, in which words, with which default."""


def _answers(given: dict[str, str | None], folder: Path, ask: _Ask) -> Answers:
    from rtcctl.manifest.words import quoted
    from rtcctl.operations import beginning
    from rtcctl.operations.first_manifest import Answers

    def answer(what: str, words: str, default: str) -> str:
        flag = given[what]
        if flag is None:
            return ask(what, words, default)
        found = _problem(what, flag)
        if found:
            raise UsageError(f"--{what.replace('_', '-')} can't be {quoted(flag)}", mend=found)
        return flag

    name = answer("name", "Name of the app", beginning.default_name(folder))
    recording: Recording = answer("recording", "What is recorded", "automatic")  # type: ignore[assignment]
    bucket = location = room = user = ""
    project_id = given["project_id"] or ""
    if recording != "none":
        bucket = answer("bucket", "OBS bucket for recordings", beginning.default_bucket(name))
        location = answer("location", "Region of the bucket", beginning.locations()[0])
    if recording in ("mixed", "single"):
        room = answer("room", "Room to record", "room001")
    if recording == "single":
        user = answer("user", "User to record", "user001")
    url = answer("callback_url", "URL for events about recordings (empty: none)", "")
    return Answers(name, recording, bucket, location, project_id, url, room, user)


def _problem(what: str, text: str) -> str:
    from rtcctl.manifest.words import suggestion
    from rtcctl.operations import beginning

    if what == "recording" or (what == "callback_url" and not text):
        return "" if what == "callback_url" or text in _RECORDINGS else suggestion(text, _RECORDINGS)
    if what == "location":
        known = beginning.locations()
        return "" if text in known else f"one of {', '.join(known)}, where rules record"
    return beginning.problem(what, text)


def _silent(_what: str, _words: str, default: str) -> str:
    return default


def _asked(what: str, words: str, default: str) -> str:
    """Ask until the answer will do; what has one answer only is not asked."""
    from rtcctl.operations import beginning

    if what == "location" and len(beginning.locations()) == 1:
        return default
    if what == "recording":
        for name, says in beginning.RECORDINGS.items():
            output.progress(f"  {name:<10} {says}")

    def check(text: str) -> str:
        found = _problem(what, text.strip())
        if found:
            raise click.BadParameter(found)
        return text.strip()

    answer: str = click.prompt(words, default=default, show_default=bool(default), value_proc=check, err=True)
    return answer


def _next(answers: Answers, out: Path) -> list[str]:
    from rtcctl.operations.first_manifest import KEY

    lines = ["Next:"]
    if answers.callback_url:
        lines.append(f"  export {KEY}=$(openssl rand -hex 16)   # the receiver needs it too")
    file = quote(str(out))
    return [
        *lines,
        f"  rtcctl plan -f {file} --simulator   # what it would do, without an account",
        f"  rtcctl doctor -f {file}             # whether your account is ready",
        f"  rtcctl plan -f {file}               # what it would do there",
    ]
