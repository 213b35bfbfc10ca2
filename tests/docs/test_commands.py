"""Every command in README and manuals is run, in order, and prints what is shown below it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.pages import ROOT, SHELLS, Block
from tests.docs.terminal import Terminal, missing

COPIED = ("benchmarks", "examples", "schemas", "ci", "docs", "Makefile", "pyproject.toml", "rtcctl")
NOT_RUN = 10
"""At most so many blocks are marked as not run; a number that has to grow is worth a thought."""

NOWHERE = "http://127.0.0.1:9"
"""Where a command calls that names no simulator; never the public endpoint."""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in COPIED:
        source = ROOT / name
        (clone / name).symlink_to(source) if name == "rtcctl" else _copy(source, clone / name)
    _environment(clone / ".venv")
    keep = ("LANG", "LC_ALL", "SSL_CERT_FILE")
    environ = {name: os.environ[name] for name in keep if name in os.environ}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ |= {"HOME": str(tmp_path), "LANG": "C.UTF-8", "COLUMNS": "80", "TMPDIR": str(tmp_path)}
    environ |= {"RTCCTL_ENDPOINT": NOWHERE, "HUAWEICLOUD_SDK_IAM_ENDPOINT": NOWHERE}
    opened = Terminal(clone, tmp_path, environ)
    yield opened
    opened.close()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "_site"))
    else:
        shutil.copy(source, target)


def _environment(made: Path) -> None:
    """Stand in for what make would make first; later than what it is made from."""
    made.mkdir()
    for each in Path(sys.prefix).iterdir():
        if each.suffix != ".stamp":
            (made / each.name).symlink_to(each)
    for name in ("run.stamp", "dev.stamp", "docs.stamp"):
        (made / name).touch()


def free_port() -> str:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return str(asked.getsockname()[1])


def _own_ports(text: str, ports: dict[str, str]) -> str:
    for port, instead in ports.items():
        text = text.replace(port, instead)
    text = re.sub(r"rtcctl simulator serve\b", rf"\g<0> --port {ports['8787']}", text)
    return re.sub(r"rtcctl callback listen\b", rf"\g<0> --port {ports['8788']}", text)


def shell_pages() -> list[str]:
    return [page for page in pages.pages() if any(block.language in SHELLS for block in pages.blocks(page))]


@pytest.mark.parametrize("page", shell_pages())
def test_commands_run_and_print_what_is_shown(page: str, terminal: Terminal):
    ports = {"8787": free_port(), "8788": free_port()}
    blocks = [_with_ports(block, ports) for block in pages.blocks(page)]
    said = [each for block in blocks for each in block.said]
    if any(each.name == "simulator" for each in said):
        _serve(terminal, ports)
    for block in blocks:
        _play(page, block, terminal)


def _with_ports(block: Block, ports: dict[str, str]) -> Block:
    return Block(block.language, _own_ports(block.text, ports), block.line, block.said)


def _serve(terminal: Terminal, ports: dict[str, str]) -> None:
    terminal.start("simulator", [_own_ports("rtcctl simulator serve", ports)])
    assert not terminal.shows("simulator", ("export HUAWEICLOUD_SDK_PROJECT_ID=…",))
    log = terminal.beside["simulator"][1].read_text()
    code, printed = terminal.run("\n".join(line.strip() for line in log.splitlines() if "export" in line))
    assert code == 0, printed
    terminal.at_first = dict(terminal.environ)


def _play(page: str, block: Block, terminal: Terminal) -> None:
    where = f"{page}:{block.line}"
    for command in (each.value for each in block.said if each.name == "before"):
        code, printed = terminal.run(command)
        assert code == 0, f"{where}: before: {command}\n{printed}"
    if (name := block.told("file")) is not None:
        (terminal.folder / name).write_text(block.text, encoding="utf-8")
    elif (name := block.told("terminal shows")) is not None:
        assert not (lacks := terminal.shows(name, tuple(block.text.splitlines()))), f"{where} shows {lacks}"
    elif block.language not in SHELLS or block.told("not run") is not None:
        return
    elif (name := block.told("terminal")) is not None:
        found = pages.commands(block)
        terminal.start(name, [each.text for each in found])
        assert not (lacks := terminal.shows(name, found[-1].shown)), f"{where} shows {lacks}"
    else:
        _run(where, block, terminal)


def _run(where: str, block: Block, terminal: Terminal) -> None:
    commands = pages.commands(block)
    assert commands, f"{where} holds no command"
    for command in commands:
        due = int(block.told("exit") or 0) if command is commands[-1] else 0
        code, printed = terminal.run(command.text, block.told("types"))
        assert code == due, f"{where}: {command.text} ended with {code}\n{printed}"
        assert not (lacks := missing(command.shown, printed)), (
            f"{where}: {command.text} is shown with\n{lacks}\nand printed\n{printed}"
        )


def test_few_blocks_are_not_run_and_each_says_why():
    reasons = [block.told("not run") for page in pages.pages() for block in pages.blocks(page)]
    marked = [reason for reason in reasons if reason is not None]
    assert all(marked)
    assert len(marked) <= NOT_RUN


def test_commands_stand_in_blocks_that_are_run():
    for page in pages.pages():
        for block in pages.blocks(page):
            plain = block.language in ("indented", "", "text") and block.told("not run") is None
            found = re.search(r"^\s*(\$ )?(rtcctl|make|docker|kubectl|pip) .*", block.text, re.MULTILINE)
            assert not (plain and found), f"{page}:{block.line}: {found and found.group()}"


@pytest.mark.parametrize(
    ("shown", "printed", "lacks"),
    [
        (("a", "…", "c"), "a\nb\nc", ""),
        (("a…c",), "abc", ""),
        (("c", "a"), "a\nc", "a"),
        (("b",), "a", "b"),
        (("App/a  created 0208bbe6a7565b50afb78b8136019c76",), "App/a created 1208bbe6a7565b50afb78b8136019c76", ""),
        (("since 2026-01-15T08:30:00Z",), "since 2027-02-16T09:31:01Z", ""),
    ],
)
def test_what_is_shown_is_compared_line_by_line(shown: tuple[str, ...], printed: str, lacks: str):
    assert missing(shown, printed) == lacks
