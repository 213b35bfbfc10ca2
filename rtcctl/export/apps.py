"""The `spec` of an app: the app itself, its rules, its callback and its automatic recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.diff.secrets import is_masked
from rtcctl.export import words
from rtcctl.export.fitting import Fitted, UnfitError, entries, fitted, judged
from rtcctl.export.names import names
from rtcctl.export.writing import Block, Entry, Variable
from rtcctl.kinds import KINDS
from rtcctl.kinds.auto_record_mode import OFF
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Secret, get


class AppToWrite(Struct, frozen=True):
    """A live app with what hangs on it, the name it gets in the manifest, and the variable for its callback's key."""

    app: RemoteObject
    fit: Fitted
    name: str
    variable: str
    children: Sequence[RemoteObject]

    def of(self, kind: str) -> list[RemoteObject]:
        """Return what hangs on it and counts as there."""
        return [child for child in self.children if child.kind == kind and KINDS[kind].exists(child)]


def spec(one: AppToWrite) -> Block:
    """Return an app's `spec`."""
    rules, by_id = _rules(one)
    settings = [_callback(one, found) for found in one.of("RecordCallback")]
    settings += [_auto_record_mode(one, found, by_id) for found in one.of("AutoRecordMode")]
    return (*_own(one), *rules, *settings)


def _own(one: AppToWrite) -> Block:
    block = entries(KINDS["App"].members, one.fit)
    if one.app.status.get("state") == "ARREARS":
        block = (*(entry for entry in block if entry.key), Entry(notes=(words.ARREARS,)))
    return tuple(entry for entry in block if (entry.key, entry.value) != ("app_name", one.name))


def _rules(one: AppToWrite) -> tuple[Block, Mapping[str, str]]:
    """Return `record_rules`, and the rules' names by their ids."""
    kind = KINDS["RecordRule"]
    fits: list[tuple[RemoteObject, Fitted]] = []
    notes: list[str] = []
    for rule, fit in judged([_with_mp4_config(rule) for rule in one.of(kind.name)], "location"):
        if isinstance(fit, Fitted):
            fits.append((rule, fit))
        else:
            notes.append(words.left_out(f"The rule {words.shown(rule.ids['rule_id'])}", fit))
    called = ["default"]
    if len(fits) > 1:
        called = names([str(get(fit.members, ("obs_addr", "location"))) for _, fit in fits], "rule")
    items = [(Entry("name", name), *entries(kind.members, fit)) for name, (_, fit) in zip(called, fits, strict=False)]
    by_id = {rule.ids["rule_id"]: name for name, (rule, _) in zip(called, fits, strict=False)}
    return (Entry(kind.manifest_key if items else "", items, tuple(notes)),), by_id


def _with_mp4_config(rule: RemoteObject) -> RemoteObject:
    """Add the `mp4_config: {}` that a manifest wants beside the format MP4, where the service shows none."""
    formats = rule.members.get("record_formats")
    wanted = isinstance(formats, Sequence) and "MP4" in formats and "mp4_config" not in rule.members
    return replace(rule, members={**rule.members, "mp4_config": {}}) if wanted else rule


def _callback(one: AppToWrite, found: RemoteObject) -> Entry:
    kind = KINDS[found.kind]
    try:
        fit = fitted(found)
    except UnfitError as unfit:
        return Entry(notes=(words.left_out(kind.manifest_key, str(unfit)),))
    block = entries(kind.members, fit)
    key = fit.members.get("auth_key")
    if isinstance(key, Secret):
        note = words.masked_note if is_masked(key) else words.key_note
        block = (*block, Entry("auth_key", Variable(one.variable), (note(one.variable),)))
    return Entry(kind.manifest_key, block)


def _auto_record_mode(one: AppToWrite, found: RemoteObject, rules: Mapping[str, str]) -> Entry:
    kind = KINDS[found.kind]
    try:
        fit = fitted(found)
    except UnfitError as unfit:
        return Entry(notes=(words.left_out(kind.manifest_key, str(unfit)),))
    mode, rule_id = fit.members["mode"], fit.members.get("record_rule_id")
    if mode != OFF and one.fit.members.get("state") == "DEACTIVATION":
        return Entry(notes=(words.disabled_note(str(mode)),))
    block = entries(kind.members, fit)
    if rule_id is not None:
        rule = rules.get(str(rule_id))
        block = (*block, Entry("record_rule", rule) if rule else Entry("record_rule_id", str(rule_id)))
    return Entry(kind.manifest_key, block)
