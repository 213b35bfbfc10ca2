"""From what was read of an account to the text of its manifest: a pure function, in an order that stays."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from rtcctl.export import words
from rtcctl.export.apps import AppToWrite, spec
from rtcctl.export.fitting import Fitted, entries, judged
from rtcctl.export.names import names, variables
from rtcctl.export.writing import Block, Entry, comment, mapping, notes
from rtcctl.kinds import KINDS
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.schema.manifest import API_VERSION

_SCHEMA = "# yaml-language-server: $schema=./manifest.schema.json"


class Exported(Struct, frozen=True):
    """A manifest as text, how many apps and authorized buckets are in it, and how many things are not."""

    text: str
    apps: int
    buckets: int
    left_out: int


def manifest(live: Live, unread: Sequence[str] = ()) -> Exported:
    """Write an account as a manifest, with notes on what could not be read; the same account gives the same text."""
    missing = list(unread)
    buckets = list(_buckets(_fitting(live, "BucketAuthorization", "name and location", missing)))
    apps = list(_apps(_fitting(live, "App", "name", missing), live))
    documents = [*buckets, *apps]
    left_out = sum(words.is_left_out(note) for note in (*missing, *(n for each in documents for n in notes(each))))
    if not documents:  # a file without a document would be refused
        missing.append(words.NOTHING)
        documents.append(_document("Project", "default", ()))
    head = [_SCHEMA, "#", *comment(words.HEADER)]
    if missing:
        head += ["#", *comment(missing)]
    body = "\n---\n".join("\n".join(mapping(document)) for document in documents)
    return Exported("\n".join([*head, body, ""]), len(apps), len(buckets), left_out)


def _fitting(live: Live, name: str, what: str, missing: list[str]) -> Iterator[tuple[RemoteObject, Fitted]]:
    """Yield what stands alone and can be declared; note what can't."""
    kind = KINDS[name]
    for found, fit in judged([each for each in live.objects if each.kind == name and kind.exists(each)], what):
        if isinstance(fit, Fitted):
            yield found, fit
        else:
            ids = ", ".join(f"{key} {words.shown(value)}" for key, value in found.ids.items())
            missing.append(words.left_out(f"{name} {words.shown(kind.label(found))} ({ids})", fit))


def _buckets(found: Iterable[tuple[RemoteObject, Fitted]]) -> Iterator[Block]:
    fits = [fit for _, fit in found]
    often = Counter(str(fit.members["bucket"]) for fit in fits)
    texts = []
    for fit in fits:
        bucket, location = str(fit.members["bucket"]), str(fit.members["location"])
        texts.append(f"{bucket}-{location}" if often[bucket] > 1 else bucket)
    for name, fit in zip(names(texts, "bucket"), fits, strict=True):
        yield _document("BucketAuthorization", name, entries(KINDS["BucketAuthorization"].members, fit))


def _apps(found: Iterable[tuple[RemoteObject, Fitted]], live: Live) -> Iterator[Block]:
    children: dict[str, list[RemoteObject]] = defaultdict(list)
    for each in live.objects:
        if KINDS[each.kind].parent == "App":
            children[each.ids["app_id"]].append(each)
    apps = list(found)
    called = names([str(fit.members["app_name"]) for _, fit in apps], "app")
    keys = variables(called)
    for name, (app, fit) in zip(called, apps, strict=True):
        yield _document("App", name, spec(AppToWrite(app, fit, name, keys[name], children[app.ids["app_id"]])))


def _document(kind: str, name: str, content: Block) -> Block:
    envelope = (Entry("apiVersion", API_VERSION), Entry("kind", kind), Entry("metadata", (Entry("name", name),)))
    return (*envelope, Entry("spec", content))
