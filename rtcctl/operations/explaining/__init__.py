"""Explaining kinds and members from what declares them: `kinds`, the manifest's schema, the planner's consequences.

`finding` walks from a typed path to a place in both, `telling` puts what stands there into words.
"""

from __future__ import annotations

from rtcctl.operations.explaining.finding import ANY, find, paths
from rtcctl.operations.explaining.telling import all_kinds, explain

__all__ = ["ANY", "all_kinds", "explain", "find", "paths"]
