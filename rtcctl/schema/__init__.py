"""JSON Schemas: the manifest's, generated from the kinds' declarations, and where the written files are.

Layer: above `kinds`. The manifest is checked against `manifest_schema()`; `schemas/*.schema.json` serve editors
and whoever reads plans and states. `python -m rtcctl.schema` writes the generated one.
"""

from __future__ import annotations

from rtcctl.schema.files import load, path
from rtcctl.schema.holds import compiled, holds
from rtcctl.schema.manifest import manifest_schema

__all__ = ["compiled", "holds", "load", "manifest_schema", "path"]
