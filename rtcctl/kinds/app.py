"""App: the container of rooms; everything but a bucket authorization hangs on one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from rtcctl.kinds.base import Finding, Ids, Item, Kind, Listing, Member, Write, pick, text
from rtcctl.model.call import Call
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, Path

_CONSOLE_NAME = 64
_STATES = {"enable": "ACTIVATION", "disable": "DEACTIVATION"}


class App(Kind):
    """An application; its name can't be changed, so a new name is a new app."""

    name = "App"
    doc = "A SparkRTC application: rooms, recording rules, callback and jobs live in it."
    source = "API Reference, Creating an Application"
    category = "apps"
    id_name = "app_id"
    read = Listing("/v2/apps", "apps", show="/v2/apps/{app_id}")
    members = (
        Member(
            name="app_name",
            type="string",
            doc="Name of the app, unique in the account; metadata.name unless set. A change makes a new app.",
            min_length=1,
            immutable=True,
            source="API Reference, CreateApp",
        ),
        Member(
            name="state",
            type="string",
            doc="ACTIVATION enabled, DEACTIVATION disabled: no new rooms or joins, no mixing, no recording.",
            enum=("ACTIVATION", "DEACTIVATION"),
            default="ACTIVATION",
            source="API Reference, StartApp and StopApp",
        ),
    )

    def natural_key(self, members: Members) -> tuple[str, ...]:
        """Return the app_name."""
        return (str(members.get("app_name", "")),)

    def label(self, remote: RemoteObject) -> str:
        """Return the app_name."""
        return str(remote.members.get("app_name", ""))

    def exists(self, remote: RemoteObject) -> bool:
        """Treat a DELETED app that is still listed as absent (whether that happens is unconfirmed)."""
        return remote.status.get("state") != "DELETED"

    def compared(self, path: Path, desired: Members, live: RemoteObject) -> bool:
        """Leave the state of an app in arrears alone: it can't be left through the API."""
        return path != ("state",) or live.status.get("state") != "ARREARS"

    def check(self, members: Members) -> Iterator[Finding]:
        """Warn of names that the console would not take; the API Reference sets no rule."""
        name = str(members.get("app_name", ""))
        plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
        if name and (len(name) > _CONSOLE_NAME or not plain):
            yield Finding(
                ("app_name",),
                f"the console takes only up to {_CONSOLE_NAME} letters, digits, '-' and '_' as an app name",
                "the API may accept it all the same; a plainer name is safer",
                "warning",
            )

    def parse(self, item: Item, ids: Mapping[str, str]) -> RemoteObject:
        """Read an app; `state` is an object in answers, and a plain text is accepted too."""
        given = item.get("state")
        state = text(given, "state") if isinstance(given, Mapping) else text(item, "state")
        found = pick({**item, "state": state or None}, self.members)
        status = {"state": state} if state else {}
        return RemoteObject(self.name, {"app_id": text(item, "app_id")}, found, status)

    def create(self, members: Members, ids: Ids) -> tuple[Write, ...]:
        """POST the name; a new app is taken to be enabled, and is disabled after all that hangs on it."""
        body = {"app_name": members["app_name"]}
        call = Call("POST", "/v2/apps", self.category, body=body, expect=(201,), returns=("app_id",))
        if members.get("state") != "DEACTIVATION":
            return (Write(call, "create", ("app_name", "state"), makes=True),)
        return (Write(call, "create", ("app_name",), makes=True), self._switch("disable", ids))

    def update(self, body: Members, changed: frozenset[str], ids: Ids) -> tuple[Write, ...]:
        """Enable before, or disable after, everything that hangs on the app."""
        return (self._switch("disable" if body.get("state") == "DEACTIVATION" else "enable", ids),)

    def delete(self, ids: Ids, live: RemoteObject | None) -> tuple[Write, ...]:
        """DELETE; whether an app must be disabled first is unconfirmed, so that happens only after a refusal.

        An app that is disabled already is refused for another reason.
        """
        delete = Call("DELETE", "/v2/apps/{app_id}", self.category, ids, expect=(204,), done_statuses=(404,))
        if live is not None and live.status.get("state") == "DEACTIVATION":
            return (Write(delete, "delete"),)
        disable = Call("POST", "/v2/apps/{app_id}/disable", self.category, ids)
        return (
            Write(delete, "delete"),
            Write(disable, "disable", if_refused=True),
            Write(delete, "delete again", if_refused=True),
        )

    def undo(self, call: Call) -> Write | None:
        """Return what enables an app again that was disabled for its delete."""
        if call.path != "/v2/apps/{app_id}/disable":
            return None
        return Write(replace(call, path="/v2/apps/{app_id}/enable"), "enable", ("state",))

    def sets(self, verb: str) -> Members:
        """Return the state that enabling or disabling leads to."""
        return {"state": _STATES[verb]} if verb in _STATES else {}

    def _switch(self, verb: str, ids: Ids) -> Write:
        call = Call("POST", f"/v2/apps/{{app_id}}/{verb}", self.category, ids)
        return Write(call, verb, ("state",), last=verb == "disable")
