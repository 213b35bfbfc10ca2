"""A layout picture as SVG: no script, nothing loaded, light and dark, foreign text inert.

The light colours stand in attributes, so that viewers without style sheets have them; the style is for dark screens.
Its rules name a class of ours, so that the picture may stand within a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from rtcctl.layout import Picture
from rtcctl.reports.pictures import words
from rtcctl.reports.pictures.drawing import Drawing, Rect, Text, draw
from rtcctl.reports.pictures.tones import DARK, LIGHT
from rtcctl.reports.wording import plain

_FONT = "system-ui, 'DejaVu Sans', Arial, sans-serif"


def svg(picture: Picture, heading: str, *, inline: bool = False) -> str:
    """Write a picture that has a canvas as an SVG document.

    `inline` in HTML it takes the width that there is, and has no caption, which would be as small as the picture is.
    """
    drawing = draw(picture, "" if inline else plain(heading))
    return "\n".join(_lines(picture, drawing, f"{heading}: {words.title(picture)}", inline)) + "\n"


def _lines(picture: Picture, drawing: Drawing, title: str, inline: bool) -> Iterator[str]:
    size = f'viewBox="0 0 {drawing.width} {drawing.height}"'
    if not inline:
        size += f' width="{drawing.width}" height="{drawing.height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" class="rtcctl-layout" role="img" {size} font-family="{_FONT}">'
    yield f"<title>{_text(title)}</title>"
    yield f"<desc>{_text(words.sentence(picture))}</desc>"
    yield f"<style>{_dark()}</style>"
    for shape in drawing.shapes:
        yield _rect(shape, picture) if isinstance(shape, Rect) else _line(shape)
    yield "</svg>"


def _dark() -> str:
    fills = "".join(f".rtcctl-layout .{tone}{{fill:{colour}}}" for tone, colour in DARK.items())
    edges = f".rtcctl-layout rect{{stroke:{DARK['edge']}}}.rtcctl-layout .paper{{stroke:none}}"
    return f"@media (prefers-color-scheme:dark){{{fills}{edges}}}"


def _rect(shape: Rect, picture: Picture) -> str:
    box = shape.box
    where = f'x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}"'
    edge = f' stroke="{LIGHT["edge"]}" stroke-width="{shape.stroke:g}"' if shape.stroke else ' stroke="none"'
    dashes = f' stroke-dasharray="{4 * shape.stroke:g}"' if shape.tone == "absent" else ""
    head = f'<rect class="{shape.tone}" {where} fill="{LIGHT[shape.tone]}"{edge}{dashes}'
    if shape.pane < 0:
        return f"{head}/>"
    pane = picture.panes[shape.pane]
    return f"{head}><title>{_text(f'{pane.number} {words.name(pane)}')}</title></rect>"


def _line(shape: Text) -> str:
    anchor = ' text-anchor="middle"' if shape.centred else ""
    baseline = shape.y + shape.size * 0.35  # dominant-baseline is not known everywhere
    where = f'x="{shape.x:g}" y="{baseline:g}" font-size="{shape.size:g}"{anchor}'
    return f'<text class="{shape.tone}" {where} fill="{LIGHT[shape.tone]}">{_text(shape.text)}</text>'


def _text(text: str) -> str:
    return escape(plain(text))
