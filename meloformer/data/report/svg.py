"""The pictures of a corpus report: SVG that takes its colours and its font from the page around it.

Matplotlib writes colours as hex values. Those below stand for variables of the page's style sheet
and are replaced by them, so that one picture fits paper, day and night. Text stays text.

Lengths are SVG units; a picture is `WIDTH` of them wide. P is the number of pieces.
"""

import html
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from meloformer.data.report.words import percent

WIDTH = 400

_INK, _DIM, _LINE, _CARD = "#010101", "#020202", "#030303", "#040404"
_ONE, _TWO = "#050505", "#060606"
_VARIABLES = {
    _INK: "var(--ink)",
    _DIM: "var(--dim)",
    _LINE: "var(--line)",
    _CARD: "var(--card)",
    _ONE: "var(--one)",
    _TWO: "var(--two)",
}

# A fixed salt and no date: the same corpus gives the same bytes.
_STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "meloformer", "font.size": 11}
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
_ROW = 20
_MOST_TICKS = 9

# In fifths; a minor key stands below the major key of the same signs.
_MAJOR_KEYS = ("D♭", "A♭", "E♭", "B♭", "F", "C", "G", "D", "A", "E", "B", "F♯")
_MINOR_KEYS = ("B♭m", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F♯m", "C♯m", "G♯m", "E♭m")


@matplotlib.rc_context(_STYLE)
def log_histogram(
    values: NDArray[np.floating], ticks: Mapping[float, str], *, unit: str, median: str
) -> str:
    """How many pieces are how long, on a logarithmic axis, with the median marked.

    Args:
        values: One positive value a piece. (P,)
        ticks: Where the axis may be labelled, and how.
        unit: What the values are, said below the axis.
        median: The median in words.
    """
    edges = _half_octaves(values)
    counts, _ = np.histogram(values, edges)
    figure, axes = _axes(210)
    axes.set_xscale("log")
    axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=_ONE, edgecolor=_CARD)
    axes.set_xlim(edges[0], edges[-1])
    shown = [tick for tick in ticks if edges[0] <= tick <= edges[-1]]
    shown = shown[:: 1 + len(shown) // _MOST_TICKS]
    axes.set_xticks(shown, [ticks[tick] for tick in shown])
    axes.set_xticks([], minor=True)
    _count_pieces_upwards(axes, counts)
    _mark_median(axes, float(np.median(values)), median)
    return _svg(figure, axes, unit, median)


@matplotlib.rc_context(_STYLE)
def count_histogram(values: NDArray[np.integer], *, unit: str, median: str) -> str:
    """How many pieces have how many of something countable, with the median marked.

    Args:
        values: One count a piece, at least 1. (P,)
        unit: What is counted, said below the axis.
        median: The median in words.
    """
    counts = np.bincount(values)
    figure, axes = _axes(210)
    axes.bar(np.arange(1, len(counts)), counts[1:], 0.86, color=_ONE)
    axes.set_xlim(0.4, max(len(counts), 9) - 0.4)
    axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    _count_pieces_upwards(axes, counts)
    _mark_median(axes, float(np.median(values)), median)
    return _svg(figure, axes, unit, median)


@matplotlib.rc_context(_STYLE)
def ranked_bars(
    labels: Sequence[str], counts: Sequence[int], pieces: int, *, label_width: int
) -> str:
    """Lying bars, longest first, each with its share of all pieces.

    Args:
        labels: What each bar counts.
        counts: Pieces, descending, at least 1.
        pieces: P.
        label_width: Room for the labels.
    """
    figure, axes = _axes(len(labels) * _ROW + 40, left=label_width, right=48, top=4)
    rows = range(len(labels))
    axes.barh(rows, counts, 0.72, color=_ONE)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(0, max(counts))
    axes.set_yticks(rows, labels)
    axes.tick_params(axis="y", colors=_INK)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.grid(axis="x", color=_LINE, linewidth=0.8)
    for row, count in enumerate(counts):
        axes.annotate(
            percent(count, pieces),
            (count, row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center_baseline",
            color=_DIM,
        )
    words = ", ".join(f"{label} {count}" for label, count in zip(labels, counts, strict=True))
    return _svg(figure, axes, "pieces", words)


@matplotlib.rc_context(_STYLE)
def key_bars(pieces_in_key: NDArray[np.int64]) -> str:
    """The keys along the circle of fifths, each minor key below the major key of the same signs.

    Args:
        pieces_in_key: In the order of `KEY_NAMES`. (24,)
    """
    tonics = (1 + 7 * np.arange(12)) % 12  # in fifths from D flat up
    major, minor = pieces_in_key[tonics], pieces_in_key[12 + (tonics + 9) % 12]
    figure, axes = _axes(260, left=36, right=4)
    middle = 0.1 * (major.max() + minor.max())  # half the room for the names between the halves
    for bars, names, up, colour in ((major, _MAJOR_KEYS, 1, _ONE), (minor, _MINOR_KEYS, -1, _TWO)):
        played = np.flatnonzero(bars)
        axes.bar(played, up * bars[played], 0.74, up * middle, color=colour)
        for column, name in enumerate(names):
            axes.text(column, up * middle / 2, name, ha="center", va="center", color=_INK)
    axes.set_xlim(-0.6, 11.6)
    axes.set_ylim(-minor.max() - middle, major.max() + middle)
    upwards = MaxNLocator(4, integer=True).tick_values(0, max(major.max(), minor.max()))[1:]
    counted = np.array([*upwards[upwards <= major.max()], *-upwards[upwards <= minor.max()]])
    axes.set_yticks(
        counted + np.copysign(middle, counted), [_thousands(abs(count)) for count in counted]
    )
    axes.grid(axis="y", color=_LINE, linewidth=0.8)
    axes.set_xticks([0.1, 5, 10.7], ["5 flats", "no signs", "6 sharps"])
    axes.text(0, 1.05, "pieces", transform=axes.transAxes, color=_DIM, ha="right")
    counts = zip((*_MAJOR_KEYS, *_MINOR_KEYS), (*major, *minor), strict=True)
    words = ", ".join(f"{name} {count}" for name, count in counts)
    return _svg(figure, axes, "key signature", words)


def _axes(height: int, *, left: int = 44, right: int = 10, top: int = 24) -> tuple[Figure, Axes]:
    """A figure of `height` with quiet axes; margins are given, so that no font decides on them."""
    bottom = 36
    figure = Figure(figsize=(WIDTH / _UNITS_PER_INCH, height / _UNITS_PER_INCH))
    figure.patch.set_visible(False)
    inside = ((WIDTH - left - right) / WIDTH, (height - top - bottom) / height)
    axes = figure.add_axes((left / WIDTH, bottom / height, *inside))
    axes.patch.set_visible(False)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, colors=_DIM, pad=5)
    return figure, axes


def _count_pieces_upwards(axes: Axes, counts: NDArray[np.int64]) -> None:
    axes.set_ylim(0, counts.max())
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.grid(axis="y", color=_LINE, linewidth=0.8)
    axes.text(0, 1.05, "pieces", transform=axes.transAxes, color=_DIM, ha="right")


def _mark_median(axes: Axes, value: float, words: str) -> None:
    axes.axvline(value, color=_INK, linewidth=1)
    across = axes.transAxes.inverted().transform(axes.transData.transform((value, 0)))[0]
    side: Literal["left", "center", "right"] = (
        "left" if across < 0.2 else "right" if across > 0.8 else "center"
    )
    axes.annotate(words, (value, 1.05), xycoords=("data", "axes fraction"), ha=side, color=_INK)


def _half_octaves(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Edges around all values, at least two octaves in all, so that one value has a place too."""
    first = int(np.floor(2 * np.log2(values.min())))
    last = int(np.floor(2 * np.log2(values.max()))) + 1
    spread = max(0, (5 - (last - first)) // 2)
    return 2.0 ** (np.arange(first - spread, last + spread + 1) / 2)


def _thousands(value: float, _: object = None) -> str:
    return f"{value:,.0f}"


def _svg(figure: Figure, axes: Axes, unit: str, words: str) -> str:
    """The picture as an element of a page, with words for who cannot see it."""
    axes.set_xlabel(unit, color=_DIM)
    picture = io.StringIO()
    figure.savefig(picture, format="svg", metadata={"Date": None, "Creator": None})
    text = picture.getvalue()
    inside = text[text.index(">", text.index("<svg")) + 1 :]
    for unwanted in _NOT_OF_THE_PAGE:
        inside = unwanted.sub("", inside)
    inside = re.sub("|".join(_VARIABLES), lambda match: _VARIABLES[match[0]], inside)
    height = round(figure.get_figheight() * _UNITS_PER_INCH)
    label = html.escape(f"{unit}: {words}")
    head = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">'
    return head + re.sub(r"\s*\n\s*", "\n", inside).strip()
