"""Which addresses there are, for whoever is typing one: read leniently from a manifest that may be half written.

Neither the schema nor the service is asked, and of a state only a local one is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.errors import Diagnostic
from rtcctl.kinds import KINDS, children_of
from rtcctl.manifest.desired import declare
from rtcctl.manifest.documents import PROJECT, Document, read_document
from rtcctl.manifest.parse import parse
from rtcctl.manifest.project import account_of, read_project
from rtcctl.manifest.sources import read_sources
from rtcctl.model.address import Address
from rtcctl.model.resource import Project
from rtcctl.state import codec, edit
from rtcctl.state.places import beside, in_folder, scheme_of

_STDIN = "-"


def kind_of(address: str) -> str:
    """Return the kind that an address names."""
    return address.rpartition(":")[2].partition("/")[0]


class Known(Struct, frozen=True):
    """The addresses of the manifest, those that a local state speaks of, and the accounts."""

    declared: tuple[str, ...]
    owned: tuple[str, ...]
    accounts: tuple[str, ...] = ()

    @property
    def everything(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.declared, *self.owned)))

    @property
    def jobs(self) -> tuple[str, ...]:
        """Those of jobs."""
        return tuple(each for each in self.everything if KINDS[kind_of(each)].job)

    @property
    def apps(self) -> tuple[str, ...]:
        """Those of what jobs hang on."""
        parents = {kind.name for kind in KINDS.values() if any(child.job for child in children_of(kind.name))}
        return tuple(each for each in self.everything if kind_of(each) in parents)


def known(files: Sequence[str], environ: Mapping[str, str], folder: Path, simulator: Path | None) -> Known:
    """Return the addresses that can be found without a call; `simulator` is the data of the embedded one, if meant.

    Standard input is not read: it is the terminal of somebody who types.
    """
    documents = _documents(files, environ, folder)
    project = read_project(documents, [], whole=True)
    declared = (
        one.address.within(account_of(each, project.accounts))
        for each in documents
        if each.kind != PROJECT
        for one in declare(each)
    )
    owned: list[str] = []
    for account in project.accounts:
        state = _state(replace(project, accounts=(account,)), environ, folder, simulator)
        prefix = account.name if len(project.accounts) > 1 else ""
        owned += (str(each.within(prefix)) for each in (_owned(state) if state is not None else ()))
    names = tuple(account.name for account in project.accounts)
    return Known(tuple(dict.fromkeys(map(str, declared))), tuple(owned), names)


def project_of(files: Sequence[str], environ: Mapping[str, str], folder: Path) -> Project:
    """Return the project that a manifest is of, as far as one with errors tells; standard input is not read."""
    return read_project(_documents(files, environ, folder), [], whole=True)


def _documents(files: Sequence[str], environ: Mapping[str, str], folder: Path) -> list[Document]:
    problems: list[Diagnostic] = []  # nobody is told of them here
    paths = [file for file in files if file != _STDIN]
    sources = read_sources(paths, bytes, folder, problems) if paths else []
    return [
        document
        for source in sources
        for tree in parse(source, problems)[0]
        if (document := read_document(source, tree, environ, problems)) is not None
    ]


def _state(project: Project, environ: Mapping[str, str], folder: Path, simulator: Path | None) -> Path | None:
    """Return the file of a local state; None where it is kept elsewhere."""
    if simulator is not None:
        return in_folder(beside(folder / simulator), project.name, project.account.name)
    backend = environ.get("RTCCTL_STATE") or project.backend
    return None if scheme_of(backend) else in_folder(folder / backend, project.name, project.account.name)


def _owned(state: Path) -> Iterator[Address]:
    """Yield what the snapshot speaks of. A journal beside it is left out: that is for the next run to read."""
    if state.is_file():
        yield from sorted(edit.known(codec.from_json(state.read_text(encoding="utf-8"))))
