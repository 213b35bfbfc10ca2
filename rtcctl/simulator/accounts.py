"""The accounts that the simulator knows: credentials and names, all of them fake.

A file of accounts is YAML; what a member leaves out is made from the name:

    accounts:
      - name: edu
      - {name: events, access_key: EVENTSKEY, secret_key: events-secret, user: ops, password: word}
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class SimulatedAccount(Struct, frozen=True):
    """One Huawei Cloud account (the API also says domain or tenant) with one IAM user and one project."""

    name: str
    access_key: str
    secret_key: str
    user: str
    password: str
    domain: str
    project_id: str


ACCOUNT = SimulatedAccount(
    name="simulator",
    access_key="SIMULATEDACCESSKEY00",
    secret_key="simulated-secret-key",  # noqa: S106 - the documented fake key
    user="simulator",
    password="simulator",  # noqa: S106 - the documented fake password
    domain="simulator",
    project_id="01234567890123456789012345678901",
)


def opaque_id(text: str) -> str:
    """32 hex characters that are always the same for a text: ids of domains, users and projects in token answers."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def account_named(name: str, **members: str) -> SimulatedAccount:
    """An account with these members; the others follow from its name. ValueError: the name is none."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no account name: up to 63 letters, digits, dots, _ and -")
    key = re.sub(r"[^A-Z0-9]", "", name.upper())
    made = {
        "access_key": f"SIMULATED{key}{opaque_id(name)[:6].upper()}",
        "secret_key": f"simulated-secret-key-{name}",
        "user": name,
        "password": name,
        "domain": name,
        "project_id": opaque_id(f"project of {name}"),
    }
    return SimulatedAccount(name=name, **{**made, **members})


def check_accounts(accounts: Iterable[SimulatedAccount]) -> None:
    """ValueError when there is none, or when two could not be told apart."""
    accounts = tuple(accounts)
    if not accounts:
        raise ValueError("a simulator needs an account")
    for member, of in {
        "name": lambda account: account.name,
        "access_key": lambda account: account.access_key,
        "user and domain": lambda account: (account.user, account.domain),
        "project_id": lambda account: account.project_id,
    }.items():
        value, times = Counter(map(of, accounts)).most_common(1)[0]
        if times > 1:
            raise ValueError(f"two accounts have the {member} {value!r}")


def accounts_in(data: Path, *names: str) -> tuple[SimulatedAccount, ...]:
    """The documented account, those of these names, and every other that owns something in a data file.

    sqlite3.DatabaseError when it is no such file.
    """
    import sqlite3  # only where there is a file to look into

    known = dict.fromkeys(names)
    if data.exists():
        with contextlib.closing(sqlite3.connect(data)) as found, contextlib.suppress(sqlite3.OperationalError):
            known |= dict.fromkeys(row[0] for row in found.execute("SELECT DISTINCT account FROM objects"))
    return (ACCOUNT, *(account_named(name) for name in known if name not in ("", ACCOUNT.name)))


def read_accounts(path: Path) -> tuple[SimulatedAccount, ...]:
    """The accounts of a file. ValueError names the file and the place; OSError: it can't be read."""
    import yaml  # only when there is a file to read

    try:
        accounts = _parsed(yaml.safe_load(path.read_text(encoding="utf-8")))
        check_accounts(accounts)
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: not YAML: {error}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return accounts


def _parsed(document: object) -> tuple[SimulatedAccount, ...]:
    listed = document.get("accounts") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("accounts: a list is needed")
    known = SimulatedAccount.__struct_fields__
    accounts = []
    for place, members in enumerate(listed):
        if not isinstance(members, dict) or "name" not in members:
            raise ValueError(f"accounts[{place}]: a mapping with a name is needed")
        for name, value in members.items():
            if name not in known:
                raise ValueError(f"accounts[{place}].{name}: not known here; {', '.join(known)} are")
            if not isinstance(value, str) or not value:
                raise ValueError(f"accounts[{place}].{name}: text is needed; quote it")
        accounts.append(account_named(**members))
    return tuple(accounts)
