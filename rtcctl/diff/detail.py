"""Inside lists that differ: which item, which member. DeepDiff is loaded only when there is such a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtcctl.diff.normalize import item_key, normalize
from rtcctl.kinds import Member
from rtcctl.model.values import Path, Value


def explode(path: Path, member: Member, old: Value, new: Value) -> Iterator[tuple[Path, Value, Value]]:
    """Yield path, old and new of everything that differs inside an array of objects; anything else as it is."""
    if member.type != "array" or not member.members or not _is_list(old) or not _is_list(new):
        yield path, old, new
        return
    from deepdiff.diff import DeepDiff

    before, after = _keyed(member, old), _keyed(member, new)
    found = DeepDiff(before, after, view="tree", ignore_numeric_type_changes=True, threshold_to_diff_deeper=0)
    for kind_of_change in found.values():
        for item in kind_of_change:
            key, *below = (str(part) for part in item.path(output_format="list"))
            here = (*path[:-1], f"{path[-1]}[{key}]", *below)
            yield here, _present(item.t1), _present(item.t2)


def _is_list(value: Value) -> bool:
    return value is None or (isinstance(value, Sequence) and not isinstance(value, str))


def _keyed(member: Member, value: Value) -> dict[str, Value]:
    items = normalize(member, value)
    if not isinstance(items, list):
        return {}
    found: dict[str, Value] = {}
    for index, item in enumerate(items):
        key = item_key(member, item, index)
        found[f"{key} #{index + 1}" if key in found else key] = item  # the service may hold two of one name
    return found


def _present(value: object) -> Value:
    return None if type(value).__name__ == "NotPresent" else value  # type: ignore[return-value]
