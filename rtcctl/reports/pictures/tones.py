"""The colours of layout pictures. They only please the eye: numbers and names tell panes apart."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "canvas": "#eceff2",
    "edge": "#57606a",
    "absent": "#ffffff",
    "ink": "#16191d",
    "soft": "#3d454d",
    "c0": "#c9defa",
    "c1": "#c5e8dc",
    "c2": "#e2d3f3",
    "c3": "#f6d9c2",
    "c4": "#f4cfda",
    "c5": "#dbe8bd",
    "c6": "#c3e5f0",
    "c7": "#ebe1b4",
}
DARK: Mapping[str, str] = {
    "paper": "#14181d",
    "canvas": "#232a31",
    "edge": "#9aa5b1",
    "absent": "#14181d",
    "ink": "#f2f4f6",
    "soft": "#cfd6dd",
    "c0": "#2a4a7a",
    "c1": "#1f5d4c",
    "c2": "#573b73",
    "c3": "#6f4020",
    "c4": "#6e2c43",
    "c5": "#40581f",
    "c6": "#1d5567",
    "c7": "#5a4d1c",
}
