"""The ledger while an apply is under way: a book that takes each `Delta` at the same small cost, whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Delta, Entry, Ledger, Pending


class Book:
    """What is owned and what is pending right now; `ledger` is the whole of it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.entries: dict[Address, Entry] = dict(ledger.entries)
        self.pending: dict[Address, Pending] = {each.address: each for each in ledger.pending}
        self._below: dict[Address, set[Address]] = defaultdict(set)
        for address in self.entries:
            self._note(address)

    def take(self, delta: Delta) -> None:
        """Enter a delta; the outcome is what `rtcctl.model.ledger.after` makes of it."""
        for address, entry in delta.entries.items():
            if entry is None:
                self.entries.pop(address, None)
            else:
                self.entries[address] = entry
                self._note(address)
        for address in delta.settled:
            self.pending.pop(address, None)
        for begun in delta.begun:
            self.pending.pop(begun.address, None)
            self.pending[begun.address] = begun
        if (delta.identity, delta.serial, delta.sources, delta.throttle) == (None, None, None, None):
            return  # as a step leaves it
        binding = self._ledger.binding
        self._ledger = replace(
            self._ledger,
            binding=replace(binding, identity={**binding.identity, **(delta.identity or {})}),
            serial=self._ledger.serial if delta.serial is None else delta.serial,
            sources=self._ledger.sources if delta.sources is None else delta.sources,
            throttle=delta.throttle or self._ledger.throttle,
        )

    def with_below(self, address: Address) -> Iterable[Address]:
        """Return an address and those that hang on it, as far as they are owned."""
        return [each for each in (address, *sorted(self._below.get(address, ()))) if each in self.entries]

    @property
    def ledger(self) -> Ledger:
        """The book as a value."""
        return replace(self._ledger, entries=dict(self.entries), pending=tuple(self.pending.values()))

    @property
    def throttle(self) -> str:
        """The throttle model on record."""
        return self._ledger.throttle

    def _note(self, address: Address) -> None:
        parent = KINDS[address.kind].parent
        if parent:
            self._below[Address(parent, address.name)].add(address)
