"""Whether what a run says of itself is so: its JSON document against its schema, its exit code, and the simulator."""

from __future__ import annotations

from typing import Any

from rtcctl.errors import ExitCode
from tests.e2e.support import check_document
from tests.survive.standing import Standing, Stands

Json = dict[str, Any]


def lost(document: Json) -> set[str]:
    """Return the addresses of which it is not known what became of them; none where nothing was planned."""
    return {each["address"] for each in document.get("changes", ()) if each["outcome"] == "unknown"}


def check_honest(document: Json, before: Stands, after: Stands, wanted: Stands) -> None:
    """Fail unless a run's document tells what the simulator shows.

    Args:
        document: what the run printed, or would have.
        before: what stood on the simulator.
        after: what stands there now.
        wanted: what a run without a fault leads to.
    """
    check_document(document, "result")
    if document["kind"] == "error":
        assert document["exit_code"] == ExitCode.FAILED
        assert dict(before) == dict(after)
        return
    assert document["exit_code"] == expected_exit_code(document), document["changes"]
    told = {each["address"]: each for each in document["changes"]}
    for address in {*before, *after, *wanted, *told}:
        was, now, shall = before.get(address), after.get(address), wanted.get(address)
        if address in told:
            _check_change(told[address], was, now, shall)
        elif f"App/{address.split('/')[1]}" in told:  # it has no call of its own, and comes and goes with its app
            assert now in (was, shall), address
        else:
            assert now == was, address


def _check_change(each: Json, was: Standing | None, now: Standing | None, shall: Standing | None) -> None:
    """Done: it stands as asked. Failed, not attempted: as it was. Unknown: one of both, and the error owns to it."""
    assert (each["error"] is None) == (each["outcome"] in ("done", "not attempted")), each
    if each["address"].startswith("App/") and now is not None:
        assert each["status"].get("state") in (None, now.asked["state"]), each
    match each["outcome"]:
        case "done":
            assert now == shall, each
            assert now is None or now.own in each["ids"].values(), each
        case "unknown":
            assert now in (was, shall) or _is_disabled(each, now), each
            assert each["error"]["message"], each
        case _:
            assert now == was, each


def _is_disabled(each: Json, now: Standing | None) -> bool:
    """Tell whether an app that was to go is there still, and disabled, and the error says that this may be so."""
    disabled: bool = now is not None and now.asked == {"state": "DEACTIVATION"}
    words = str(each["error"]["message"])
    return disabled and ("it may still be there, disabled for its delete" in words or "may be so still" in words)


def expected_exit_code(document: Json) -> ExitCode:
    """0: all is done. 6: something is, or may be. 1: nothing is."""
    outcomes = {each["outcome"] for each in document["changes"]}
    if outcomes <= {"done"}:
        return ExitCode.OK
    if outcomes & {"done", "unknown"} or _did_a_part(document):
        return ExitCode.PARTIAL
    return ExitCode.FAILED


def _did_a_part(document: Json) -> bool:
    """Tell whether a change that failed was under way: more calls were made than there are changes that failed."""
    calls: int = document["calls"]
    return calls > len([each for each in document["changes"] if each["outcome"] == "failed"])
