"""The plan file: one form for one content, private, complete or not there, and recognisable when it was edited."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rtcctl.diff.secrets import secrets_of
from rtcctl.errors import Diagnostic, ManifestError, RtcctlError, StalePlanError, UsageError
from rtcctl.kinds import KINDS
from rtcctl.model.address import is_name
from rtcctl.model.plan import Broken
from rtcctl.model.resource import Desired
from rtcctl.planfile.codec import plan_from, plan_to, warning_from, warning_to
from rtcctl.planfile.saved import SavedAccount, SavedPart, SavedPlan

FORMAT_VERSION = 2
LARGEST = 256 * 1024 * 1024
"""Bytes that a plan file may hold."""
_WRITES = "'rtcctl plan --out FILE' writes one"


def check_no_literal_secret(desired: Desired) -> None:
    """Refuse a manifest with a secret that stands in it: a plan file holds references only.

    Raises:
        ManifestError: naming the line of each.
    """
    found = tuple(_literals(desired))
    if found:
        raise ManifestError(found)


def _literals(desired: Desired) -> Iterator[Diagnostic]:
    for address, resource in desired.resources.items():
        for path, secret in secrets_of(resource.members, KINDS[address.kind]).items():
            if secret and secret.origin.partition(":")[0] not in ("env", "file"):
                yield Diagnostic(
                    f"{path} of {address} stands in the manifest, and a plan file holds no secret",
                    resource.place(tuple(path.split("."))),
                    mend="put it into a variable, ${env:NAME} alone, or into a file, ${file:PATH}",
                )


def dumps(saved: SavedPlan) -> str:
    """Write a plan as a document: the same bytes for the same plan but for the time, and the digest that covers it."""
    document: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "kind": "plan-file",
        "rtcctl": saved.rtcctl,
        "created": saved.created,
        "manifest": saved.manifest,
        "project": saved.project,
        "backend": saved.backend,
        "several": saved.several,
        "max_deletes": saved.max_deletes,
        "warnings": [warning_to(each) for each in saved.warnings],
        "accounts": [_part_to(part) for part in saved.parts],
    }
    document["digest"] = _digest(document)
    # Nothing is sorted: a plan is shown again with the members of its values in the order in which they were planned.
    return json.dumps(document, indent=1) + "\n"


def _part_to(part: SavedPart) -> dict[str, Any]:
    account = part.account
    return {
        "name": account.name,
        "endpoint": account.endpoint,
        "credentials": account.credentials,
        "identity": dict(account.identity),
        "lineage": account.lineage,
        "serial": account.serial,
        "declared_endpoint": account.declared_endpoint,
        "plan": plan_to(part.plan),
    }


def loads(text: str) -> SavedPlan:
    """Read what `dumps` wrote.

    Raises:
        UsageError: it is no plan file.
        StalePlanError: it has another format version, or was edited.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("kind") != "plan-file":
        raise UsageError("it is not a plan file", mend=_WRITES)
    version = document.get("format_version")
    if version != FORMAT_VERSION:
        message = f"its format_version is {version!r}, this rtcctl reads {FORMAT_VERSION}"
        raise StalePlanError(message, mend="nothing was called; plan again with this version")
    unsigned = {name: value for name, value in document.items() if name != "digest"}
    if document.get("digest") != _digest(unsigned):
        raise StalePlanError("it was edited after it was written", mend="nothing was called; plan again")
    try:
        _check_form(document)
        return _saved(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StalePlanError(
            f"a member is missing or of the wrong type ({type(error).__name__})",
            mend="nothing was called; plan again with this version",
        ) from None


def _check_form(document: Mapping[str, Any]) -> None:
    """Compare a document with its schema: whoever writes a plan file of another form can make its digest as well.

    Raises:
        ValueError: it has another form.
    """
    from jsonschema import Draft202012Validator

    from rtcctl.schema import load

    if not Draft202012Validator(load("plan")).is_valid(document):
        raise ValueError("it is not as schemas/plan.schema.json says")
    names = [each["name"] for each in document["accounts"]]
    if not all(is_name(name) for name in (document["project"], *names)) or len({*names}) < len(names):
        raise ValueError("a name that is none would lead elsewhere")
    if len(names) > 1 and not document["several"]:
        raise ValueError("addresses would not say which account they are of")


def _saved(document: Mapping[str, Any]) -> SavedPlan:
    return SavedPlan(
        parts=tuple(_part_from(each) for each in document["accounts"]),
        project=document["project"],
        backend=document["backend"],
        manifest=document["manifest"],
        created=document["created"],
        rtcctl=document["rtcctl"],
        several=document["several"],
        max_deletes=document["max_deletes"],
        warnings=tuple(map(warning_from, document["warnings"])),
    )


def _part_from(data: Mapping[str, Any]) -> SavedPart:
    account = {name: value for name, value in data.items() if name != "plan"}
    return SavedPart(SavedAccount(**account), plan_from(data["plan"]))


def _digest(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def write(path: Path, saved: SavedPlan) -> None:
    """Put a plan file in its place, readable for its owner alone.

    Raises:
        RtcctlError: it can't be written, or lacks an account; what was there before is still there.
    """
    if saved.broken:
        raise lacking(path, saved.broken)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    if path.exists() and not path.is_file():  # a device or a folder is no place to put a file in
        raise RtcctlError(f"can't write the plan file {path}: something else than a file is there")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(dumps(saved))
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise RtcctlError(f"can't write the plan file {path}: {error.strerror or error}") from None


def lacking(path: Path, broken: Sequence[Broken]) -> RtcctlError:
    """Return the error of a plan that lacks accounts: in a file it would be taken for the whole one."""
    names = ", ".join(each.account for each in broken)
    which = f"account{'s' if len(broken) > 1 else ''} {names}"
    mend = "plan again once all can be read, or the others alone with --account"
    return RtcctlError(f"the plan lacks the {which}: it is not put into {path}", mend=mend)


def read(path: Path) -> SavedPlan:
    """Read a plan file.

    Raises:
        UsageError: there is none, or it is something else.
        StalePlanError: it has another format version, or was edited.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        text = data.decode()
    except OSError as error:
        raise UsageError(f"can't read the plan file {path}: {error.strerror or error}") from None
    except ValueError:
        raise UsageError(f"{path}: it is not a plan file", mend=_WRITES) from None
    if len(data) > LARGEST:
        raise UsageError(f"{path}: it is larger than any plan file")
    try:
        return loads(text)
    except (UsageError, StalePlanError) as error:
        mend = f"{error.mend}; a manifest is given with -f" if path.suffix in (".yaml", ".yml") else error.mend
        raise type(error)(f"{path}: {error.message}", mend=mend) from None
