"""Where the secrets of a saved plan come from: the same variables and files that the manifest named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rtcctl.errors import Diagnostic, Place, UsageError
from rtcctl.manifest.interpolation import Filler
from rtcctl.manifest.sources import STDIN
from rtcctl.manifest.tree import Node
from rtcctl.model.discreet import Discreet
from rtcctl.model.values import Secret
from rtcctl.planfile.values import Unresolved

_NOTHING = "nothing was changed; "
_FROM_HERE = "the path starts at the current directory"


class Variables(Discreet, frozen=True):
    """`environ` answers `env:NAME`; `file:PATH` is read from `folder`. Both follow the manifest's own rules."""

    environ: Mapping[str, str]
    folder: Path

    def __repr__(self) -> str:
        """Hide the environment."""
        return f"Variables({self.folder!r})"

    def secret(self, secret: Secret, what: str, place: Place | None) -> Secret:
        """Return a secret with its text; `what` and `place` say in an error where it is needed.

        Raises:
            UsageError: the variable or file is not there, or empty.
        """
        if not isinstance(secret, Unresolved):
            return secret
        scheme, _, name = secret.origin.partition(":")
        problems: list[Diagnostic] = []
        filler, node = self._filler(problems), Node(name, 0, 0)
        found = filler.variable(name, None, node) if scheme == "env" else filler.content(name, node)
        if found is None:
            at = f" ({place})" if place else ""
            mend = f"set {name}" if scheme == "env" else _FROM_HERE
            raise UsageError(f"{problems[0].message}; {what}{at} needs it", mend=_NOTHING + mend)
        if not found[0]:  # it had a text when the plan was made, or nothing would have been planned for it
            at = f" ({place})" if place else ""
            message = f"{'variable' if scheme == 'env' else 'file'} {name} is empty; {what}{at} needs it"
            raise UsageError(message, mend=f"{_NOTHING}without a text the key would be taken away")
        return Secret(found[0], secret.origin)

    def text(self, written: str) -> str:
        """Fill in a text as the manifest would have.

        Raises:
            UsageError: a variable or file is not there.
        """
        problems: list[Diagnostic] = []
        filled = self._filler(problems).text(written, Node(written, 0, 0), ())
        if problems:
            raise UsageError(problems[0].message, mend=problems[0].mend)
        return str(filled)

    def _filler(self, problems: list[Diagnostic]) -> Filler:
        return Filler(STDIN, self.folder, self.environ, problems)
