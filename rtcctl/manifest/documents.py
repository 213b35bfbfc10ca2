"""Documents: which kind each one is, what it is called, and its data with variables filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from rtcctl.errors import Diagnostic, Place
from rtcctl.kinds import KINDS
from rtcctl.manifest.interpolation import Filler, Step
from rtcctl.manifest.sources import Source
from rtcctl.manifest.tree import Node, Tree, child, key_place, value_place
from rtcctl.manifest.words import nearest, quoted, suggestion
from rtcctl.model.address import is_name
from rtcctl.schema.manifest import API_VERSION, document_kinds

PROJECT = "Project"
APP = "App"
_ENVELOPE = "apiVersion, kind, metadata and spec"


class Document(Struct, frozen=True):
    """One document that says it is ours. `faulty` are paths at which something is wrong; it grows while checking.

    `broken` documents lack a part that was refused, so their members are not judged. `name` is empty where it is
    missing or wrong.
    """

    source: Source
    root: Node
    kind: str
    name: str
    data: Mapping[str, Any]
    broken: bool = False
    faulty: list[tuple[Step, ...]] = field(default_factory=list)

    @property
    def place(self) -> Place:
        """Where the document begins."""
        return value_place(self.source.name, self.root)

    def node(self, path: tuple[Step, ...]) -> Node:
        """Return the node at a path, or the nearest one around it."""
        node = self.root
        for step in path:
            below = child(node, step)
            if below is None:
                return node
            node = below
        return node

    def is_sound(self, path: tuple[Step, ...], names: frozenset[str]) -> bool:
        """Tell whether nothing is wrong with the value at a path and with its members of these names."""
        end = len(path)
        return not any(fault[:end] == path and (len(fault) == end or fault[end] in names) for fault in self.faulty)


def read_document(
    source: Source, tree: Tree, environ: Mapping[str, str], problems: list[Diagnostic]
) -> Document | None:
    """Return the document; None, and diagnostics, where it is not one of ours."""
    root = tree.root
    if not isinstance(root.value, dict):
        message = f"a document is a mapping of {_ENVELOPE}"
        problems.append(Diagnostic(message, value_place(source.name, root), mend="begin with 'apiVersion: ...'"))
        return None
    ours = _has_version(source.name, root, problems)
    kind = _kind(source.name, root, problems)
    if not ours or kind is None:
        return None
    filler = Filler(source.name, source.folder, environ, problems)
    data = {name: filler.data(node, (name,), fill=name == "spec") for name, node in root.value.items()}
    return Document(source, root, kind, _name(data), data, tree.broken, list(filler.missing))


def _has_version(file: str, root: Node, problems: list[Diagnostic]) -> bool:
    node = child(root, "apiVersion")
    if node is None:
        mend = f"add 'apiVersion: {API_VERSION}'"
        problems.append(Diagnostic("the document has no apiVersion", value_place(file, root), mend=mend))
        return False
    if node.value == API_VERSION:
        return True
    given = node.value if isinstance(node.value, str) else ""
    mend = f"write 'apiVersion: {API_VERSION}'"
    if given.startswith("kustomize."):
        mend = "render it first: kubectl kustomize FOLDER | rtcctl plan -f -"
    message = f"apiVersion {quoted(given)} is not known" if given else f"apiVersion is {_nothing(node)}"
    problems.append(Diagnostic(message, value_place(file, node), mend=mend))
    return False


def _nothing(node: Node) -> str:
    return "empty" if node.value in (None, "") else "no text"


def _kind(file: str, root: Node, problems: list[Diagnostic]) -> str | None:
    known = [kind.name for kind in document_kinds()] + [PROJECT]
    node = child(root, "kind")
    if node is None:
        mend = f"add 'kind: ...', one of {', '.join(known)}"
        problems.append(Diagnostic("the document has no kind", value_place(file, root), mend=mend))
        return None
    if isinstance(node.value, str) and node.value in known:
        return node.value
    given = node.value if isinstance(node.value, str) else ""
    if given == "Kustomization":
        return None  # its apiVersion has been told of
    message = f"kind {quoted(given)} is not known" if given else f"kind is {_nothing(node)}"
    mend = suggestion(given, known)
    below = KINDS.get(nearest(given, KINDS))
    if below is not None and below.parent:
        mend = f"declare a {below.name} under spec.{below.manifest_key} of its {below.parent}"
    problems.append(Diagnostic(message, value_place(file, node), mend=mend))
    return None


def _name(data: Mapping[str, Any]) -> str:
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) and is_name(name) else ""


def check_names(documents: list[Document], problems: list[Diagnostic]) -> None:
    """Report addresses that two documents share, and a second Project."""
    first: dict[tuple[str, str], Document] = {}
    for document in documents:
        key = (document.kind, "" if document.kind == PROJECT else document.name)
        if not key[1] and document.kind != PROJECT:
            continue
        before = first.setdefault(key, document)
        if before is document:
            continue
        place = key_place(document.source.name, document.node(("metadata", "name")))
        there = key_place(before.source.name, before.node(("metadata", "name")))
        if document.kind == PROJECT:
            problems.append(Diagnostic(f"there is another Project at {there}", place, mend="keep one of the two"))
        else:
            message = f"{document.kind}/{document.name} is declared before, at {there}"
            problems.append(Diagnostic(message, place, mend="keep one of the two, or rename one"))
