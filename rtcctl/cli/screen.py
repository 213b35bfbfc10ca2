"""The live display at a terminal, drawn by rich; it is loaded only when something is really shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rtcctl.cli.display import Display

_BAR, _LEAST_BAR, _MARGIN = 20, 6, 3
_PER_SECOND = 5.0


class Screen:
    """Shows a display below everything that is printed on stderr meanwhile, until it is closed; then it is gone."""

    def __init__(self, display: Display) -> None:
        """Prepare it; nothing is drawn before `open`."""
        self._display = display
        self._console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
        self._live = Live(
            get_renderable=self._drawn,
            console=self._console,
            refresh_per_second=_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            vertical_overflow="crop",
        )

    def open(self) -> None:
        """Draw it for the first time; from here on it has to be closed, also where this is interrupted."""
        self._live.start(refresh=True)

    def close(self) -> None:
        """Wipe it away; the cursor is shown again whatever interrupts this."""
        try:
            self._live.stop()
        finally:
            self._console.show_cursor(True)

    def _drawn(self) -> Group:
        part, lines = self._display.lines()
        # Some columns stay free: a line that fills the last one is wrapped by some terminals, and ^C is echoed there.
        room = max(self._console.width - _MARGIN, 1)
        texts = [Text(line, no_wrap=True, overflow="ellipsis") for line in lines]
        for text in texts[1:]:
            text.stylize("dim")
            text.truncate(room, overflow="ellipsis")
        # The bar gives way to the words behind it, for what ends them is the time that is left.
        bar = min(_BAR, room - 1 - texts[0].cell_len) if texts else 0
        if part is None or bar < _LEAST_BAR:
            for text in texts[:1]:
                text.truncate(room, overflow="ellipsis")
            return Group(*texts)
        first = Table.grid(padding=(0, 1, 0, 0))
        first.add_row(ProgressBar(total=1.0, completed=part, width=bar), texts[0])
        return Group(first, *texts[1:])
