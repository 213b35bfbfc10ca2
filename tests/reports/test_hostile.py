"""Names and values of foreign origin come out inert in every format, whatever is in them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any, cast
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from rtcctl.errors import Diagnostic, ManifestError, Place, RefusedError, RtcctlError
from rtcctl.model.address import Address
from rtcctl.model.drift import Drift, Drifted
from rtcctl.model.finished import Applied, Compared, Failed, Finished, Planned, Validated
from rtcctl.model.jobs import Followed, Standing
from rtcctl.model.plan import Change, MemberChange, Plan, Refusal
from rtcctl.model.result import ApplyResult, ChangeResult
from rtcctl.model.run import Run
from rtcctl.reports import formats
from rtcctl.reports.formats.markdown import LIMIT
from rtcctl.reports.marked import prose
from rtcctl.reports.style import Style
from rtcctl.reports.wording import inert, plain

from .support import step

ATTACKS = (
    "::add-mask::x", "\n::error::x", "a ::set-output name=x::y", "##[add-mask]x", "x ##vso[task.setvariable]y",
    "\x1b[31mred\x1b[0m", "\x9b2J", "\r\x1b[2K", "\x1b]0;title\x07", "section_start:1:x\r\x1b[0K",
    "\u202eabc\u202c", "\u2066x\u2069", "\u200e\u200f\u061c", "\u2028\u2029\x85", "\ufeff\u200b",
    "<script>alert(1)</script>", "</details></summary><img src=x onerror=y>", "<!-- -->", "--><b>", "]]>", "<![CDATA[",
    "\"><a href='javascript:x'>", "&lt;b&gt;", "&#64;x", "</style><script>", "</title>",
    "```\n# out\n```", "`code`", "``", "`", "**bold**", "*x*", "_x_", "# head", "- item", "1. item", "> quote", "---",
    "[text](https://evil.example)", "![x](https://evil.example/x.png)", "[x]: https://evil.example", "[ ] task",
    "https://evil.example/x", "http://evil.example", "www.evil.example", "me@evil.example", "@everyone", "#123", "GH-1",
    "!1", "$x$", "$`x`$", "~~x~~", "||x||", ":100:", "/close", "    indented", "\tx", "=====", "+ x", "\\", "%0A::x::",
    "{0}", "a\0b", "\ud800", "\U000e0041", "e\u0301" * 5, "|a|b|\n|-|-|", "<https://evil.example>", "x" * 10_000,
    "`" * 3_000, "&" * 10_000, "😀" * 10_000,
)  # fmt: skip
hostile = st.one_of(
    st.sampled_from(ATTACKS),
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(ATTACKS[:50]), st.text(max_size=5)), max_size=6).map("".join),
    st.lists(st.sampled_from(ATTACKS[:50]), max_size=4).map(" ".join),
)
FORMATS = formats.names()
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
OUTLINE = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "main",
    "section",
    "article",
    "details",
    "summary",
}
INSIDE = {"summary", "h1", "h2", "h3", "p", "ul", "li", "code", "b", "span", "pre", "small", "del", "ins"}
PAGE = OUTLINE | INSIDE | {"table", "thead", "tbody", "tr", "th", "td"}
COMMAND_LINE = re.compile(r"(?m)^\s*::")
COMMAND_ANYWHERE = re.compile(r"##\w*\[")


def endings(evil: str) -> list[Finished]:
    """Every ending with the text in every member that can hold one."""
    place = Place(evil, 3, 1)
    where = Address("App", evil or "a", evil)
    kept = Address("MixStreamJob", "a", "room")
    members = (
        MemberChange((evil, evil), evil, {evil: [evil]}, place, forces_replacement=True, drift=True),
        MemberChange(("x",), None, evil),
    )
    texts: dict[str, Any] = {"reason": evil, "members": members, "consequences": (evil,), "place": place}
    changes = (
        Change(where, "create", steps=(step(where),), **texts),
        Change(kept, "update", steps=(step(kept),), **texts),
        Change(kept, "no-op", moved_from=where, reason=evil),
    )
    warning = Diagnostic(evil, place, evil, evil, "warning", 1)
    refusals = (Refusal(evil, evil, where, evil), Refusal("destroy", evil))
    plan = Plan(changes, refusals, (warning,), {evil: 1}, blast=(evil,), targets=(where,), left_out=1)
    error = RtcctlError(evil, mend=evil, details=(evil,))
    standing = Standing(evil, evil)
    result = ApplyResult(
        (
            ChangeResult(changes[0], "failed", error, {evil: evil}, {evil: evil, "state": evil}),
            ChangeResult(changes[1], "done", ids={"job_id": evil}, status={"stop_reason": evil}),
        ),
        error=error,
        ended=evil,
        followed=(Followed(where, {evil: evil}, "running", "late", standing, 1.0, error),),
    )
    run = Run("plan", evil, (evil,), {where: place})
    objects = tuple(Drifted(where, happened, evil, members) for happened in ("changed", "ended"))
    return [
        Validated((where,), (warning,), run),
        Planned(plan, run),
        Applied(plan, result, run),
        Compared(Drift(cast(Any, objects), 2), run),
        Failed(error, plan, run),
        Failed(RefusedError(evil), plan, run),
        Failed(ManifestError((replace(warning, severity="error"), warning)), None, run),
    ]


class Tags(HTMLParser):
    """What a browser would see: tags with their attributes, and the text outside of code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.running = ""
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self._code += tag in ("code", "pre")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")
        self._code -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.running += data


