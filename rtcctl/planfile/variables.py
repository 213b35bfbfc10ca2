"""Where the secrets of a saved plan come from: the same variables and files that the manifest named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rtcctl.errors import Diagnostic, Place, UsageError
from rtcctl.manifest.interpolation import LARGEST_FILE, Filler, without_line_break
from rtcctl.manifest.sources import STDIN
from rtcctl.manifest.tree import Node
from rtcctl.model.values import Secret
from rtcctl.planfile.values import Unresolved


@dataclass(frozen=True, slots=True)
class Variables:
    """`environ` answers `env:NAME`; `file:PATH` is read from `folder`."""

    environ: Mapping[str, str]
    folder: Path

    def secret(self, secret: Secret, what: str, place: Place | None) -> Secret:
        """Return a secret with its text; `what` and `place` say in an error where it is needed.

        Raises:
            UsageError: the variable or file is not there.
        """
        if not isinstance(secret, Unresolved):
            return secret
        scheme, _, name = secret.origin.partition(":")
        at = f" ({place})" if place else ""
        if scheme == "env":
            text = self.environ.get(name, "")
            if not text:
                mend = f"nothing was changed; set {name}"
                raise UsageError(f"variable {name} is not set; {what}{at} needs it", mend=mend)
        else:
            text = self._content(name, f"{what}{at}")
        return Secret(text, secret.origin)

    def text(self, written: str) -> str:
        """Fill in a text as the manifest would have.

        Raises:
            UsageError: a variable or file is not there.
        """
        problems: list[Diagnostic] = []
        filled = Filler(STDIN, self.folder, self.environ, problems).text(written, Node(written, 0, 0), ())
        if problems:
            raise UsageError(problems[0].message, mend=problems[0].mend)
        return str(filled)

    def _content(self, name: str, what: str) -> str:
        mend = "nothing was changed; the path starts at the current directory"
        try:
            with (self.folder / name).open("rb") as stream:
                text = stream.read(LARGEST_FILE + 1).decode()
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise UsageError(f"file {name} can't be read: {reason}; {what} needs it", mend=mend) from None
        except ValueError:
            raise UsageError(f"file {name} does not hold UTF-8 text; {what} needs it", mend=mend) from None
        if len(text) > LARGEST_FILE or not without_line_break(text):
            raise UsageError(f"file {name} is empty or too large; {what} needs it", mend=mend)
        return without_line_break(text)
