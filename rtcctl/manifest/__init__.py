"""The manifest: from files to a checked `Desired`, or to every diagnostic at once.

Layer: above `schema` and `kinds`; reads files and variables, makes no call. Steps, one file each: sources → tree
(YAML) → documents → interpolation → validate (JSON Schema) → desired → checks → report. PyYAML and jsonschema are
imported when `load` runs, not before.
"""

from __future__ import annotations

from rtcctl.manifest.load import load

__all__ = ["load"]
