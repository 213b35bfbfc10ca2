"""What `large` measures within one process: `python -m benchmarks._large {bound,time,memory} FILE`, figures as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rtcctl.diff.secrets import secrets_of, without_secrets
from rtcctl.kinds import KINDS, Item, Kind
from rtcctl.model.address import Address
from rtcctl.model.ledger import Binding, Entry, Fingerprint, Ledger
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.resource import Desired, Resource
from rtcctl.model.values import Members, Ref, Secret, Value

ECHOED = {"create_time": "2024-01-15T08:30:00Z", "update_time": "2024-01-15T08:30:00Z"}


def bound(path: Path) -> dict[str, float]:
    """Compose the documents and check them against the schema: what a validation has to do at the very least."""
    import jsonschema
    import yaml

    from rtcctl.schema import manifest_schema

    text = path.read_text(encoding="utf-8")
    documents = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    validators = {kind: jsonschema.Draft202012Validator(schema) for kind, schema in manifest_schema()["$defs"].items()}
    begun = time.perf_counter()
    nodes = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    composed = time.perf_counter()
    failures = sum(1 for each in documents for _ in validators[each["kind"]].iter_errors(each))
    checked = time.perf_counter()
    assert len(nodes) == len(documents)  # noqa: S101
    return {"seconds": checked - begun, "compose": composed - begun, "check": checked - composed, "failures": failures}


def plan(path: Path, *, traced: bool) -> dict[str, float]:
    """Plan a manifest against an account and a ledger that are just as it says; nothing is called."""
    from rtcctl.manifest.load import load
    from rtcctl.planner.plan import plan as compare

    if traced:
        tracemalloc.start()
    desired = load([str(path)], stdin=bytes, environ=os.environ, cwd=path.parent)
    live, ledger = recorded(desired)
    held = tracemalloc.get_traced_memory()[0]
    if traced:
        tracemalloc.reset_peak()
    begun = time.perf_counter()
    made = compare(desired, live, ledger)
    took = time.perf_counter() - begun
    peak = tracemalloc.get_traced_memory()[1]
    changes = sum(change.action != "no-op" for change in made.changes)
    return {"seconds": took, "resources": len(desired.resources), "changes": changes, "held": held, "peak": peak}


def recorded(desired: Desired) -> tuple[Live, Ledger]:
    """Return an account that is as declared, as answers of the service tell it, and the ledger of who made it."""
    objects: list[RemoteObject] = []
    entries: dict[Address, Entry] = {}
    for number, (address, resource) in enumerate(desired.resources.items()):
        kind = KINDS[address.kind]
        ids = _ids(address)
        item = _answer(kind, resource, number)
        objects.append(kind.parse({**item, **ids}, ids if kind.parent else {}))
        members = _resolved(without_secrets(kind.sendable(resource.members), kind))
        prints = {path: Fingerprint.of(key, key) for path, key in secrets_of(resource.members, kind).items()}
        entries[address] = Entry(ids, members, prints)
    binding = Binding(desired.project.name, "default", "http://127.0.0.1", {})
    return Live(tuple(objects)), Ledger(binding, "0" * 32, 1, entries, sources=len(desired.sources))


def _ids(address: Address) -> dict[str, str]:
    own = KINDS[address.kind].id_name
    return {"app_id": f"id-of-{address.name}"} | (
        {own: f"{own}-of-{address.name}"} if own not in ("", "app_id") else {}
    )


def _answer(kind: Kind, resource: Resource, number: int) -> Item:
    """Return an object as the service shows it: with what it fills in and echoes."""
    shown: dict[str, Any] = {**dict(_shown(resource.members)), **ECHOED}
    match kind.name:
        case "App":
            shown |= {"state": {"state": "ACTIVATION"}, "tenant_name": "benchmark", "domain": f"{number}.example"}
        case "RecordRule":
            shown["hls_config"] = {"record_cycle": 0, "record_max_duration_to_merge_file": 0}
        case "MixStreamJob":
            shown |= {"state": "RUNNING", "start_time": "2024-01-15T08:30:00Z"}
    return shown


def _resolved(members: Members) -> dict[str, Value]:
    return {name: _value(value) for name, value in members.items()}


def _value(value: Value) -> Value:
    if isinstance(value, Ref):
        return _ids(value.address)[value.id_name]
    return _resolved(value) if isinstance(value, dict) else value


def _shown(members: Members) -> Iterator[tuple[str, Any]]:
    for name, value in _resolved(members).items():
        yield name, value.reveal() if isinstance(value, Secret) else value


def main() -> None:
    """Measure what the command line asks for."""
    what, path = sys.argv[1], Path(sys.argv[2])
    found = bound(path) if what == "bound" else plan(path, traced=what == "memory")
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
