"""Plans that go through their file: written as text, read back, made ready with what is live by then."""

from __future__ import annotations

from dataclasses import replace

from rtcctl.operations import saving
from rtcctl.operations.workflow import Planned
from rtcctl.planfile import file
from rtcctl.planfile.saved import SavedAccount, SavedPart, SavedPlan
from tests.properties.members import LITERAL_SECRET, SECRETS
from tests.properties.strategies import Manifest
from tests.properties.world import World, load

CREATED = "2026-01-01T00:00:00Z"
BY_HAND = ("fake-foreign-key", "fake-key-by-hand")


def with_references(declared: Manifest) -> Manifest:
    """Return the manifest with a variable in place of every secret that stands in it."""
    apps = {}
    for name, spec in declared.apps.items():
        callback = spec.get("record_callback", {})
        literal = callback.get("auth_key") == LITERAL_SECRET
        mended = {"record_callback": {**callback, "auth_key": "${env:KEY_TWO}"}} if literal else {}
        apps[name] = {**spec, **mended}
    return replace(declared, apps=apps)


def written(world: World, declared: Manifest, planned: Planned) -> str:
    """Return the text of the plan's file."""
    desired, binding = load(declared), planned.ledger.binding
    file.check_no_literal_secret(desired)
    stored = planned.stored
    lineage = stored.lineage if stored.serial else ""
    account = SavedAccount(binding.account, binding.endpoint, "", binding.identity, lineage, stored.serial)
    saved = SavedPlan((SavedPart(account, planned.plan),), desired.project.name, "", desired.digest, CREATED, "0.0.0")
    text = file.dumps(saved)
    again = file.loads(text)
    assert file.dumps(again) == text
    check_no_secret_in(text, world)
    return text


def check_no_secret_in(text: str, world: World) -> None:
    """Fail if a secret, or a fingerprint of one, is there."""
    for secret in (*SECRETS.values(), LITERAL_SECRET, *BY_HAND):
        assert not secret or secret not in text
    for entry in world.ledger.entries.values():
        for print_ in entry.secrets.values():
            assert print_.salt not in text
            assert print_.sent not in text
            assert not print_.read or print_.read not in text


async def read_back(world: World, declared: Manifest, text: str) -> Planned:
    """Return the plan in a file ready to be applied, as `rtcctl apply FILE` would."""
    session = world.session(Manifest())
    return await saving.prepare(session, file.loads(text).parts[0])
