"""The Project document: where state lives, which accounts are worked on, and the limits of a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rtcctl.errors import Diagnostic
from rtcctl.manifest.documents import PROJECT, Document
from rtcctl.manifest.tree import value_place
from rtcctl.manifest.words import quoted, suggestion
from rtcctl.model.resource import Account, Project

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PLACES = ("s3", "postgresql")
_REFERENCE = re.compile(r"\$\{(?:env:[A-Za-z_]\w*|file:[^{}]*)\}")
_PASSWORD = re.compile(r"://[^/@]*:[^@]+@|(?:password|passwd|secret|token|key)=[^&\s]", re.IGNORECASE)


def read_project(documents: Sequence[Document], problems: list[Diagnostic], *, whole: bool) -> Project:
    """Return the set's settings; `whole` tells that no file was cut short, so that what is missing is missing."""
    document = next((document for document in documents if document.kind == PROJECT), None)
    spec = document.data.get("spec") if document is not None else None
    settings: Mapping[str, Any] = spec if isinstance(spec, dict) else {}
    if document is not None:
        _check_backend(document, settings, problems)
    readable = document is None or document.is_sound(("spec",), frozenset({"accounts"}))
    accounts = _accounts(documents, settings.get("accounts"), problems) if whole and readable else (Account(),)
    backend = settings.get("backend")
    quota = _number(settings, "quota", "apps", Project().app_quota)
    if len(accounts) == 1:
        quota = accounts[0].app_quota or quota
    return Project(
        name=document.name if document is not None and document.name else "default",
        backend=str(backend) if isinstance(backend, str) and backend else Project().backend,
        max_deletes=_number(settings, "safety", "max_deletes", Project().max_deletes),
        accounts=accounts,
        app_quota=quota,
        written_backend=_written(document, settings),
    )


def _written(document: Document | None, settings: Mapping[str, Any]) -> str:
    """Return the backend as it stands there: a plan file may hold that, and not what a variable puts in."""
    written = document.node(("spec", "backend")).value if document is not None and "backend" in settings else ""
    return written if isinstance(written, str) else ""


def _number(settings: Mapping[str, Any], group: str, name: str, default: int) -> int:
    found = settings.get(group)
    value = found.get(name) if isinstance(found, dict) else None
    return int(value) if isinstance(value, (int, float)) else default


def _check_backend(document: Document, settings: Mapping[str, Any], problems: list[Diagnostic]) -> None:
    """Refuse passwords that stand in the manifest, and places where no state can be kept."""
    node = document.node(("spec", "backend"))
    place = value_place(document.source.name, node)
    written, backend = node.value, settings.get("backend")
    if not isinstance(written, str) or not isinstance(backend, str):
        return
    if _PASSWORD.search(_REFERENCE.sub("", written)):
        mend = "put the whole address into a variable: 'backend: ${env:RTCCTL_STATE}'"
        problems.append(Diagnostic("backend holds a password", place, mend=mend))
        return
    scheme = _SCHEME.match(backend)
    if scheme is None or scheme.group(1).lower() in _PLACES:
        return
    message = f"a backend at {quoted(scheme.group())} is not known"
    mend = "name a folder such as .rtcctl/, s3://BUCKET/PREFIX or postgresql://USER@HOST/DATABASE"
    problems.append(Diagnostic(message, place, mend=mend))


def _accounts(documents: Sequence[Document], declared: object, problems: list[Diagnostic]) -> tuple[Account, ...]:
    """Return the accounts that the set works on: all that are declared, for one may have lost its last app."""
    known: Mapping[str, Any] = declared if isinstance(declared, dict) else {}
    accounts = tuple(_named(name, settings) for name, settings in known.items())
    for document in documents:
        if document.kind != PROJECT:
            _check_account(document, known, problems)
        else:
            problems.extend(_one_by_two_names(document, accounts))
    return accounts or (Account(),)


def _one_by_two_names(document: Document, accounts: Sequence[Account]) -> Iterator[Diagnostic]:
    """Tell of accounts that are one: each would take the other's objects for its own, and delete them."""
    found: dict[tuple[str, str], str] = {}
    for each in accounts:
        other = found.setdefault((each.env_prefix, each.endpoint), each.name)
        if other != each.name:
            place = value_place(document.source.name, document.node(("spec", "accounts", each.name)))
            message = f"the accounts {other} and {each.name} have the same credentials"
            yield Diagnostic(message, place, mend="give each a prefix of its own: 'credentials: env:PREFIX'")


def account_of(document: Document, accounts: Sequence[Account]) -> str:
    """Return the name of a document's account as addresses bear it: empty where there is but one."""
    if len(accounts) < 2:
        return ""
    spec = document.data.get("spec")
    given = spec.get("account") if isinstance(spec, dict) else None
    return given if isinstance(given, str) else _only([each.name for each in accounts])


def _check_account(document: Document, known: Mapping[str, Any], problems: list[Diagnostic]) -> None:
    """Tell of a document whose account is not declared, or not clear."""
    spec = document.data.get("spec")
    given = spec.get("account") if isinstance(spec, dict) else None
    if isinstance(given, str):
        if given in known or (not known and given == Account().name):
            return
        place = value_place(document.source.name, document.node(("spec", "account")))
        mend = suggestion(given, known) if known else "declare it under spec.accounts of the Project"
        problems.append(Diagnostic(f"account {quoted(given)} is not declared", place, mend=mend))
    elif not _only(list(known)) and spec is not None:
        mend = f"add 'account: ...' to spec, {suggestion('', known)}"
        message = f"{document.kind}/{document.name} names none of the accounts"
        problems.append(Diagnostic(message, document.place, mend=mend))


def _only(names: Sequence[str]) -> str:
    """Return the account that is meant where none is named; empty where that is not clear."""
    default = Account().name
    if not names or default in names:
        return default
    return names[0] if len(names) == 1 else ""


def _named(name: str, settings: object) -> Account:
    found: Mapping[str, Any] = settings if isinstance(settings, dict) else {}
    credentials, endpoint = found.get("credentials"), found.get("endpoint")
    prefix = credentials.removeprefix("env:") if isinstance(credentials, str) else ""
    quota = _number(found, "quota", "apps", 0)
    return Account(name, prefix, str(endpoint) if isinstance(endpoint, str) else "", quota or None)
