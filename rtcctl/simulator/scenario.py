"""Scenarios from outside: YAML files, the JSON of the control API and flags become faults, or a clear error.

    description: what this is good for
    seed: 7                                   # of the chances below
    faults:
      - {fault: reset, when: after, calls: [CreateApp], count: 1}
    throttle: {scope: shared, minute: 2}      # optional; see `ThrottleOptions`

An error names the place, such as `faults[0].count`, and what would have been right.
"""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from rtcctl.simulator import tokens
from rtcctl.simulator.faults import Fault, Scenario
from rtcctl.simulator.routes import OPERATIONS
from rtcctl.simulator.throttle import ThrottleOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

TOKEN_ROUTE = "POST /v3/auth/tokens"  # noqa: S105 - a route
OWN_MEMBERS = {
    "latency": ("seconds", "jitter"),
    "status": ("status", "when", "retry_after"),
    "reset": ("when",),
    "timeout": ("seconds", "when"),
    "slow-body": ("seconds",),
    "empty-body": (),
    "truncated-json": (),
    "html": ("status", "when"),
}
COMMON_MEMBERS = ("fault", "calls", "skip", "count", "probability")
NEEDS_SECONDS = ("latency", "slow-body")
DOCUMENT_MEMBERS = ("description", "seed", "faults", "throttle")
MAX_SECONDS = 3600
WHOLE = re.compile(r"-?\d+")


class Loaded(Struct, frozen=True):
    """What a scenario document says; `sets_throttle` tells whether it says anything of the limits."""

    scenario: Scenario
    throttle: ThrottleOptions | None = None
    sets_throttle: bool = False


def read(path: Path) -> Loaded:
    """A scenario file. ValueError names the file and the place; OSError: it can't be read."""
    import yaml  # only when there is a file to read

    try:
        return parsed(yaml.safe_load(path.read_text(encoding="utf-8")))
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise ValueError(f"{path}{line}: not YAML: {getattr(error, 'problem', None) or error}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def parsed(document: object) -> Loaded:
    """A scenario document; ValueError names the place."""
    members = _mapping("", document, DOCUMENT_MEMBERS)
    faults = members.get("faults", [])
    if not isinstance(faults, list):
        raise ValueError("faults: a list is needed")
    description = members.get("description", "")
    if not isinstance(description, str):
        raise ValueError("description: text is needed")
    scenario = Scenario(
        faults=tuple(_fault(f"faults[{place}]", fault) for place, fault in enumerate(faults)),
        seed=_whole("seed", members.get("seed", 0), None),
        description=description.strip(),
    )
    throttle = ThrottleOptions.parsed(members.get("throttle"))
    return Loaded(scenario, throttle, "throttle" in members)


def from_flag(text: str) -> Fault:
    """A fault as a flag has it: `reset:when=after,calls=CreateApp,count=1`; `calls` may be repeated."""
    kind, _, rest = text.partition(":")
    document: dict[str, Any] = {"fault": kind}
    for part in filter(None, rest.split(",")):
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"{text}: {part!r} is not NAME=VALUE")
        if name == "calls":
            document.setdefault("calls", []).append(value)
        else:
            document[name] = _scalar(value)
    try:
        return _fault("", document)
    except ValueError as error:
        raise ValueError(f"{text}: {error}") from None


def shown(scenario: Scenario) -> dict[str, Any]:
    """The document of a scenario, as `parsed` takes it."""
    document: dict[str, Any] = {"seed": scenario.seed, "faults": [_document(fault) for fault in scenario.faults]}
    return {"description": scenario.description, **document} if scenario.description else document


def _document(fault: Fault) -> dict[str, Any]:
    members: dict[str, Any] = {"fault": fault.kind, "calls": list(fault.calls)}
    for name in (*OWN_MEMBERS[fault.kind], *COMMON_MEMBERS[2:]):
        value = getattr(fault, name)
        if value is not None:
            members[name] = value
    return members


def _fault(place: str, value: object) -> Fault:
    if not isinstance(value, dict) or not isinstance(value.get("fault"), str):
        raise ValueError(f"{_at(place, 'fault')}: one of {', '.join(OWN_MEMBERS)} is needed")
    kind = value["fault"]
    if kind not in OWN_MEMBERS:
        raise ValueError(f"{_at(place, 'fault')}: no fault is called {kind!r}{_near(kind, OWN_MEMBERS)}")
    members = _mapping(place, value, (*COMMON_MEMBERS, *OWN_MEMBERS[kind]))
    if kind in NEEDS_SECONDS and "seconds" not in members:
        raise ValueError(f"{_at(place, 'seconds')}: {kind} needs to know how long")
    checks = {name: CHECKS[name](_at(place, name), given) for name, given in members.items() if name != "fault"}
    if kind == "html":
        checks.setdefault("status", 502)
    if kind == "timeout":
        checks.setdefault("seconds", 60.0)
    return Fault(kind, **checks)


def _mapping(place: str, value: object, known: Iterable[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{place or 'a scenario'}: a mapping is needed")
    known = tuple(known)
    for name in value:
        if name not in known:
            possible = f"{_near(str(name), known)}; {', '.join(known)} are"
            raise ValueError(f"{_at(place, str(name))}: not known here{possible}")
    return value


def _calls(place: str, value: object) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{place}: operationIds or routes are needed")
    known = _known_targets()
    for name in names:
        if name not in known:
            raise ValueError(f"{place}: no operation or route is called {name!r}{_near(name, known)}")
    return tuple(names)


def _known_targets() -> list[str]:
    own = [target for each in OPERATIONS for target in (each.name, f"{each.method} {each.path}")]
    return [*own, tokens.OPERATION, TOKEN_ROUTE]


def _whole(place: str, value: object, least: int | None = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or (least is not None and value < least):
        raise ValueError(f"{place}: a whole number{'' if least is None else f' from {least}'} is needed")
    return value


def _status(place: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 400 <= value <= 599:
        raise ValueError(f"{place}: a status from 400 to 599 is needed")
    return value


def _between(most: float) -> Callable[[str, object], float]:
    def check(place: str, value: object) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not is_number or not 0 <= value <= most:  # type: ignore[operator]  # it is a number here
            raise ValueError(f"{place}: a number from 0 to {most} is needed")
        return float(value)  # type: ignore[arg-type]

    return check


def _when(place: str, value: object) -> str:
    if value not in ("before", "after"):
        raise ValueError(f"{place}: before or after is needed")
    return str(value)


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "calls": _calls,
    "when": _when,
    "status": _status,
    "retry_after": _whole,
    "seconds": _between(MAX_SECONDS),
    "jitter": _between(MAX_SECONDS),
    "skip": _whole,
    "count": lambda place, value: _whole(place, value, 1),
    "probability": _between(1),
}


def _scalar(text: str) -> object:
    if WHOLE.fullmatch(text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f", did you mean {near[0]!r}?" if near else ""
