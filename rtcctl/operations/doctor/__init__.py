"""What `doctor` looks at: one file for each group of checks, each check a function that returns a `Check`.

`examining` runs them, at once where they don't wait for each other. Everything is looked at even where something before
it failed; what can't be looked at then is skipped, with the reason. Nothing is written, neither to the service nor to
the state; only a remote state's lock, if nobody holds it, is taken and given back.
"""

from __future__ import annotations

from rtcctl.operations.doctor.examining import examine

__all__ = ["examine"]
