"""One of each way in which a command ends, for what holds of every format."""

from __future__ import annotations

from typing import Any, Literal

from msgspec.structs import replace

from rtcctl.applying import joining as results
from rtcctl.errors import (
    CredentialsError,
    Diagnostic,
    FailedCall,
    ManifestError,
    Place,
    RefusedError,
    RejectedError,
    UnreachableError,
)
from rtcctl.model.address import Address
from rtcctl.model.budget import Budget, Calls
from rtcctl.model.call import Call, Category
from rtcctl.model.drift import Drift, Drifted
from rtcctl.model.finished import Applied, Compared, Failed, Finished, Planned, Validated
from rtcctl.model.jobs import Followed, Standing
from rtcctl.model.plan import ALLOW_DESTROY, Broken, Change, MemberChange, Plan, Refusal, Step
from rtcctl.model.result import ApplyResult, ChangeResult
from rtcctl.model.run import Run
from rtcctl.model.values import Mark
from rtcctl.planner.joining import joined

_PATHS: dict[str, tuple[str, Category]] = {
    "App": ("/v2/apps", "apps"),
    "RecordRule": ("/v2/apps/{app_id}/record-rules", "record-rules"),
    "RecordCallback": ("/v2/apps/{app_id}/record-callback", "callbacks"),
    "MixStreamJob": ("/v2/apps/{app_id}/mix-stream-jobs", "mix-stream-jobs"),
    "BucketAuthorization": ("/v2/rtc-ops/buckets/authentication", "rtc-ops"),
}


def at(text: str) -> Address:
    return Address.parse(text)


def _step(where: str, verb: str, method: Literal["GET", "POST", "PUT", "DELETE"], **more: Any) -> Step:
    path, category = _PATHS[where.partition("/")[0]]
    return Step(f"{where} {verb}", at(where), verb, Call(method, path, category, {"app_id": "a1"}), "created", **more)


def _line(number: int, column: int = 3) -> Place:
    return Place("rtc/school.yaml", number, column)


