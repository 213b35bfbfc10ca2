"""What tests of the export share: answers of the service → live → text → a plan of that text against the same live."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import yaml

from rtcctl.export.account import Exported, manifest
from rtcctl.export.reading import read_account
from rtcctl.model.plan import Plan
from rtcctl.model.remote import Live
from rtcctl.model.resource import Desired
from rtcctl.planner.plan import plan
from tests.account import Account
from tests.manifest.loading import load_text
from tests.planner.support import ledger

Json = dict[str, Any]
KEY = "fake-key-that-nobody-may-see-00000"
RULE: Json = {
    "rule_id": "r1",
    "obs_addr": {"bucket": "rec", "location": "cn-north-4", "object": "x/", "project_id": "0" * 32},
    "record_formats": ["MP4"],
    "mp4_config": {"record_cycle": 3600},
}


def app(name: str = "a", app_id: str = "", state: str = "ACTIVATION", **more: Any) -> Json:
    """An app as ListApps shows it, with nothing set."""
    settings = {"callbacks": {"record_callback": None}, "auto_record_mode": {"mode": "AUTO_RECORD_OFF"}}
    return {"app_id": app_id or f"id-{len(name)}", "app_name": name, "state": {"state": state}, **settings, **more}


def callback(url: str = "https://hooks.example/rtc", **more: Any) -> Json:
    return {"callbacks": {"record_callback": {"url": url, **more}}}


def records(rule_id: str = "r1") -> Json:
    return {"auto_record_mode": {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_id}}


def live_of(document: Mapping[str, Any], asked: list[str] | None = None) -> Live:
    """Read an account made of plain answers; the paths asked for go into `asked`."""
    found = asyncio.run(read_account(cast("Any", Account(document, [] if asked is None else asked))))
    assert not found.notes
    return found.live


def account(*apps: Json, rules: Mapping[str, list[Json]] | None = None, buckets: list[Json] | None = None) -> Json:
    return {"apps": list(apps), "rules": rules or {}, "buckets": buckets or []}


def export(document: Mapping[str, Any]) -> Exported:
    """Export, having seen that the text loads, plans empty against the account and names no secret."""
    live = live_of(document)
    found = manifest(live)
    assert_empty(plan(load_text(found.text), live, ledger()))
    assert KEY not in found.text
    assert all(line.isprintable() for line in found.text.splitlines())
    return found


def assert_empty(made: Plan) -> None:
    assert not made.has_changes, [str(change.address) for change in made.changes if change.steps]
    assert not made.refusals
    assert made.to_record == len(made.changes)


def exported(*apps: Json, **more: Any) -> list[Json]:
    """The documents of an export, as another YAML 1.1 parser reads them."""
    return list(yaml.safe_load_all(export(account(*apps, **more)).text))


def spec_of(one: Json, **more: Any) -> Json:
    """The `spec` of an account's only app."""
    [document] = exported(one, **more)
    found: Json = document["spec"]
    return found


def loaded(text: str, environ: Mapping[str, str] | None = None) -> Desired:
    return load_text(text, environ)
