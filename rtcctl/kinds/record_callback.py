"""RecordCallback: where recording events are sent; one setting per app, without a way to clear it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rtcctl.kinds.base import Embedded, Finding, Ids, Item, Kind, Member, Write, pick
from rtcctl.model.call import Call
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import HIDDEN_USERINFO, Members, Secret

_PATH = "/v2/apps/{app_id}/record-callback"
_KEY_LENGTHS = range(32, 65)
_USERINFO = re.compile(r"(?<=//)[^/?#\\]*@")


class RecordCallback(Kind):
    """The recording callback of an app."""

    name = "RecordCallback"
    doc = "URL to which recording events are sent."
    source = "API Reference, Configuring a Recording Callback"
    category = "callbacks"
    parent = "App"
    manifest_key = "record_callback"
    read = Embedded(("callbacks", "record_callback"), _PATH, ("record_callback",))
    members = (
        Member(
            name="url",
            type="string",
            doc="Absolute http or https URL that accepts POST.",
            required=True,
            pattern="^https?://",
        ),
        Member(
            name="auth_key",
            type="string",
            doc="Key that signs callbacks, 32 to 64 characters in the console; unsigned without it.",
            sensitive=True,
        ),
    )

    def natural_key(self, members: Members) -> tuple[str, ...]:
        """Return nothing to tell apart: there is one per app."""
        return ()

    def label(self, remote: RemoteObject) -> str:
        """Return nothing: the app's name is enough."""
        return ""

    def exists(self, remote: RemoteObject) -> bool:
        """Tell whether a callback is set; what is returned before that is unconfirmed (none, null, empty)."""
        return bool(remote.members.get("url"))

    def check(self, members: Members) -> Iterator[Finding]:
        """Refuse credentials in the URL, and warn of keys that the console would not take.

        A URL is shown in plans and kept in the state; of a key's length the API Reference says nothing.
        """
        if _USERINFO.search(str(members.get("url", ""))):
            yield Finding(
                ("url",),
                "credentials in the URL would be shown in every plan, and kept in the state",
                "leave out what stands before the '@'; auth_key is how a receiver tells genuine callbacks",
            )
        key = members.get("auth_key")
        if isinstance(key, Secret) and key and len(key.reveal()) not in _KEY_LENGTHS:
            yield Finding(
                ("auth_key",),
                "the console takes only keys of 32 to 64 characters",
                "the API may accept it all the same; 'openssl rand -hex 16' makes one of 32",
                "warning",
            )

    def parse(self, item: Item, ids: Mapping[str, str]) -> RemoteObject:
        """Read the setting; credentials in a URL that somebody else set are hidden at once."""
        found = pick(item, self.members)
        if isinstance(found.get("url"), str):
            found["url"] = _USERINFO.sub(HIDDEN_USERINFO, str(found["url"]))
        return RemoteObject(self.name, {"app_id": ids.get("app_id", "")}, found)

    def create(self, members: Members, ids: Ids) -> tuple[Write, ...]:
        """PUT."""
        return (self._put(members, ids, "set"),)

    def update(self, body: Members, changed: frozenset[str], ids: Ids) -> tuple[Write, ...]:
        """PUT the whole setting."""
        return (self._put(body, ids, "update"),)

    def delete(self, ids: Ids, live: RemoteObject | None) -> tuple[Write, ...]:
        """Return nothing: the API has no call that clears a callback."""
        return ()

    def _put(self, body: Members, ids: Ids, verb: str) -> Write:
        return Write(Call("PUT", _PATH, self.category, ids, body), verb, tuple(body), makes=verb == "set")
