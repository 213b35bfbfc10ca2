"""Golden plans: every folder in `cases/` is a manifest, a live account and a state, with the plan they must give.

UPDATE_CASES=1 writes the expected files anew; read the difference before you commit it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from rtcctl import manifest
from rtcctl.errors import ManifestError
from rtcctl.live.interest import interest
from rtcctl.live.reader import read
from rtcctl.model.address import Address
from rtcctl.model.ledger import Binding, Ledger
from rtcctl.model.plan import Plan
from rtcctl.model.resource import Desired
from rtcctl.planfile import file
from rtcctl.planner.options import Options
from rtcctl.planner.plan import plan
from rtcctl.reports import as_json
from rtcctl.reports.as_text import plan_text
from rtcctl.schema import load as load_schema
from rtcctl.state import codec
from tests.account import Account
from tests.planfile.support import comparable, saved

CASES = Path(__file__).parent / "cases"
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())
LITERAL = re.compile(r"auth_key: \w")
KEY = "0123456789abcdef0123456789abcdef"
NOTHING: dict[str, Any] = {
    "format_version": 1,
    "lineage": "0" * 32,
    "serial": 1,
    "project": "default",
    "account": "default",
    "endpoint": "https://rtc-api.example.com",
    "identity": {},
    "sources": 1,
    "throttle": "category",
    "pending": [],
}


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text()) if path.exists() else None


def _options(given: dict[str, Any]) -> Options:
    for name in ("targets", "replace"):
        given[name] = frozenset(map(Address.parse, given.get(name, ())))
    return Options(**given)


def declared(folder: Path) -> Desired:
    return manifest.load(["desired.yaml"], stdin=lambda: b"", environ={"KEY": KEY}, cwd=folder)


def planned(folder: Path) -> Plan:
    state = _yaml(folder / "state.yaml")
    if state is None:
        ledger = Ledger(Binding("default", "default", "https://rtc-api.example.com"), "0" * 32)
    else:
        ledger = codec.from_json(json.dumps({**NOTHING, **state}))
    options = _options(_yaml(folder / "options.yaml") or {})
    desired = declared(folder)
    account: Any = Account(_yaml(folder / "live.yaml") or {})
    live = asyncio.run(read(account, interest(desired, ledger, options.refresh)))
    return plan(desired, live, ledger, options)


@pytest.mark.parametrize("name", NAMES)
def test_case_gives_the_expected_plan(name: str) -> None:
    folder = CASES / name
    found = planned(folder)
    document = as_json.plan_document(found)
    texts = {"plan.txt": plan_text(found) + "\n", "plan.json": as_json.dumps(document) + "\n"}
    if os.environ.get("UPDATE_CASES"):
        for file, text in texts.items():
            (folder / file).write_text(text)
    for file, text in texts.items():
        assert text == (folder / file).read_text()
    jsonschema.validate(document, load_schema("plan"))
    assert all(len(line) <= 80 for line in texts["plan.txt"].splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_of_a_case_is_the_same_after_it_was_in_a_file(name: str) -> None:
    found = planned(CASES / name)
    if LITERAL.search((CASES / name / "desired.yaml").read_text()):
        with pytest.raises(ManifestError):
            file.check_no_literal_secret(declared(CASES / name))
        return
    file.check_no_literal_secret(declared(CASES / name))
    text = file.dumps(saved(found))
    jsonschema.validate(json.loads(text), load_schema("plan"))
    again = file.loads(text)
    assert file.dumps(again) == text
    assert again == saved(comparable(found))
    assert plan_text(again.plan) == plan_text(found)
    assert as_json.plan_document(again.plan) == as_json.plan_document(found)
    assert KEY not in text
