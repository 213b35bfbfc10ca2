"""What of a live object a manifest may say: everything that its schema takes, and a note on all that it does not.

Values are judged by the schema that `validate` uses, so that the two can't disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from rtcctl.diff.normalize import normalize
from rtcctl.export.words import TWICE, left_out, shown, write_only_note
from rtcctl.export.writing import Block, Content, Entry
from rtcctl.kinds import KINDS, Member
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, Path, Secret, Value, dotted
from rtcctl.schema.members import Builder

_NO_TEXT = "it holds what is no character"
_WORDS = {
    "enum": "a manifest does not know that value",
    "minLength": "it is empty",
    "minItems": "it is empty",
    "pattern": "it has not the form that is due",
    "uniqueItems": "it holds a value twice",
}
_OUT_OF_RANGE = "that is out of the documented range"


class UnfitError(Exception):
    """An object can't be declared, or a member; the text says why."""


class Fitted(Struct, frozen=True):
    """The members that a manifest may declare, and notes on those that it may not. Secrets are still `Secret`s."""

    members: Members
    notes: Mapping[Path, str] = field(default_factory=dict)


def fitted(found: RemoteObject) -> Fitted:
    """Return what can be declared of an object, in the manifest's form.

    Raises:
        UnfitError: without what does not fit, it can't be declared at all.
    """
    kind = KINDS[found.kind]
    notes: dict[Path, str] = {}
    members = _members(kind.members, kind.sendable(found.members), (), notes)
    for finding in kind.check(members):
        if finding.severity == "error":
            raise UnfitError(finding.message)
    return Fitted(members, notes)


def judged(found: Sequence[RemoteObject], what: str) -> Iterator[tuple[RemoteObject, Fitted | str]]:
    """Yield objects of one kind in an order that stays, with what can be declared of each, or why it can't be.

    Where several share their natural key, which is called `what`, none can be.
    """
    keys = {id(each): KINDS[each.kind].natural_key(each.members) or () for each in found}
    count = Counter(keys.values())
    for each in sorted(found, key=lambda each: (keys[id(each)], sorted(each.ids.items()))):
        try:
            yield each, TWICE.format(what) if count[keys[id(each)]] > 1 else fitted(each)
        except UnfitError as unfit:
            yield each, str(unfit)


def entries(declared: Sequence[Member], fit: Fitted, members: Members | None = None, above: Path = ()) -> Block:
    """Return the members in the order of their declaration, with the notes in place of those that are left out.

    Secrets and references to other objects are left to the caller.
    """
    members = fit.members if members is None else members
    block: list[Entry] = []
    for member in declared:
        path = (*above, member.name)
        value = members.get(member.name)
        if path in fit.notes:
            block.append(Entry(notes=(fit.notes[path],)))
        elif member.write_only:
            block.append(Entry(notes=(write_only_note(member.name),)))
        elif isinstance(value, Mapping):
            block.append(Entry(member.name, entries(member.members, fit, value, path)))
        elif value is not None and not member.sensitive and not member.refers:
            block.append(Entry(member.name, _content(value)))
    return tuple(block)


def _content(value: Value) -> Content:
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        return [str(item) for item in value]
    raise AssertionError("apps, rules, settings and buckets have no other values")


def _members(declared: Sequence[Member], found: Members, above: Path, notes: dict[Path, str]) -> dict[str, Value]:
    made: dict[str, Value] = {}
    for member in declared:
        path = (*above, member.name)
        try:
            value = _value(member, found.get(member.name), path, notes)
        except UnfitError as unfit:
            if _is_needed(member):
                raise
            notes[path] = left_out(dotted(path), str(unfit))
            continue
        if value is not None:
            made[member.name] = value
    return made


def _is_needed(member: Member) -> bool:
    """Tell whether nothing can be declared without a member: it is asked for, or tells one object from another."""
    return member.required or (member.immutable and not member.write_only)


def _value(member: Member, value: Value, path: Path, notes: dict[Path, str]) -> Value:
    if value is None or member.write_only:
        if _is_needed(member):
            raise UnfitError(f"the service does not show {dotted(path)}")
        return None
    if isinstance(value, Mapping):
        return _members(member.members, value, path, notes)
    if isinstance(value, Secret):
        return value or None
    normal = normalize(member, value)
    reason = _fault(member, normal)
    if reason:
        raise UnfitError(f"the service shows {dotted(path)} as {shown(value)}, and {reason}")
    return normal


def _fault(member: Member, value: Value) -> str:
    """Say what the manifest's schema has against a value; nothing where it takes it."""
    from jsonschema import Draft202012Validator

    if isinstance(value, str) and not _is_text(value):
        return _NO_TEXT
    error = next(Draft202012Validator(Builder(for_editors=False).member(member)).iter_errors(value), None)
    return _WORDS.get(str(error.validator), _OUT_OF_RANGE) if error else ""


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, which JSON can carry and YAML can't
        return False
    return True
