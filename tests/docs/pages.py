"""Reading README and manuals: their blocks, what is said about them in HTML comments, and their links.

Comments stand before a block and are not shown:

    <!-- not run: REASON -->     the block can't be run here
    <!-- exit 3 -->              the block's last command ends so; otherwise 0
    <!-- types: yes -->          what is typed at the block's questions, with commas between
    <!-- terminal 2 -->          the block's only command goes on while the page does
    <!-- terminal 2 shows -->    the block is what that terminal shows by now
    <!-- file: rtc.yaml -->      the block is a file of that name
    <!-- before: COMMAND -->     run before the block
    <!-- simulator -->           the page has a served simulator and its credentials in the environment
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
SHELLS = ("console", "sh")


@dataclass(frozen=True)
class Said:
    """A comment: what it is called, and what follows."""

    name: str
    value: str = ""


@dataclass(frozen=True)
class Block:
    """A fenced block, with its language, the line where it begins and the comments before it."""

    language: str
    text: str
    line: int
    said: tuple[Said, ...]

    def told(self, name: str) -> str | None:
        return next((each.value for each in self.said if each.name == name), None)


@dataclass(frozen=True)
class Command:
    """A command as it stands on a page, and the lines that are shown below it."""

    text: str
    shown: tuple[str, ...]


_COMMENT = re.compile(r"<!-- ([a-z]+(?: [a-z]+)?)(?: (\d+))?( shows)?(?:: (.*?))? -->")


def pages() -> list[str]:
    """README and every manual, by its path from the top; not decisions, which tell of what was."""
    found = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))]
    return ["README.md", *(name for name in found if "/decisions/" not in name and "/_" not in name)]


@cache
def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    return list(_blocks(text(page)))


def _blocks(source: str) -> Iterator[Block]:
    said: list[Said] = []
    for token in MarkdownIt("commonmark").parse(source):
        line = (token.map or [0])[0] + 1
        if token.type == "html_block":
            said += [_said(*each) for each in _COMMENT.findall(token.content)]
        elif token.type == "fence":
            yield Block(token.info.strip(), token.content, line, tuple(said))
            said = []
        elif token.type == "code_block":
            yield Block("indented", token.content, line, tuple(said))
            said = []
    if said:
        yield Block("", "", 0, tuple(said))


def _said(name: str, number: str, shows: str, value: str) -> Said:
    return Said(name + shows, number or value)


def commands(block: Block) -> list[Command]:
    """Each `$ ` begins one; a block of shell without any holds one a line."""
    if block.language == "sh":
        lines = [line for line in block.text.splitlines() if line and not line.startswith("#")]
        return [Command(line, ()) for line in lines]
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
        elif found:
            found[-1][1].append(line)
    return [Command(command, tuple(shown)) for command, shown in found]


def links(page: str) -> list[str]:
    """Targets of links and pictures that lead to files or headings here."""
    bare = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text(page), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)|(?:href|src)=\"([^\"]+)\"", bare)
    return [each for pair in found for each in pair if each and not re.match(r"[a-z]+:", each)]


def headings(path: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    lines = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    names = re.findall(r"^#{1,6} (.+)$", lines, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-") for name in names}
