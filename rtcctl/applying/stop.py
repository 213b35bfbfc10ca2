"""How a run is told to end early: no further call leaves, those under way come to their end."""

from __future__ import annotations

from collections.abc import Callable


class Stop:
    """The wish that a run makes no further call, and why: `interrupted`, `--fail-fast`, a time limit."""

    def __init__(self) -> None:
        self.reason = ""
        self._listeners: list[Callable[[], None]] = []

    @property
    def asked(self) -> bool:
        """Tell whether the end was asked for."""
        return bool(self.reason)

    def ask(self, reason: str) -> None:
        """Ask for the end; the first reason stands. Call it in the thread of the event loop."""
        if not self.reason:
            self.reason = reason
            for listener in self._listeners:
                listener()

    def when_asked(self, listener: Callable[[], None]) -> None:
        """Have a function called as soon as the end is asked for, which may have happened already."""
        if self.reason:
            listener()
        else:
            self._listeners.append(listener)
