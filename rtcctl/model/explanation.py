"""What there is to know of a kind or a member, as values; nothing here is a fact of its own."""

from __future__ import annotations

from msgspec import Struct


class Brief(Struct, frozen=True):
    """One line about something below: a member of an object, or a kind in the list of all."""

    name: str
    type: str
    doc: str
    required: bool = False


class Effect(Struct, frozen=True):
    """What a change does. `when` is empty where it always does."""

    says: str
    when: str = ""
    source: str = ""


class Explanation(Struct, frozen=True):
    """One kind or member.

    `path` is where it stands in a manifest, `[]` for each item of a list. `values` are all that it may be, `limits` its
    bounds in words, `notes` its flags in words. `default` is empty where there is none; `default_of` says whose it is.
    `change` is the call that a change of it makes, or what a change replaces.
    """

    path: str
    type: str
    doc: str
    required: bool = False
    unit: str = ""
    default: str = ""
    default_of: str = ""
    limits: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    change: str = ""
    effects: tuple[Effect, ...] = ()
    source: str = ""
    members: tuple[Brief, ...] = ()
