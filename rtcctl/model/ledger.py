"""The ledger: what rtcctl owns, as values. How it is kept in a file is the `state` layer's matter."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from rtcctl.model.address import Address
from rtcctl.model.values import Members, Secret


class Fingerprint(Struct, frozen=True):
    """A salted hash that can tell whether a secret is the same, and nothing else.

    `sent` is of what rtcctl sent, `read` of what the service gave back for it (which may be masked).
    """

    salt: str
    sent: str
    read: str = ""

    @classmethod
    def of(cls, sent: Secret, read: Secret | None = None) -> Fingerprint:
        """Fingerprint a secret under a new salt."""
        salt = secrets.token_hex(16)
        return cls(salt, _digest(salt, sent), _digest(salt, read) if read is not None else "")

    @property
    def echoed(self) -> bool:
        """Tell whether the last write came back in clear: then a mask that is read later says nothing."""
        return self.read == self.sent

    def was_sent(self, secret: Secret) -> bool:
        """Tell whether this is the secret that was sent."""
        return hmac.compare_digest(self.sent, _digest(self.salt, secret))

    def was_read(self, secret: Secret) -> bool:
        """Tell whether this is what the service gave back after the last write."""
        return hmac.compare_digest(self.read, _digest(self.salt, secret))


def _digest(salt: str, secret: Secret) -> str:
    return hmac.new(bytes.fromhex(salt), secret.encoded(), hashlib.sha256).hexdigest()


class Entry(Struct, frozen=True):
    """One owned object.

    `members` are the last-applied ones without secrets, `secrets` the fingerprints by dotted path.
    `adopted` objects existed before us. `deposed` are the ids of predecessors that still have to go.
    `stopped` is the stop_reason of a job known to be over.
    """

    ids: Mapping[str, str]
    members: Members = field(default_factory=dict)
    secrets: Mapping[str, Fingerprint] = field(default_factory=dict)
    adopted: bool = False
    prevent_destroy: bool = False
    deposed: tuple[Mapping[str, str], ...] = ()
    stopped: str = ""


_MAKING = frozenset({"create", "start", "set", "authorize"})
"""The verbs of the kinds' writes that make an object."""


class Pending(Struct, frozen=True):
    """An operation that was begun and whose outcome was never recorded. `started` is UTC, RFC 3339."""

    address: Address
    verb: str
    started: str

    @property
    def makes(self) -> bool:
        """Tell whether an object may have been made that the ledger does not know."""
        return self.verb in _MAKING


ThrottleModel: TypeAlias = Literal["category", "shared"]


class Binding(Struct, frozen=True):
    """What a state belongs to. `identity` holds what is known of the account: domain, project_id, tenant_name."""

    project: str
    account: str
    endpoint: str
    identity: Mapping[str, str] = field(default_factory=dict)


class Ledger(Struct, frozen=True):
    """Everything owned under one project, in one account, at one endpoint.

    `lineage` names the state for life, `serial` counts its versions. `sources` is the number of manifest files
    of the last apply.
    """

    binding: Binding
    lineage: str
    serial: int = 0
    entries: Mapping[Address, Entry] = field(default_factory=dict)
    pending: tuple[Pending, ...] = ()
    sources: int = 0
    throttle: ThrottleModel = "category"


class Delta(Struct, frozen=True):
    """What one step of an apply changes in a ledger, small whatever the ledger's size; a journal is a list of these.

    `entries` are put, or dropped where they are None. `begun` operations are pending from now on, those of `settled`
    addresses no longer. The others replace what the ledger holds unless they are None; `identity` is added to what is
    known of the account.
    """

    entries: Mapping[Address, Entry | None] = field(default_factory=dict)
    begun: tuple[Pending, ...] = ()
    settled: frozenset[Address] = frozenset()
    serial: int | None = None
    sources: int | None = None
    throttle: ThrottleModel | None = None
    identity: Mapping[str, str] | None = None


def after(ledger: Ledger, deltas: Iterable[Delta]) -> Ledger:
    """Return the ledger that a journal leads to."""
    entries = dict(ledger.entries)
    pending = list(ledger.pending)
    serial, sources, throttle = ledger.serial, ledger.sources, ledger.throttle
    identity = dict(ledger.binding.identity)
    for delta in deltas:
        for address, entry in delta.entries.items():
            if entry is None:
                entries.pop(address, None)
            else:
                entries[address] = entry
        over = delta.settled | {each.address for each in delta.begun}
        pending = [each for each in pending if each.address not in over] if over else pending
        pending += delta.begun
        serial = delta.serial if delta.serial is not None else serial
        sources = delta.sources if delta.sources is not None else sources
        throttle = delta.throttle or throttle
        identity |= delta.identity or {}
    return replace(
        ledger,
        binding=replace(ledger.binding, identity=identity),
        entries=entries,
        pending=tuple(pending),
        serial=serial,
        sources=sources,
        throttle=throttle,
    )
