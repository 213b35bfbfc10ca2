"""Where each picture of a mixed recording stands: pure geometry, from a job's mix_param and the streams in its room.

Layer: below `kinds`; imports nothing of ours. It is the one package that the simulator may import.

`custom` is exact, for its panes say where they stand. Of the other templates the API Reference names the arrangement
and the largest number of pictures, but no coordinates: those pictures are approximate.
"""

from __future__ import annotations

from rtcctl.layout.checks import Flaw, flaws, hidden
from rtcctl.layout.picture import Box, Pane, Picture, Stream, canvas
from rtcctl.layout.sample import sample
from rtcctl.layout.templates import arrange, nine_grids_view, screen_share

__all__ = [
    "Box",
    "Flaw",
    "Pane",
    "Picture",
    "Stream",
    "arrange",
    "canvas",
    "flaws",
    "hidden",
    "nine_grids_view",
    "sample",
    "screen_share",
]
