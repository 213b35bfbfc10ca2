"""The Project document: where state lives, which account is worked on, and the limits of a plan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rtcctl.errors import Diagnostic
from rtcctl.manifest.documents import APP, PROJECT, Document
from rtcctl.manifest.tree import key_place, value_place
from rtcctl.manifest.words import quoted, suggestion
from rtcctl.model.resource import Account, Project

_DEFAULT = Account()
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
    accounts = settings.get("accounts")
    known = accounts if isinstance(accounts, dict) else {}
    readable = document is None or document.is_sound(("spec",), frozenset({"accounts"}))
    account = _account(documents, known, problems) if whole and readable else _DEFAULT
    backend = settings.get("backend")
    return Project(
        name=document.name if document is not None and document.name else "default",
        backend=str(backend) if isinstance(backend, str) and backend else Project().backend,
        max_deletes=_number(settings, "safety", "max_deletes", Project().max_deletes),
        app_quota=_number(settings, "quota", "apps", Project().app_quota),
        written_backend=_written(document, settings),
        account=account,
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


def _account(documents: Sequence[Document], known: Mapping[str, Any], problems: list[Diagnostic]) -> Account:
    """Return the one account that the set works on."""
    used: dict[str, Document] = {}
    for document in documents:
        if document.kind == APP:
            name = _account_of(document, known, problems)
            if name:
                used.setdefault(name, document)
    if len(used) > 1:
        first, second, *_ = used
        document = used[second]
        what = f"accounts {quoted(first)} and {quoted(second)} are both in use"
        message = f"{what}: this version works on one account at a time"
        place = key_place(document.source.name, document.node(("spec", "account")))
        problems.append(Diagnostic(message, place, mend="keep one set of files for each account"))
    name = next(iter(used), "") or _only(known)
    return _named(name, known) if name else _DEFAULT


def _account_of(document: Document, known: Mapping[str, Any], problems: list[Diagnostic]) -> str:
    """Return an app's account; empty, and a diagnostic, where it has none."""
    spec = document.data.get("spec")
    given = spec.get("account") if isinstance(spec, dict) else None
    place = value_place(document.source.name, document.node(("spec", "account")))
    if isinstance(given, str):
        if given in known or (not known and given == _DEFAULT.name):
            return str(given)
        mend = suggestion(given, known) if known else "declare it under spec.accounts of the Project"
        problems.append(Diagnostic(f"account {quoted(given)} is not declared", place, mend=mend))
        return ""
    only = _only(known)
    if not only and spec is not None:
        mend = f"add 'account: ...' to spec, {suggestion('', known)}"
        problems.append(Diagnostic(f"App/{document.name} names none of the accounts", document.place, mend=mend))
    return only


def _only(known: Mapping[str, Any]) -> str:
    """Return the account that is meant where none is named; empty where that is not clear."""
    if not known or _DEFAULT.name in known:
        return _DEFAULT.name
    return next(iter(known)) if len(known) == 1 else ""


def _named(name: str, known: Mapping[str, Any]) -> Account:
    settings = known.get(name)
    credentials = settings.get("credentials") if isinstance(settings, dict) else None
    prefix = credentials.removeprefix("env:") if isinstance(credentials, str) else ""
    return Account(name, prefix)
