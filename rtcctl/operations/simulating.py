"""The simulator's own troubles, such as a taken port or a file that is no data file, as errors of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.errors import UsageError
from rtcctl.model.resource import Account

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from rtcctl.simulator import Options, SimulatedAccount
    from rtcctl.simulator.faults import Scenario
    from rtcctl.simulator.throttle import ThrottleOptions

_DEFAULT = Account().name


@contextlib.contextmanager
def opening(data: Path | None, port: int | None = None) -> Iterator[None]:
    """Translate what opening the simulator may raise; it shares no code with us, not even errors.

    Raises:
        UsageError: it can't be opened.
    """
    import sqlite3

    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        mend = "name another file with --simulator-data (simulator serve: --data), or remove it to start anew"
        raise UsageError(f"{data} is not usable as data of the simulator: {error}", mend=mend) from None
    except OSError as error:
        where = f"on port {port}" if port is not None else f"with {data}"
        mend = "choose another place; --port 0 picks a free port" if port is not None else "choose another place"
        raise UsageError(f"the simulator can't start {where}: {error.strerror or error}", mend=mend) from None


def inside(data: Path, *accounts: str) -> Starlette:
    """Return the simulator that runs in this process; it knows these accounts and those that its data speak of.

    Raises:
        UsageError: the data are not usable.
    """
    from rtcctl.simulator import create_app
    from rtcctl.simulator.accounts import accounts_in

    with opening(data):
        return create_app(data, accounts=accounts_in(data, *accounts))


def simulated(account: str) -> SimulatedAccount:
    """Return who calls the simulator in this process for an account of a manifest."""
    from rtcctl.simulator.accounts import ACCOUNT, account_named

    return ACCOUNT if account in (_DEFAULT, ACCOUNT.name) else account_named(account)


class Behaviour(Struct, frozen=True):
    """How a simulator shall behave, as flags say it. `throttle` None: as the file of faults says, else off."""

    clock: str = "real"
    rooms: str = "occupied"
    accounts: Path | None = None
    variants: tuple[str, ...] = ()
    faults: Path | None = None
    single_faults: tuple[str, ...] = ()
    latency: float | None = None
    throttle: str | None = None
    deliver_callbacks: str = "loopback"

    def options(self) -> Options:
        """Return the simulator's own form of it.

        Raises:
            UsageError: a file can't be read, or what it or a flag says makes no sense.
        """
        from rtcctl.simulator import ACCOUNT, Options, VirtualClock
        from rtcctl.simulator.accounts import read_accounts
        from rtcctl.simulator.times import utc_now

        try:
            scenario, throttle = self._scenario()
            return Options(
                now=VirtualClock() if self.clock == "virtual" else utc_now,
                rooms_start_empty=self.rooms == "empty",
                deliver_callbacks=cast("Literal['loopback', 'any', 'none']", self.deliver_callbacks),
                variants=frozenset(self.variants),
                accounts=read_accounts(self.accounts) if self.accounts else (ACCOUNT,),
                scenario=scenario,
                throttle=throttle,
            )
        except ValueError as error:
            mend = "`rtcctl simulator variants` lists them all" if "variant" in str(error) else ""
            raise UsageError(str(error), mend=mend) from None
        except OSError as error:
            raise UsageError(f"{error.filename} can't be read: {error.strerror}") from None

    def _scenario(self) -> tuple[Scenario, ThrottleOptions | None]:
        """The faults of flags, then those of the file; and the limits."""
        from rtcctl.simulator import scenario
        from rtcctl.simulator.faults import Fault, Scenario
        from rtcctl.simulator.throttle import ThrottleOptions

        loaded = scenario.read(self.faults) if self.faults else scenario.Loaded(Scenario())
        single = [scenario.from_flag(text) for text in self.single_faults]
        if self.latency:  # first: what comes after the fault that ends a call does not count
            single.insert(0, Fault("latency", seconds=self.latency))
        throttle = loaded.throttle
        if self.throttle is not None:
            document = {"enabled": False} if self.throttle == "off" else {"scope": self.throttle}
            throttle = ThrottleOptions.parsed(document)
        return replace(loaded.scenario, faults=(*single, *loaded.scenario.faults)), throttle
