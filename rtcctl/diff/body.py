"""Whole-body updates: what the body must hold so that a PUT changes only what differs."""

from __future__ import annotations

from rtcctl.diff.compare import Difference, is_ignored
from rtcctl.diff.secrets import is_masked
from rtcctl.kinds import Kind
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Resource
from rtcctl.model.values import HIDDEN_USERINFO, Members, Path, Secret, Value, get, put


def is_resent(kind: Kind) -> bool:
    """Tell whether an update sends again what it does not change."""
    return not kind.keeps_omitted


def whole_body(
    kind: Kind, resource: Resource, live: Members, differences: tuple[Difference, ...]
) -> tuple[Members, tuple[Path, ...]]:
    """Build the body of an update, and name the members that it can't hold.

    Declared members are sent as declared, reset ones left out (or sent as the documented default where the service
    keeps what is omitted), all others as they are live. A live secret that comes back masked can't be sent again:
    its path is returned beside the body.
    """
    body: dict[str, Value] = {name: {} for name, value in resource.members.items() if value == {}}
    reset = {difference.path: difference.member.default for difference in differences if difference.reset}
    masked: list[Path] = []
    for path, member in kind.leaves:
        declared = get(resource.members, path)
        value: Value
        if declared is not None and not is_ignored(path, resource.ignore_changes):
            value = declared
        elif path in reset:
            value = reset[path] if kind.keeps_omitted else None
            if len(path) > 1:  # what is reset as a whole is sent empty, not left out: a format needs its config
                body.setdefault(path[0], {})
        elif member.write_only:
            value = declared
        elif not kind.compared(path, live, RemoteObject(kind.name, {}, live)):
            value = declared  # what is live means nothing, such as the zeros in the config of a format not requested
        else:
            value = get(live, path)
            if (isinstance(value, Secret) and is_masked(value)) or (type(value) is str and HIDDEN_USERINFO in value):
                masked.append(path)
        if value is not None:
            put(body, path, value)
    return kind.sendable(body), tuple(masked)
