"""An app at a moment: what rooms, jobs, recordings and notifications know of the world around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime

    from rtcctl.simulator.call import Options
    from rtcctl.simulator.store import Collection, Document, Store


class Scene(Struct, frozen=True):
    """One app of an account at one time; used within a transaction of the store."""

    store: Store
    options: Options
    account: str
    app_id: str
    now: datetime
    until: datetime | None = None  # while time past is made up for: the time that it is by now

    @property
    def at(self) -> float:
        """The time in epoch seconds, as documents that the API does not show keep it."""
        return self.now.timestamp()

    def collection(self, kind: str) -> Collection:
        """The objects of one kind under the app."""
        return self.store.collection(kind, self.account, self.app_id)

    def account_collection(self, kind: str) -> Collection:
        """The objects of one kind in the account."""
        return self.store.collection(kind, self.account)

    def app(self) -> Document | None:
        """The app's document, None once it is deleted."""
        return self.account_collection("app").get(self.app_id)
