"""The canvas of a report's pictures: SVG with the colours and the font of the page around it.

Matplotlib writes colours as hex values. Those below stand for variables of the page's style sheet
and are replaced by them, so that one picture fits paper, day and night. Text stays text.

Lengths are SVG units; a picture is `WIDTH` of them wide.
"""

import io
import re
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 400

INK, DIM, LINE, CARD = "#010101", "#020202", "#030303", "#040404"
ONE, TWO = "#050505", "#060606"
_VARIABLES = {
    INK: "var(--ink)",
    DIM: "var(--dim)",
    LINE: "var(--line)",
    CARD: "var(--card)",
    ONE: "var(--one)",
    TWO: "var(--two)",
}

# A fixed salt and no date: the same corpus gives the same bytes.
STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "meloformer", "font.size": 11}
_NOT_OF_THE_PAGE = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"<metadata>.*?</metadata>",
        r"<!--.*?-->",
        r"<defs>.*?</defs>",  # clips, which nothing here needs, and a style for the whole page
        r' clip-path="[^"]*"',
        r'(?<=<g) id="[^"]*"',  # the same in every picture
        r" font-family: [^;]*;",
        r' transform="rotate\(-0 [^"]*"',
    )
)
_UNITS_PER_INCH = 72


def new_axes(height: int, *, left: int = 44, right: int = 10, top: int = 24) -> tuple[Figure, Axes]:
    """Make a figure with quiet axes; margins are given, so that no font decides on them."""
    bottom = 36
    figure = Figure(figsize=(WIDTH / _UNITS_PER_INCH, height / _UNITS_PER_INCH))
    figure.patch.set_visible(False)
    inside = ((WIDTH - left - right) / WIDTH, (height - top - bottom) / height)
    axes = figure.add_axes((left / WIDTH, bottom / height, *inside))
    axes.patch.set_visible(False)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, colors=DIM, pad=5)
    return figure, axes


def to_svg(figure: Figure, axes: Axes, unit: str, words: str) -> Markup:
    """Return the picture as an element of a page.

    Args:
        figure: With the axes alone.
        axes: Drawn.
        unit: Said below the axis.
        words: What a screen reader says of the picture.
    """
    axes.set_xlabel(unit, color=DIM)
    picture = io.StringIO()
    figure.savefig(picture, format="svg", metadata={"Date": None, "Creator": None})
    text = picture.getvalue()
    inside = text[text.index(">", text.index("<svg")) + 1 :]
    for unwanted in _NOT_OF_THE_PAGE:
        inside = unwanted.sub("", inside)
    inside = re.sub("|".join(_VARIABLES), lambda match: _VARIABLES[match[0]], inside)
    height = round(figure.get_figheight() * _UNITS_PER_INCH)
    head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        WIDTH, height, f"{unit}: {words}"
    )
    return head + Markup(re.sub(r"\s*\n\s*", "\n", inside).strip())