def seen(html: str) -> Tags:
    found = Tags()
    found.feed(html)
    found.close()
    return found


def check_log(text: str) -> None:
    assert not INVISIBLE.search(text)
    assert not COMMAND_ANYWHERE.search(text)


def check_text(text: str) -> None:
    check_log(text)
    assert not COMMAND_LINE.search(text)


def check_json(text: str) -> None:
    check_text(text)
    json.loads(text)


def check_jsonl(text: str) -> None:
    check_text(text)
    for line in text.split("\n"):
        assert json.loads(line)["type"]


def check_shown(text: str) -> None:
    """What a server shows of a document: texts that are harmless even once they are read from it."""
    check_json(text)

    def strings(value: object) -> list[str]:
        if isinstance(value, dict):
            return [each for below in value.values() for each in strings(below)]
        if isinstance(value, list):
            return [each for below in value for each in strings(below)]
        return [value] if isinstance(value, str) else []

    for each in strings(json.loads(text)):
        check_log(each)
    for message in re.findall(r'"text": (".*")', text):
        assert "](" not in json.loads(message)


def check_codequality(text: str) -> None:
    check_json(text)
    for each in json.loads(text):
        check_log(each["description"] + each["location"]["path"])


def check_github(text: str) -> None:
    check_log(text)
    for line in text.split("\n"):
        assert re.match(r"::(error|warning) title=[^,:]*(,file=[^,:]*)?(,line=\d+)?(,col=\d+)?::", line)


def check_junit(text: str) -> None:
    check_text(text)
    root = ET.fromstring(text)
    tags = {"testsuites", "testsuite", "testcase", "failure", "system-out", "skipped"}
    assert {element.tag for element in root.iter()} <= tags


def check_html(text: str) -> None:
    check_text(text)
    found = seen(text)
    assert {tag.removeprefix("/") for tag in found.tags} <= PAGE
    attributes = {"lang", "charset", "content", "http-equiv", "name", "class", "open", "data-name"}
    assert found.attributes <= attributes


def check_markdown(text: str) -> None:
    check_text(text)
    assert len(text) <= LIMIT
    assert len(text.encode()) <= LIMIT
    rendered = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    found = seen(rendered)
    allowed = {"h3", "p", "strong", "em", "ul", "li", "code", "pre", "details", "summary"}
    assert {tag.removeprefix("/") for tag in found.tags} <= allowed
    assert found.attributes <= {"class"}
    assert found.tags.count("details") == found.tags.count("/details") == found.tags.count("summary")
    assert found.tags.count("h3") == 1
    # What GitHub and GitLab look for in running text.
    assert not re.search(r"@\w|[#!]\d|\bGH-\d|https?://|www\.\w|:\w+:", found.running)
    assert re.search(r"\n<!-- rtcctl(:[A-Za-z0-9_.~%+-]+)? -->$", text)
    assert "--" not in text.rpartition("\n")[2].removeprefix("<!--").removesuffix("-->")
    assert text.count("<!--") == 1 or "`" in text


CHECKS = {
    "text": check_text,
    "json": check_json,
    "jsonl": check_jsonl,
    "sarif": check_shown,
    "codequality": check_codequality,
    "github": check_github,
    "junit": check_junit,
    "html": check_html,
    "markdown": check_markdown,
}


def check(evil: str) -> None:
    for ending in endings(evil):
        for name in FORMATS:
            text = formats.render(name, ending)
            if text:
                CHECKS[name](text)


@pytest.mark.parametrize("evil", ATTACKS, ids=range(len(ATTACKS)))
def test_what_is_known_to_be_hostile_is_inert(evil: str) -> None:
    check(evil)


@settings(deadline=None, max_examples=60)
@given(hostile)
@example("")
def test_any_text_is_inert_in_every_format(evil: str) -> None:
    check(evil)


@given(hostile, st.integers(80, 200))
@settings(deadline=None, max_examples=40)
def test_no_width_brings_a_command_to_the_start_of_a_line(evil: str, width: int) -> None:
    for ending in endings(evil):
        check_text(formats.render("text", ending, Style(width)))


def test_every_format_is_checked() -> None:
    assert set(CHECKS) == set(FORMATS)


def test_a_colour_does_not_hide_a_command() -> None:
    assert inert("\x1b[1m  ::x::") == "\x1b[1m  \\x3a:x::"
    assert inert("a\n::x::\nb ::y") == "a\n\\x3a:x::\nb ::y"


def test_what_is_harmless_stays_as_it_is() -> None:
    for text in ("http://[::1]:8080", "## head", "a # b ## c", "plain ö 日本", "RTC.00001020: no", "x [a] (b)"):
        assert plain(text) == inert(text) == text
    assert prose("rule changes reach new recordings after 5 minutes (yes): no") == (
        "rule changes reach new recordings after 5 minutes (yes): no"
    )