LESSONS = MemberChange(("room_id",), None, "lessons", _line(41, 5))
CHANGES = (
    Change(at("BucketAuthorization/recordings"), "import", "authorized already", adopt=True, records=True),
    Change(
        at("App/school"),
        "create",
        members=(MemberChange(("app_name",), None, "school", _line(12)),),
        steps=(_step("App/school", "create", "POST"),),
        place=_line(9, 1),
    ),
    Change(
        at("RecordRule/school/default"),
        "create",
        members=(
            MemberChange(("obs_addr", "bucket"), None, "recordings", _line(21, 7)),
            MemberChange(("record_formats",), None, ["MP4", "HLS"], _line(23, 7)),
        ),
        steps=(_step("RecordRule/school/default", "create", "POST"),),
        consequences=("rule changes reach new recordings after 5 minutes",),
        place=_line(18, 5),
    ),
    Change(
        at("RecordCallback/studio"),
        "update",
        members=(
            MemberChange(("url",), "https://old.example.com/rtc", "https://hooks.example.com/rtc", _line(30, 7)),
            MemberChange(("auth_key",), Mark("(secret #1)"), Mark("(secret #2)"), _line(31, 7), drift=True),
            MemberChange(("notify_event",), 3600, Mark("(server default)")),
        ),
        steps=(_step("RecordCallback/studio", "set", "PUT"),),
        place=_line(28, 5),
        unchanged=2,
    ),
    Change(
        at("MixStreamJob/studio/room001"),
        "replace",
        "layout_template can't be changed",
        members=(
            MemberChange(
                ("mix_param", "layout_template"),
                "nine_grids_view",
                "screen_share_left",
                _line(44, 9),
                forces_replacement=True,
            ),
        ),
        steps=(
            _step("MixStreamJob/studio/room001", "start", "POST"),
            _step("MixStreamJob/studio/room001", "stop", "DELETE", after=("MixStreamJob/studio/room001 start",)),
        ),
        consequences=("starts a new recording, then stops the live one of room001: for a moment both run",),
        place=_line(40, 5),
        unchanged=4,
    ),
    Change(at("MixStreamJob/studio/room002"), "no-op", "the job ended (EXCEED_MAX_IDLE_TIME)"),
    Change(at("RecordRule/studio/archive"), "no-op", moved_from=at("RecordRule/studio/old"), records=True),
    Change(at("RecordCallback/old"), "forget", "no longer declared", records=True),
    Change(
        at("App/old"),
        "delete",
        "no longer declared",
        steps=(
            _step("App/old", "delete", "DELETE"),
            _step("App/old", "disable", "PUT", only_if_refused="App/old delete"),
        ),
        consequences=("nobody can join its rooms any more",),
    ),
    Change(
        at("RecordRule/old/foreign"),
        "delete",
        not_ours=True,
        steps=(_step("RecordRule/old/foreign", "delete", "DELETE"),),
    ),
)  # fmt: skip
BUDGET = Budget(
    (Calls("apps", 2, 3, 0.0), Calls("record-rules", 70, 70, 60.0), Calls("mix-stream-jobs", 2, 2, 0.0)), 60.0, 120.0
)
WARNING = Diagnostic(
    "the state is local while CI is set", _line(3, 12), "name a backend that all runs share", "  backend: .rtcctl",
    "warning", 12,
)  # fmt: skip
REFUSALS = (
    Refusal("prevent_destroy", "App/school is protected by lifecycle.prevent_destroy", at("App/school")),
    Refusal("destroy", "App/old: the app would be deleted", at("App/old"), ALLOW_DESTROY),
    Refusal("max_deletes", "4 objects would be deleted or replaced, max_deletes is 3", None, ALLOW_DESTROY),
)
PLAN = Plan(
    CHANGES,
    warnings=(WARNING,),
    unmanaged={"App": 2, "RecordRule": 1},
    budget=BUDGET,
    blast=("delete 1 app", "stop 1 live recording"),
)
REFUSED = Plan(CHANGES, REFUSALS, (WARNING,), budget=BUDGET, blast=PLAN.blast)
RUN = Run(
    "plan",
    "school",
    ("rtc/school.yaml", "rtc/studio.yaml"),
    {at("App/school"): _line(9, 1), at("RecordCallback/studio"): _line(28, 5)},
)
_REJECTED = RejectedError(
    FailedCall("PUT", "/v2/apps/{app_id}/record-callback", 400, "RTC.00001003", "req-1"),
    "the parameter url is wrong",
    mend="look at url in the manifest",
)
_LOST = UnreachableError(FailedCall("POST", "/v2/apps/{app_id}/mix-stream-jobs"), "no answer", sent=True)
_BY_ADDRESS = {change.address: change for change in CHANGES}
RESULT = ApplyResult(
    (
        ChangeResult(_BY_ADDRESS[at("App/school")], "done", ids={"app_id": "5ff9701f"}, seconds=0.5),
        ChangeResult(_BY_ADDRESS[at("RecordRule/school/default")], "done", ids={"rule_id": "5d0ec2c5"}, seconds=0.25),
        ChangeResult(_BY_ADDRESS[at("RecordCallback/studio")], "failed", _REJECTED, seconds=0.125),
        ChangeResult(_BY_ADDRESS[at("MixStreamJob/studio/room001")], "unknown", _LOST, seconds=3.0),
        ChangeResult(_BY_ADDRESS[at("App/old")], "not attempted"),
    ),
    recorded=2,
    calls=4,
    steps_done=2,
    ended="the first failure ends it",
    followed=(
        Followed(at("MixStreamJob/school/x"), {"job_id": "j1"}, "running", "reached", Standing("RUNNING"), 2.0),
        Followed(at("MixStreamJob/school/y"), {"job_id": "j2"}, "running", "late", Standing("INIT"), 300.0),
    ),
)
INVALID = ManifestError(
    (
        Diagnostic("unknown member 'ap_name'", _line(12), "did you mean 'app_name'?", "  ap_name: school", caret=3),
        Diagnostic("room_id is missing", Place("rtc/studio.yaml", 40, 5), source="    - name: room001"),
        WARNING,
    )
)
DRIFT = Drift(
    (
        Drifted(at("App/school"), "changed", members=(MemberChange(("state",), "ACTIVATION", "DEACTIVATION"),)),
        Drifted(at("RecordRule/school/default"), "deleted"),
        Drifted(at("MixStreamJob/studio/room001"), "ended", "EXCEED_MAX_IDLE_TIME"),
    ),
    checked=9,
)


