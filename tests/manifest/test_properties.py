"""Any bytes give a manifest or diagnostics, never anything else; marked secrets never show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcctl.errors import ManifestError
from rtcctl.manifest import load
from rtcctl.manifest.redact import secret_spans
from rtcctl.manifest.report import _Text
from rtcctl.manifest.sources import STDIN
from rtcctl.model.resource import Desired
from rtcctl.schema import manifest_schema
from tests.manifest.loading import APP, JOB, RULE

MARK = "GEHEIM"
NOWHERE = Path("/nowhere")
HEAD = APP + RULE + JOB + "  record_callback: {url: 'https://a.example', auth_key: '${env:KEY:-x}'}\n"


def names(schema: dict[str, Any]) -> set[str]:
    found = set(schema.get("properties", {}))
    for below in schema.get("properties", {}).values():
        found |= names(below) | names(below.get("items", {}))
    return found


KNOWN = sorted(set().union(*(names(definition) for definition in manifest_schema()["$defs"].values())))


def outcome(data: bytes, environ: dict[str, str] | None = None) -> Desired | ManifestError:
    """Load, and check what holds for every diagnostic."""
    found: Desired | ManifestError
    try:
        found = load(["-"], stdin=lambda: data, environ=environ or {}, cwd=NOWHERE)
    except ManifestError as error:
        found = error
    diagnostics = found.warnings if isinstance(found, Desired) else found.diagnostics
    assert any(problem.severity == "error" for problem in diagnostics) == isinstance(found, ManifestError)
    for problem in diagnostics:
        assert problem.message
        assert problem.message.isprintable()
        assert problem.mend.isprintable()
        assert problem.source.isprintable()
        assert len(problem.source) <= 120
        assert problem.place is None or problem.place.file == STDIN
        assert problem.caret <= len(problem.source) + 1
    return found


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data):
    outcome(data)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1:-?!&*<>[]{}|>'\"#%@`,\n\t ~.$\\\x85é\u2028"), max_size=60))
def test_any_punctuation(text):
    outcome(text.encode())
    outcome((HEAD + "  app_name: " + text).encode())


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1:-?!&*<>[]{}|'\"#,\n\t "), max_size=40))
def test_any_punctuation_without_the_c_loader(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(yaml, "CSafeLoader")
        outcome((APP + "  app_name: " + text).encode())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(HEAD)), st.integers(0, 30), st.text(max_size=8))
def test_a_good_manifest_with_a_part_replaced(start, length, text):
    outcome((HEAD[:start] + text + HEAD[start + length :]).encode("utf-8", "surrogatepass"))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KNOWN) | st.text(max_size=10), inner, max_size=5)
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["App", "Project", "BucketAuthorization"]), values, values)
def test_any_values_under_known_names(kind, metadata, spec):
    document = {"apiVersion": "rtcctl.dev/v1", "kind": kind, "metadata": metadata, "spec": spec}
    try:
        text = yaml.safe_dump(document).encode()
    except UnicodeEncodeError:
        return
    outcome(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_any_value_of_a_variable(value):
    text = HEAD.replace("${env:KEY:-x}", "${env:KEY}").replace("https://a.example", "https://${env:KEY}")
    outcome(text.encode(), {"KEY": value})


secret_names = st.sampled_from(["auth_key", "auth_kye", "authkey", "password", "secret", "pasword", "api_token", "key"])
styles = st.sampled_from(
    [
        "{name}: {mark}\n",
        "{name}: {mark}: {mark}\n",
        "{name}: '{mark}'\n",
        '{name}: "{mark}" x\n',
        '{name}: "{mark}\n',
        "{name}: |\n{pad}  {mark}\n",
        "{name}: >-\n{pad}{mark}\n",
        "{name}: |\n\t{mark}\n",
        "{name}: [{mark}, {mark}\n",
        "{name}: {{a: {mark}, b: {{c: {mark}}}}}\n",
        "{name}: &x {mark}\n{pad}url: *x\n",
        "{name}: !tag {mark}\n",
        "{name}: @{mark}\n",
        "{name}:{mark}\n",
        "{name} {mark}\n",
        "{name}: ${{env:K:-{mark}}}\n",
        "{name}: x${{{mark}\n",
        "{name}: 1{digits}\n",
        "{name}: ${{env:KEY}}#{mark}\n",
        "{name}: ${{env:KEY}}, {mark}\n",
        "{name}: ${{env:KEY}}\n{pad}  {mark}\n",
        "url: ftp://user:{mark}@host/\n",
        "url: https://host/?{name}={mark}\n",
        "{name}: {mark}\n{pad}{name}: {mark}\n",
        "? {name}\n{pad}: {mark}\n",
    ]
)


@settings(max_examples=250, deadline=None)
@given(
    secret_names, st.lists(styles, min_size=1, max_size=3), st.integers(0, 3), st.text("ab: -\t{}[]'\"\n", max_size=8)
)
def test_a_marked_secret_never_shows(name, chosen, depth, noise):
    pad = "    "
    lines = "".join(
        pad + style.format(name=name, mark=MARK + "x" * depth, pad=pad, digits="7777777") for style in chosen
    )
    text = f"{APP}  record_callback:\n{pad}url: https://a.example\n{lines}{noise}\n  state: x\n"
    error = outcome(text.encode(), {"KEY": MARK})
    told = str(error.diagnostics) if isinstance(error, ManifestError) else repr(error)
    assert MARK not in told
    assert "7777777" not in told


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.integers(1, 20), st.integers(1, 50))
def test_any_line_of_any_text_can_be_shown(text, line, column):
    shown, caret = _Text(text).show(line, column)
    assert 1 <= caret <= len(shown) + 1
    spans = secret_spans(text)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
