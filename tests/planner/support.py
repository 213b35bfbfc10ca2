"""Builders for plans: declared resources, live objects as the kinds read them, and what the state owns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

from rtcctl.errors import Place
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Binding, Entry, Fingerprint, Ledger
from rtcctl.model.plan import Change, Plan
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.resource import Desired, Project, Resource
from rtcctl.model.values import Members, Path, Ref, Secret
from rtcctl.planner.options import Options
from rtcctl.planner.plan import plan

APP = "5ff9701f2346968bb306cb44"
RULE = "5d0ec2c53a2c15625017adb8bbbcd9aa"
JOB = "607f9fc100d861eeefff9b300b388daa"
KEY = Secret("fake-key-0123456789abcdef0123456", "env:KEY")
URL = "https://hooks.example.com/rtc"
BUCKET: Members = {"bucket": "rec", "location": "cn-north-4"}
RULE_MEMBERS: Members = {
    "obs_addr": {"bucket": "rec", "location": "cn-north-4", "project_id": "0123"},
    "record_formats": ["MP4"],
    "mp4_config": {"record_cycle": 7200},
}
MIX: Members = {
    "room_id": "room1",
    "encode_template": "1280x720_15_2260",
    "max_idle_time": 60,
    "layout_template": "nine_grids_view",
}


def at(text: str) -> Address:
    return Address.parse(text)


def declared(where: str, members: Mapping[str, Any], **more: Any) -> Resource:
    places: dict[Path, Place] = {(): Place("rtc.yaml", 1, 1)}
    places |= {(name,): Place("rtc.yaml", line, 3) for line, name in enumerate(members, 2)}
    return Resource(at(where), members, places, **more)


def app(name: str = "a", **more: Any) -> Resource:
    members = {"app_name": more.pop("app_name", name)}
    return declared(f"App/{name}", members | more.pop("members", {}), **more)


def rule(where: str = "RecordRule/a/default", members: Members = RULE_MEMBERS, **more: Any) -> Resource:
    return declared(where, members, **more)


def callback(where: str = "RecordCallback/a", key: Secret | None = KEY, url: str = URL, **more: Any) -> Resource:
    members: Members = {"url": url} if key is None else {"url": url, "auth_key": key}
    return declared(where, members, **more)


def mode(where: str = "AutoRecordMode/a", value: str = "AUTO_INDIVIDUAL_RECORD", ref: str = "default") -> Resource:
    name = where.partition("/")[2]
    return declared(where, {"mode": value, "record_rule_id": rule_ref(name, ref)})


def job(where: str = "MixStreamJob/a/room1", ref: str = "default", **more: Any) -> Resource:
    mix = {**MIX, **more.pop("mix", {})}
    name = where.split("/")[1]
    return declared(where, {"mix_param": mix, "record_param": {"record_rule_id": rule_ref(name, ref)}}, **more)


def bucket(where: str = "BucketAuthorization/rec", **members: Any) -> Resource:
    return declared(where, {**BUCKET, "project_id": "0123", **members})


def rule_ref(app_name: str = "a", child: str = "default") -> Ref:
    return Ref(Address("RecordRule", app_name, child), "rule_id")


def desired(*resources: Resource, sources: int = 1, **project: Any) -> Desired:
    files = tuple(f"{index}.yaml" for index in range(sources))
    return Desired(Project(**project), {each.address: each for each in resources}, files)


def live_app(name: str = "a", app_id: str = APP, state: str = "ACTIVATION") -> RemoteObject:
    return KINDS["App"].parse({"app_name": name, "app_id": app_id, "state": {"state": state}}, {})


def live_rule(app_id: str = APP, rule_id: str = RULE, **more: Any) -> RemoteObject:
    return KINDS["RecordRule"].parse({**RULE_MEMBERS, "rule_id": rule_id, **more}, {"app_id": app_id})


def live_callback(key: str | None = KEY.reveal(), url: str = URL, app_id: str = APP) -> RemoteObject:
    return KINDS["RecordCallback"].parse({"url": url, "auth_key": key}, {"app_id": app_id})


def live_mode(value: str = "AUTO_INDIVIDUAL_RECORD", rule_id: str = RULE, app_id: str = APP) -> RemoteObject:
    return KINDS["AutoRecordMode"].parse({"mode": value, "record_rule_id": rule_id}, {"app_id": app_id})


def live_job(job_id: str = JOB, state: str = "RUNNING", app_id: str = APP, **more: Any) -> RemoteObject:
    item = {"job_id": job_id, "state": state, "mix_param": MIX, "record_param": {"record_rule_id": RULE}, **more}
    return KINDS["MixStreamJob"].parse(item, {"app_id": app_id, "job_id": job_id})


def live_bucket(name: str = "rec", authorized: bool = True) -> RemoteObject:
    item = {"bucket": name, "location": "cn-north-4", "is_authorized": authorized}
    return KINDS["BucketAuthorization"].parse(item, {})


def live(*objects: RemoteObject) -> Live:
    return Live(objects)


def whole_account() -> Live:
    """Everything that `whole_set` declares, as it is right after an apply."""
    return live(live_bucket(), live_app(), live_rule(), live_callback(), live_mode(), live_job())


def whole_set(**more: Any) -> Desired:
    return desired(bucket(), app(), rule(), callback(), mode(), job(), **more)


def owned_app(app_id: str = APP, name: str = "a", **more: Any) -> Entry:
    return Entry({"app_id": app_id}, {"app_name": name}, **more)


def owned_rule(app_id: str = APP, rule_id: str = RULE, **more: Any) -> Entry:
    return Entry({"app_id": app_id, "rule_id": rule_id}, RULE_MEMBERS, **more)


def owned_callback(read: Secret | None = KEY, sent: Secret | None = KEY) -> Entry:
    prints = {} if sent is None else {"auth_key": Fingerprint.of(sent, read)}
    return Entry({"app_id": APP}, {"url": URL}, prints)


def owned_mode() -> Entry:
    return Entry({"app_id": APP}, {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": RULE})


def owned_job(job_id: str = JOB, **more: Any) -> Entry:
    members: Members = {"mix_param": MIX, "record_param": {"record_rule_id": RULE}}
    return Entry({"app_id": APP, "job_id": job_id}, members, **more)


def owned_bucket(**more: Any) -> Entry:
    return Entry(dict(BUCKET), {**BUCKET, "project_id": "0123"}, **more)  # type: ignore[arg-type]


def ledger(entries: Mapping[str, Entry] | None = None, **more: Any) -> Ledger:
    binding = Binding("default", "default", "https://rtc-api.example.com")
    found = {at(where): entry for where, entry in (entries or {}).items()}
    return Ledger(binding, "0" * 32, **{"serial": 1, "sources": 1, **more}, entries=found)


def whole_ledger(**changed: Entry | None) -> Ledger:
    """What is owned right after `whole_set` was applied; keywords replace entries by kind, None removes one."""
    entries: dict[str, Entry | None] = {
        "BucketAuthorization/rec": owned_bucket(),
        "App/a": owned_app(),
        "RecordRule/a/default": owned_rule(),
        "RecordCallback/a": owned_callback(),
        "AutoRecordMode/a": owned_mode(),
        "MixStreamJob/a/room1": owned_job(),
    }
    for kind, entry in changed.items():
        entries[next(where for where in entries if where.startswith(f"{kind}/"))] = entry
    return ledger({where: entry for where, entry in entries.items() if entry is not None})


def planned(wanted: Desired, found: Live, owned: Ledger, **options: Any) -> Plan:
    made = plan(wanted, found, owned, Options(**options))
    assert_order_is_possible(made)
    return made


def assert_order_is_possible(made: Plan) -> None:
    """No step waits for one that waits for it, or for one that there is not."""
    graph = {step.id: step.after for step in made.steps()}
    assert len(graph) == len(list(made.steps())), "two steps of one name"
    order = list(TopologicalSorter(graph).static_order())
    assert set(order) == set(graph)


def change_of(made: Plan, where: str) -> Change:
    return next(change for change in made.changes if str(change.address) == where)


def actions(made: Plan) -> dict[str, str]:
    return {str(change.address): change.action for change in made.changes}


def rules_broken(made: Plan) -> list[tuple[str, str]]:
    return [(refusal.rule, str(refusal.address or "")) for refusal in made.refusals]


def waits_for(made: Plan, step_id: str) -> frozenset[str]:
    """Everything that comes before a step, directly or not."""
    graph = {step.id: step.after for step in made.steps()}

    def before(name: str) -> Iterator[str]:
        for other in graph[name]:
            yield other
            yield from before(other)

    return frozenset(before(step_id))
