"""What `large` measures in one process: `python -m benchmarks._large {bound,time,memory} FOLDER`, figures as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
import tracemalloc
from pathlib import Path

from benchmarks._recorded import recorded


def bound(path: Path) -> dict[str, float]:
    """Compose the documents and check them against the schema: what a validation has to do at the very least."""
    import jsonschema
    import yaml

    from rtcctl.schema import manifest_schema

    texts = [each.read_text(encoding="utf-8") for each in sorted(path.iterdir())]
    documents = [each for text in texts for each in yaml.load_all(text, Loader=yaml.CSafeLoader)]
    validators = {kind: jsonschema.Draft202012Validator(schema) for kind, schema in manifest_schema()["$defs"].items()}
    begun = time.perf_counter()
    nodes = [each for text in texts for each in yaml.compose_all(text, Loader=yaml.CSafeLoader)]
    composed = time.perf_counter()
    failures = sum(1 for each in documents for _ in validators[each["kind"]].iter_errors(each))
    checked = time.perf_counter()
    assert len(nodes) == len(documents)  # noqa: S101
    return {"seconds": checked - begun, "compose": composed - begun, "check": checked - composed, "failures": failures}


def plan(path: Path, *, traced: bool) -> dict[str, float]:
    """Plan a manifest against an account and a ledger that are just as it says; nothing is called."""
    from rtcctl.manifest.load import load
    from rtcctl.planner.plan import plan as compare

    desired = load([str(path)], stdin=bytes, environ=os.environ, cwd=path.parent)
    live, ledger = recorded(desired)
    if traced:
        tracemalloc.start()
    begun = time.perf_counter()
    made = compare(desired, live, ledger)
    took = time.perf_counter() - begun
    peak = tracemalloc.get_traced_memory()[1]
    changes = sum(change.action != "no-op" for change in made.changes)
    return {"seconds": took, "resources": len(desired.resources), "changes": changes, "peak": peak}


def main() -> None:
    """Measure what the command line asks for."""
    what, path = sys.argv[1], Path(sys.argv[2])
    found = bound(path) if what == "bound" else plan(path, traced=what == "memory")
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
