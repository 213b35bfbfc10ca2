"""The canonical form of a manifest's text: members in the order of the kinds' declarations, indented by two.

Layer: above `manifest`, whose parser says what the text means. Text is moved and never written anew, so that comments,
quotes, variables and anchors stay as they are; what comes out is read again before anybody gets it. One file for each
part: order (of members), spans (where things stand), flow and arrange (moving), same (the second reading).
"""

from __future__ import annotations

from rtcctl.fmt.arrange import formatted
from rtcctl.fmt.same import NotSameError

__all__ = ["NotSameError", "formatted"]
