"""AutoRecordMode: automatic recording of every stream; one setting per app, always there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rtcctl.kinds.base import Embedded, Finding, Ids, Item, Kind, Member, Write, pick
from rtcctl.model.call import Call
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, Path

_PATH = "/v2/apps/{app_id}/auto-record-mode"
OFF = "AUTO_RECORD_OFF"


class AutoRecordMode(Kind):
    """Automatic recording; OFF is the neutral value and takes the place of a delete."""

    name = "AutoRecordMode"
    doc = "Whether every stream of new rooms is recorded by itself."
    source = "API Reference, Configuring Automatic Recording"
    category = "auto-record"
    parent = "App"
    manifest_key = "auto_record_mode"
    read = Embedded(("auto_record_mode",), _PATH, ("auto_record_mode",))
    members = (
        Member(
            name="mode",
            type="string",
            doc="AUTO_RECORD_OFF none, AUTO_INDIVIDUAL_RECORD each stream of rooms created from then on.",
            required=True,
            enum=(OFF, "AUTO_INDIVIDUAL_RECORD"),
        ),
        Member(
            name="record_rule_id",
            type="string",
            doc="Remote id of the rule to record by; needed with AUTO_INDIVIDUAL_RECORD.",
            min_length=1,
            refers="RecordRule",
            refer_as="record_rule",
        ),
    )

    def natural_key(self, members: Members) -> tuple[str, ...]:
        """Return nothing to tell apart: there is one per app."""
        return ()

    def label(self, remote: RemoteObject) -> str:
        """Return nothing: the app's name is enough."""
        return ""

    def exists(self, remote: RemoteObject) -> bool:
        """Tell whether a mode was told; an app's first mode is unconfirmed, so an answer without one is none."""
        return bool(remote.members.get("mode"))

    def is_neutral(self, remote: RemoteObject) -> bool:
        """Tell whether automatic recording is off."""
        return remote.members.get("mode") == OFF

    def compared(self, path: Path, desired: Members, live: RemoteObject) -> bool:
        """Skip the rule under OFF: whether the service keeps it then is unconfirmed."""
        return path[0] == "mode" or desired.get("mode") != OFF

    def sendable(self, members: Members) -> Members:
        """Send the rule only where it means something."""
        return {"mode": OFF} if members.get("mode") == OFF else members

    def check(self, members: Members) -> Iterator[Finding]:
        """Ask for a rule when recording is on."""
        if members.get("mode") == "AUTO_INDIVIDUAL_RECORD" and "record_rule_id" not in members:
            yield Finding(("mode",), "AUTO_INDIVIDUAL_RECORD needs a rule", "add 'record_rule: NAME'")

    def parse(self, item: Item, ids: Mapping[str, str]) -> RemoteObject:
        """Read the setting."""
        return RemoteObject(self.name, {"app_id": ids.get("app_id", "")}, pick(item, self.members))

    def create(self, members: Members, ids: Ids) -> tuple[Write, ...]:
        """PUT."""
        return (self._put(members, ids, "set"),)

    def update(self, body: Members, changed: frozenset[str], ids: Ids) -> tuple[Write, ...]:
        """PUT the whole setting."""
        return (self._put(body, ids, "update"),)

    def delete(self, ids: Ids, live: RemoteObject | None) -> tuple[Write, ...]:
        """PUT AUTO_RECORD_OFF, unless it is off."""
        if live is None or live.members.get("mode") in (None, OFF):
            return ()
        return (self._put({"mode": OFF}, ids, "switch off"),)

    def _put(self, body: Members, ids: Ids, verb: str) -> Write:
        return Write(Call("PUT", _PATH, self.category, ids, body), verb, tuple(body), makes=verb == "set")
