"""The pictures of a corpus report.

Lengths are SVG units, as of the canvas. P is the number of pieces.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from meloformer.corpus.report.canvas import (
    CARD,
    DIM,
    INK,
    LINE,
    ONE,
    STYLE,
    TWO,
    new_axes,
    to_svg,
)
from meloformer.corpus.report.words import percent

_ROW = 20
_MOST_TICKS = 9

# In fifths; a minor key stands below the major key of the same signs.
_MAJOR_KEYS = ("D♭", "A♭", "E♭", "B♭", "F", "C", "G", "D", "A", "E", "B", "F♯")
_MINOR_KEYS = ("B♭m", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F♯m", "C♯m", "G♯m", "E♭m")


@matplotlib.rc_context(STYLE)
def log_histogram(
    values: NDArray[np.floating], ticks: Mapping[float, str], *, unit: str, median: str
) -> Markup:
    """Draw how many pieces are how long, on a logarithmic axis, with the median marked.

    Args:
        values: One positive value a piece. (P,)
        ticks: Where the axis may be labelled, and how.
        unit: What the values are, said below the axis.
        median: The median in words.
    """
    edges = _half_octaves(values)
    counts, _ = np.histogram(values, edges)
    figure, axes = new_axes(210)
    axes.set_xscale("log")
    axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=ONE, edgecolor=CARD)
    axes.set_xlim(edges[0], edges[-1])
    shown = [tick for tick in ticks if edges[0] <= tick <= edges[-1]]
    shown = shown[:: 1 + len(shown) // _MOST_TICKS]
    axes.set_xticks(shown, [ticks[tick] for tick in shown])
    axes.set_xticks([], minor=True)
    _count_pieces_upwards(axes, counts)
    _mark_median(axes, float(np.median(values)), median)
    return to_svg(figure, axes, unit, median)


@matplotlib.rc_context(STYLE)
def count_histogram(values: NDArray[np.integer], *, unit: str, median: str) -> Markup:
    """Draw how many pieces have how many of something countable, with the median marked.

    Args:
        values: One count a piece, at least 1. (P,)
        unit: What is counted, said below the axis.
        median: The median in words.
    """
    counts = np.bincount(values)
    figure, axes = new_axes(210)
    axes.bar(np.arange(1, len(counts)), counts[1:], 0.86, color=ONE)
    axes.set_xlim(0.4, max(len(counts), 9) - 0.4)
    axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    _count_pieces_upwards(axes, counts)
    _mark_median(axes, float(np.median(values)), median)
    return to_svg(figure, axes, unit, median)


@matplotlib.rc_context(STYLE)
def ranked_bars(
    labels: Sequence[str], counts: Sequence[int], pieces: int, *, label_width: int
) -> Markup:
    """Draw lying bars, longest first, each with its share of all pieces.

    Args:
        labels: What each bar counts.
        counts: Pieces, descending, at least 1.
        pieces: P.
        label_width: Room for the labels.
    """
    figure, axes = new_axes(len(labels) * _ROW + 40, left=label_width, right=48, top=4)
    rows = range(len(labels))
    axes.barh(rows, counts, 0.72, color=ONE)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(0, max(counts))
    axes.set_yticks(rows, labels)
    axes.tick_params(axis="y", colors=INK)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    for row, count in enumerate(counts):
        axes.annotate(
            percent(count, pieces),
            (count, row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center_baseline",
            color=DIM,
        )
    words = ", ".join(f"{label} {count}" for label, count in zip(labels, counts, strict=True))
    return to_svg(figure, axes, "pieces", words)


@matplotlib.rc_context(STYLE)
def key_bars(pieces_in_key: NDArray[np.int64]) -> Markup:
    """Draw the keys along the circle of fifths, minor below the major key of the same signs.

    Args:
        pieces_in_key: In the order of `KEY_NAMES`. (24,)
    """
    tonics = (1 + 7 * np.arange(12)) % 12  # in fifths from D flat up
    major, minor = pieces_in_key[tonics], pieces_in_key[12 + (tonics + 9) % 12]
    figure, axes = new_axes(260, left=36, right=4)
    middle = 0.1 * (major.max() + minor.max())  # half the room for the names between the halves
    for bars, names, up, colour in ((major, _MAJOR_KEYS, 1, ONE), (minor, _MINOR_KEYS, -1, TWO)):
        played = np.flatnonzero(bars)
        axes.bar(played, up * bars[played], 0.74, up * middle, color=colour)
        for column, name in enumerate(names):
            axes.text(column, up * middle / 2, name, ha="center", va="center", color=INK)
    axes.set_xlim(-0.6, 11.6)
    axes.set_ylim(-minor.max() - middle, major.max() + middle)
    upwards = MaxNLocator(4, integer=True).tick_values(0, max(major.max(), minor.max()))[1:]
    counted = np.array([*upwards[upwards <= major.max()], *-upwards[upwards <= minor.max()]])
    axes.set_yticks(
        counted + np.copysign(middle, counted), [_thousands(abs(count)) for count in counted]
    )
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_xticks([0.1, 5, 10.7], ["5 flats", "no signs", "6 sharps"])
    axes.text(0, 1.05, "pieces", transform=axes.transAxes, color=DIM, ha="right")
    counts = zip((*_MAJOR_KEYS, *_MINOR_KEYS), (*major, *minor), strict=True)
    words = ", ".join(f"{name} {count}" for name, count in counts)
    return to_svg(figure, axes, "key signature", words)


def _count_pieces_upwards(axes: Axes, counts: NDArray[np.int64]) -> None:
    axes.set_ylim(0, counts.max())
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.text(0, 1.05, "pieces", transform=axes.transAxes, color=DIM, ha="right")


def _mark_median(axes: Axes, value: float, words: str) -> None:
    axes.axvline(value, color=INK, linewidth=1)
    across = axes.transAxes.inverted().transform(axes.transData.transform((value, 0)))[0]
    side: Literal["left", "center", "right"] = (
        "left" if across < 0.2 else "right" if across > 0.8 else "center"
    )
    axes.annotate(words, (value, 1.05), xycoords=("data", "axes fraction"), ha=side, color=INK)


def _half_octaves(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return edges around all values, at least two octaves in all: one value has a place too."""
    first = int(np.floor(2 * np.log2(values.min())))
    last = int(np.floor(2 * np.log2(values.max()))) + 1
    spread = max(0, (5 - (last - first)) // 2)
    return 2.0 ** (np.arange(first - spread, last + spread + 1) / 2)


def _thousands(value: float, _: object = None) -> str:
    return f"{value:,.0f}"
