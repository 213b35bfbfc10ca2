"""The one way in: every step from files to `Desired`, with every diagnostic raised together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from rtcctl.errors import Diagnostic, ManifestError, Place
from rtcctl.manifest.checks import check
from rtcctl.manifest.desired import Declared, declare
from rtcctl.manifest.documents import APP, PROJECT, Document, check_names, read_document
from rtcctl.manifest.lifecycle import read_ignored
from rtcctl.manifest.parse import parse
from rtcctl.manifest.project import account_of, read_project
from rtcctl.manifest.sources import STDIN, Source, read_sources
from rtcctl.manifest.tree import Node
from rtcctl.manifest.validate import validate
from rtcctl.model.address import Address
from rtcctl.model.resource import Account, Desired, Resource
from rtcctl.model.uncollected import uncollected


def load(paths: Sequence[str], *, stdin: Callable[[], bytes], environ: Mapping[str, str], cwd: Path) -> Desired:
    """Read a manifest: files, folders, and `-` for standard input; relative paths start at `cwd`.

    `stdin` is called when `-` is read, `environ` answers `${env:…}`.

    Raises:
        ManifestError: something is wrong; it carries every diagnostic, sorted by place, warnings included.
    """
    with uncollected():
        return _loaded(paths, stdin, environ, cwd)


def _loaded(paths: Sequence[str], stdin: Callable[[], bytes], environ: Mapping[str, str], cwd: Path) -> Desired:
    problems: list[Diagnostic] = []
    sources = read_sources(paths, stdin, cwd, problems)
    unread = bool(problems)
    documents, streamed, whole = _read(sources, environ, problems)
    validate(documents, problems)
    project = read_project(documents, problems, whole=whole and not unread)
    resources: dict[Address, Resource] = {}
    for account, own in _by_account(documents, project.accounts).items():
        check_names(own, problems)
        declared = [one for document in own if document.kind != PROJECT for one in declare(document)]
        check(declared, problems)
        for address, resource in _resources(declared, problems).items():
            place = address.within(account)
            resources[place] = replace(resource, address=place) if account else resource
    diagnostics = _finished(problems, sources, streamed)
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        raise ManifestError(diagnostics)
    names = tuple(source.name for source in sources)
    return Desired(project, resources, names, diagnostics, _digest(sources))


def _finished(
    problems: list[Diagnostic], sources: Sequence[Source], streamed: Sequence[Node]
) -> tuple[Diagnostic, ...]:
    if not problems:
        return ()
    from rtcctl.manifest.report import finish

    return finish(problems, sources, streamed)


def _by_account(documents: Iterable[Document], accounts: Sequence[Account]) -> dict[str, list[Document]]:
    """Sort documents by the accounts, each of which is checked by itself; the Project is of none."""
    found: dict[str, list[Document]] = {}
    for document in documents:
        account = account_of(document, accounts) if document.kind != PROJECT else ""
        found.setdefault(account, []).append(document)
    return found


def _digest(sources: Iterable[Source]) -> str:
    """Tell one content from another: the files in their order, whatever they are called."""
    each = (hashlib.sha256(source.text.encode()).digest() for source in sources)
    return f"sha256:{hashlib.sha256(b''.join(each)).hexdigest()}"


def _read(
    sources: Iterable[Source], environ: Mapping[str, str], problems: list[Diagnostic]
) -> tuple[list[Document], list[Node], bool]:
    """Return all documents, the roots of those from standard input, and whether every file was read to its end."""
    documents: list[Document] = []
    streamed: list[Node] = []
    complete = True
    for source in sources:
        trees, whole = parse(source, problems)
        complete = complete and whole
        if not trees and whole:
            place = Place(source.name, 1, 1)
            problems.append(Diagnostic("this file holds no document", place, mend="write one, or leave the file out"))
        for tree in trees:
            if source.name == STDIN:
                streamed.append(tree.root)
            document = read_document(source, tree, environ, problems)
            complete = complete and document is not None
            if document is not None:
                documents.append(document)
    return documents, streamed, complete


def _resources(declared: Sequence[Declared], problems: list[Diagnostic]) -> dict[Address, Resource]:
    """Return the resources by address, with what their apps say is never compared."""
    found = {one.address: one.resource for one in declared}
    below: dict[str, list[Declared]] = {}
    for one in declared:
        below.setdefault(one.address.name, []).append(one)
    for app in declared:
        if app.address.kind != APP:
            continue
        for address, paths in read_ignored(app, below[app.address.name], problems).items():
            found[address] = replace(found[address], ignore_changes=frozenset(paths))
    return found