def _run(command: str) -> Run:
    return Run(command, RUN.project, RUN.sources, RUN.places)


def _account_plan(created: str) -> Plan:
    """Creates one app and deletes another, which is refused."""
    create = Change(
        at(f"App/{created}"),
        "create",
        members=(MemberChange(("app_name",), None, created, _line(12)),),
        steps=(_step(f"App/{created}", "create", "POST"),),
        place=_line(9, 1),
    )
    old = _BY_ADDRESS[at("App/old")]
    refusals = (Refusal("destroy", "App/old: the app would be deleted", at("App/old"), ALLOW_DESTROY),)
    calls = Budget((Calls("apps", 2, 3, 0.0),), 0.0, 0.0)
    return Plan((create, old), refusals, (WARNING,), budget=calls, blast=("delete 1 app",))


def _joined(*broken: Broken) -> Plan:
    parts = {"edu": _account_plan("school"), "events": _account_plan("school")}
    for each in broken:
        del parts[each.account]
    return joined(parts, broken, max_deletes=1)


_EDU = _account_plan("school").changes
_ACCOUNTS_RESULTS = {
    "edu": ApplyResult(
        (ChangeResult(_EDU[0], "done", ids={"app_id": "5ff9701f"}, seconds=0.5), ChangeResult(_EDU[1], "done")),
        calls=2,
        steps_done=2,
    )
}
_ACCOUNTS_RUN = Run(
    "plan",
    "fleet",
    ("rtc/school.yaml",),
    {at("edu:App/school"): _line(9, 1), at("events:App/school"): _line(19, 1)},
)
MISSING = Broken(
    "events",
    CredentialsError("no credentials found for the account with prefix EVENTS", mend="set EVENTS_RTCCTL_TOKEN"),
)
CASES: dict[str, Finished] = {
    "every-kind-of-change": Planned(PLAN, RUN),
    "no-changes": Planned(Plan(), RUN),
    "refused-plan": Planned(REFUSED, RUN),
    "partial-apply": Applied(PLAN, RESULT, _run("apply")),
    "refusal": Failed(
        RefusedError(f"{REFUSALS[0].message} (and 2 more)", mend="nothing was changed"), REFUSED, _run("apply")
    ),
    "invalid": Failed(INVALID, run=Run("validate")),
    "valid": Validated((at("App/school"), at("RecordCallback/studio")), (WARNING,), _run("validate")),
    "drift": Compared(DRIFT, _run("drift")),
    "two-accounts": Planned(_joined(), _ACCOUNTS_RUN),
    "account-missing": Planned(_joined(MISSING), _ACCOUNTS_RUN),
    "accounts-applied": Applied(
        _joined(MISSING), results.joined(_ACCOUNTS_RESULTS, (MISSING,)), replace(_ACCOUNTS_RUN, command="apply")
    ),
    "account-missing-no-changes": Planned(joined({"edu": Plan()}, (MISSING,), max_deletes=3), _ACCOUNTS_RUN),
    "account-missing-drift": Compared(Drift(checked=3, broken=(MISSING,)), replace(_ACCOUNTS_RUN, command="drift")),
}
