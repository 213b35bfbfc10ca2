"""Secrets are found in any text, valid or not, and nothing else is hidden that matters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rtcctl.manifest.redact import HIDDEN, is_sensitive_name, secret_spans, without_passwords
from rtcctl.schema import manifest_schema


def hidden(text: str) -> str:
    parts, end = [], 0
    for start, stop in secret_spans(text):
        parts += [text[end:start], HIDDEN]
        end = stop
    return "".join(parts) + text[end:]


@pytest.mark.parametrize(
    "name",
    [
        "auth_key",
        "authKey",
        "AUTH_KEY",
        "auth_kye",
        "auht_kye",
        "autk_ky",
        "key",
        "secret",
        "secert",
        "client-secret",
        "screte",
        "password",
        "pasword",
        "passwrod",
        "passphrase",
        "pwd",
        "token",
        "tokne",
        "tokn",
        "accessToken",
        "credentials",
        "credentails",
    ],
)
def test_names_of_secrets(name):
    assert is_sensitive_name(name)


def names(schema: dict[str, Any]) -> Iterator[str]:
    for name, below in schema.get("properties", {}).items():
        yield name
        yield from names(below)
        yield from names(below.get("items", {}))


def test_names_that_the_manifest_knows():
    known = {name for definition in manifest_schema()["$defs"].values() for name in names(definition)}
    assert {name for name in known if is_sensitive_name(name)} == {"auth_key"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("auth_key: GEHEIM\nb: c", "auth_key: (secret)\nb: c"),
        ("auth_key:GEHEIM", "auth_key:(secret)"),
        ("auth_key = GEHEIM", "auth_key = (secret)"),
        ("auth_key GEHEIM\nb: c", "auth_key (secret)\nb: c"),
        ('"auth_key": "GEH\\"EIM" # x', '"auth_key": (secret) # x'),
        ("auth_key: 'GEH''EIM' # x", "auth_key: (secret) # x"),
        ("auth_key: 'GEHEIM\n  GEHEIM' # x", "auth_key: (secret) # x"),
        ("auth_key: 'GEHEIM\nGEHEIM: 1", "auth_key: (secret)"),
        ("a: {auth_key: GEHEIM, b: c}", "a: {auth_key: (secret), b: c}"),
        ("a: {auth_key: GEHEIM", "a: {auth_key: (secret)"),
        ("a: {token: GEHEIM, secret: 'GE,HEIM', b: c}", "a: {token: (secret), secret: (secret), b: c}"),
        ("auth_key: |\n  GEHEIM\n\n  GEHEIM\nb: c", "auth_key: (secret)\nb: c"),
        ("- auth_key: >-\n    GEHEIM\n  b: c", "- auth_key: (secret)\n  b: c"),
        ("auth_key: |\nGEHEIM\nb: c", "auth_key: (secret)\nb: c"),
        ("  auth_key: |\n\tGEHEIM\n  b: c", "  auth_key: (secret)\n  b: c"),
        ("auth_key:\n  GEHEIM\nb: c", "auth_key:(secret)\nb: c"),
        ("auth_key: GEHEIM\n  GEHEIM\n---\nb: c", "auth_key: (secret)\n---\nb: c"),
        ("auth_key: [GEHEIM,\n {a: GEHEIM}]\nb: c", "auth_key: (secret)\nb: c"),
        ("auth_key: [GEHEIM", "auth_key: (secret)"),
        ("? auth_key\n: GEHEIM", "? auth_key\n: (secret)"),
        ("auth_key: !!str &x GEHEIM", "auth_key: !!str &x (secret)"),
        ("a: &x GEHEIM\nauth_key: *x", "a: &x(secret)\nauth_key: (secret)"),
        ("url: http://someone:GEHEIM@host/", "url: http://someone:(secret)@host/"),
        ("url: http://:GEH:EIM@host/", "url: http://:(secret)@host/"),
        ("url: http://h/?token=GEHEIM", "url: http://h/?token=(secret)"),
        ("auth_key: ${env:KEY}", "auth_key: ${env:KEY}"),
        ('auth_key: "${file:a/b}" # x', 'auth_key: "${file:a/b}" # x'),
        ("auth_key: ${env:KEY:-GEHEIM}", "auth_key: (secret)"),
        ("auth_key: x${env:KEY}", "auth_key: (secret)"),
        ("auth_key: ${env:KEY}GEHEIM", "auth_key: (secret)"),
        ("auth_key: ${env:KEY}#GEHEIM", "auth_key: (secret)"),
        ("auth_key: ${env:KEY},GEHEIM", "auth_key: (secret)"),
        ("auth_key: ${env:KEY}\n  GEHEIM\nb: c", "auth_key: ${env:KEY}(secret)\nb: c"),
        ("a: {auth_key: '${env:KEY}', b: c}", "a: {auth_key: '${env:KEY}', b: c}"),
        ("auth_key: ${env:KEY}\r\nb: c", "auth_key: ${env:KEY}\r\nb: c"),
        ("auth_key:", "auth_key:"),
        ("auth_key:\n---\nb: c", "auth_key:\n---\nb: c"),
        ("auth_key", "auth_key"),
        ("room_id: a\nuser_id: b\nspec: {}", "room_id: a\nuser_id: b\nspec: {}"),
        ("url: http://host:80/a@b", "url: http://host:(secret)@b"),
        ("", ""),
    ],
)
def test_what_is_hidden(text, shown):
    assert hidden(text) == shown


def test_passwords_in_one_value():
    assert without_passwords("ftp://u:GEHEIM@h and x://:y@z") == "ftp://u:(secret)@h and x://:(secret)@z"
    assert without_passwords("https://h:80/") == "https://h:80/"


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "a://" * 50_000, "key" * 60_000, "key " * 20_000, "'" * 100_000, "a.b-" * 50_000]
)
def test_long_lines_take_no_time(text):
    assert secret_spans(text) is not None
