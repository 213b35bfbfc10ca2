"""What stands on the simulator, by address as a plan has it; judged from its data alone, without rtcctl's reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.survive.manifests import APPS, BUCKETS

Documents: TypeAlias = Callable[..., list[dict[str, Any]]]
Stands: TypeAlias = Mapping[str, "Standing"]


@dataclass(frozen=True)
class Standing:
    """One object: its own id, and what was asked of it, in which no id occurs, so that two accounts can be compared."""

    own: str
    asked: Mapping[str, Any]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Standing) and self.asked == other.asked

    __hash__ = None  # type: ignore[assignment]


def standing(documents: Documents) -> dict[str, Standing]:
    """Return every object of ours; `documents` lists by kind. What a service tells by itself is left out."""
    found = {
        f"BucketAuthorization/{one['bucket']}": Standing(one["bucket"], {"location": one["location"]})
        for one in documents("bucket")
        if one["bucket"] in BUCKETS and one["is_authorized"]
    }
    for app in documents("app"):
        if app["app_name"] in APPS:
            found |= dict(_of_app(app, documents))
    return found


def _of_app(app: dict[str, Any], documents: Documents) -> Iterator[tuple[str, Standing]]:
    name, app_id = app["app_name"], app["app_id"]
    yield f"App/{name}", Standing(app_id, {"state": app["state"]["state"]})
    rules = {}
    for rule in documents("record_rule", app_id):
        rules[rule["rule_id"]] = folder = rule["obs_addr"]["object"].rstrip("/")
        cycle = rule["mp4_config"]["record_cycle"]
        asked = {"where": rule["obs_addr"], "formats": rule["record_formats"], "cycle": cycle}
        yield f"RecordRule/{name}/{folder}", Standing(rule["rule_id"], asked)
    callback = app["callbacks"].get("record_callback")
    if callback:
        yield f"RecordCallback/{name}", Standing(app_id, {"url": callback["url"]})
    mode = app["auto_record_mode"]
    if mode["mode"] != "AUTO_RECORD_OFF":
        yield f"AutoRecordMode/{name}", Standing(app_id, {"mode": mode["mode"], "by": rules[mode["record_rule_id"]]})
    for kind, of_kind in (("mix_job", "MixStreamJob"), ("individual_job", "IndividualStreamJob")):
        for job in documents(kind, app_id):
            if job["state"] == "STOPPED":
                continue
            by = rules.get(job["record_param"]["record_rule_id"])
            idle = job.get("mix_param", job)["max_idle_time"]
            yield f"{of_kind}/{name}/{job['room_id']}", Standing(job["job_id"], {"by": by, "idle": idle})
