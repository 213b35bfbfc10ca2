"""What the manifest asks for: resources, the project they belong to, and the set of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from rtcctl.errors import Diagnostic, Place, UsageError
from rtcctl.model.address import Address
from rtcctl.model.discreet import Discreet
from rtcctl.model.values import Members, Path

Restart: TypeAlias = Literal["Never", "OnFailure", "Always"]


class Resource(Struct, frozen=True):
    """One declared object: its members as the API names them, and where each was written.

    `places` maps member paths to places; the empty path is the resource itself. `ignore_changes` holds member
    paths that are never compared. `moved_from` is the former address. `restart` concerns jobs only.
    """

    address: Address
    members: Members
    places: Mapping[Path, Place] = field(default_factory=dict)
    prevent_destroy: bool = False
    ignore_changes: frozenset[Path] = frozenset()
    moved_from: Address | None = None
    restart: Restart = "Never"

    def place(self, path: Path = ()) -> Place | None:
        """Return where a member was set, or the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path)


class Account(Struct, frozen=True):
    """An account as the Project document names it; `env_prefix` goes before the credential variables.

    `endpoint` is empty, and `app_quota` None, where what holds for all does.
    """

    name: str = "default"
    env_prefix: str = ""
    endpoint: str = ""
    app_quota: int | None = None


class Project(Discreet, frozen=True):
    """Settings of the whole set.

    `backend` says where the state is: a folder relative to the current directory, or a URL that may hold a password.
    `written_backend` is the same as it stands in the manifest, with variables not filled in.
    `app_quota` is the number of apps that an account may hold (20 unless the provider raised it).
    """

    name: str = "default"
    backend: str = ".rtcctl"
    max_deletes: int = 3
    accounts: tuple[Account, ...] = (Account(),)
    app_quota: int = 20
    written_backend: str = ""

    def __repr__(self) -> str:
        """Hide the backend."""
        return f"Project({self.name!r})"

    @property
    def account(self) -> Account:
        """The one account that is worked on.

        Raises:
            UsageError: there are several, and one has to be chosen.
        """
        if len(self.accounts) > 1:
            names = ", ".join(each.name for each in self.accounts)
            raise UsageError(f"the manifest has several accounts ({names})", mend="name one with --account")
        return self.accounts[0]


class Desired(Struct, frozen=True):
    """A checked manifest: every reference leads somewhere, every member fits.

    Where it has several accounts, addresses say which; references never leave theirs, and so they don't.
    `sources` are the files read, `digest` is of their content (not of what variables put into it).
    """

    project: Project = Project()
    resources: Mapping[Address, Resource] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    digest: str = ""

    def of(self, *accounts: str) -> Desired:
        """Return the part that concerns these accounts; if that is one, addresses lose its name."""
        chosen = tuple(each for each in self.project.accounts if each.name in accounts)
        if chosen == self.project.accounts:
            return self
        if len(chosen) == 1:
            return self._part(chosen[0], [each for each in self.resources.values() if each.address.account in accounts])
        found = {address: each for address, each in self.resources.items() if address.account in accounts}
        return replace(self, project=replace(self.project, accounts=chosen), resources=found)

    def parts(self) -> tuple[Desired, ...]:
        """Return the part of each account."""
        if len(self.project.accounts) == 1:
            return (self,)
        found: dict[str, list[Resource]] = {each.name: [] for each in self.project.accounts}
        for each in self.resources.values():
            found[each.address.account].append(each)
        return tuple(self._part(each, found[each.name]) for each in self.project.accounts)

    def _part(self, account: Account, found: Iterable[Resource]) -> Desired:
        project = replace(self.project, accounts=(account,), app_quota=account.app_quota or self.project.app_quota)
        resources = {bare: replace(each, address=bare) for each in found for bare in (each.address.within(""),)}
        return replace(self, project=project, resources=resources)
