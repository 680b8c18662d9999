"""The piano roll as a picture, to print or to send: rows of bars below each other, as in a score.

Each row has the pitched notes, and under them a line for each drum.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from meloformer.score.general_midi import drum_name
from meloformer.score.piano_roll import NoteBox

INK = "#26272b"
SEAM = "#0b5f9e"
LINE = "#dcdde2"
MAX_ROWS: Final = 24
"""Of bars; longer pieces have more bars in a row."""

_WIDTH, _LEFT, _RIGHT = 14.0, 1.15, 0.2  # inches, as all lengths here
_TITLE, _LEGEND_LINE, _BETWEEN = 0.45, 0.24, 0.42
_SEMITONE, _LEAST_PITCHED, _MOST_PITCHED = 0.045, 1.1, 2.6
_DRUM = 0.135
_QUARTERS_IN_ROW = 48.0
_NUMBER_WIDTH = 0.4
"""Of a bar's number, three digits and a gap."""
_LEGEND_COLUMNS = 5
_DPI = 110


@dataclass(frozen=True, slots=True)
class PicturePart:
    """A part in the legend of a picture."""

    number: int
    name: str
    colour: str
    """A hex value, or `ink`."""
    is_drum: bool = False


@dataclass(frozen=True, slots=True)
class _Layout:
    """What all rows have in common."""

    colour_of: dict[int, str]
    drum_parts: frozenset[int]
    low: int
    high: int
    """The pitches from which to which rows reach."""
    drums: tuple[int, ...]
    """The keys of the drums, from the top line down."""

    @property
    def pitched_height(self) -> float:
        if self.low > self.high:
            return 0.0
        wanted = (self.high - self.low) * _SEMITONE
        return min(_MOST_PITCHED, max(_LEAST_PITCHED, wanted))

    @property
    def row_height(self) -> float:
        return self.pitched_height + len(self.drums) * _DRUM + _BETWEEN


def draw_png(
    given: list[NoteBox],
    new: list[NoteBox],
    parts: list[PicturePart],
    bar_starts: list[float],
    *,
    first_number: int = 1,
    stretch: tuple[float, float] | None,
    title: str,
) -> bytes:
    """Draw a roll with its bar lines, what is new and a legend.

    Args:
        given: Notes of the piece.
        new: Generated notes, drawn with an outline.
        parts: In legend order.
        bar_starts: In quarters, the end of the last bar included.
        first_number: The number of the first bar.
        stretch: From where to where the new notes reach, in quarters; `None` if nothing is new.
        title: Written above.

    Returns:
        A PNG file.
    """
    layout = _layout([*given, *new], parts)
    rows = rows_of_bars(bar_starts)
    legend_height = math.ceil(len(parts) / _LEGEND_COLUMNS) * _LEGEND_LINE + 0.1
    height = _TITLE + len(rows) * layout.row_height + legend_height
    figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(_LEFT / _WIDTH, 1 - 0.28 / height, title, fontsize=11, parse_math=False)
    top = height - _TITLE
    span = max(bar_starts[last] - bar_starts[first] for first, last in rows)
    for first, last in rows:
        bars = bar_starts[first : last + 1]
        here = [[box for box in boxes if _is_in(box, bars)] for boxes in (given, new)]
        for axes, is_drum in _axes(figure, layout, top, height):
            _draw_row(axes, layout, here, bars, is_drum=is_drum)
            _draw_stretch(axes, bars, stretch)
            _number_bars(axes, bars, first_number + first, is_drum or not layout.drums)
            axes.set_xlim(bars[0], bars[0] + span)
        top -= layout.row_height
    handles = [Patch(color=layout.colour_of[part.number], label=part.name) for part in parts]
    if handles:
        figure.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0.6 / _WIDTH, 0.05 / height),
            ncols=_LEGEND_COLUMNS, frameon=False, fontsize=9, borderaxespad=0,
        )  # fmt: skip
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def rows_of_bars(bar_starts: Sequence[float]) -> list[tuple[int, int]]:
    """Divide bars into rows of one number of bars, at most `MAX_ROWS`.

    Args:
        bar_starts: In quarters, the end of the last bar included.

    Returns:
        The first bar of each row and the one after its last.
    """
    num_bars = len(bar_starts) - 1
    quarters = (bar_starts[-1] - bar_starts[0]) / max(1, num_bars)
    fits = max(1, int(_QUARTERS_IN_ROW / max(quarters, 1e-6)))
    fits = fits // 4 * 4 if fits >= 4 else fits  # phrases begin with the rows
    each = max(fits, math.ceil(num_bars / MAX_ROWS))
    return [(first, min(first + each, num_bars)) for first in range(0, max(1, num_bars), each)]


def bar_number_step(num_bars: int) -> int:
    """Return how many bars of a row share a number, so that no two numbers touch."""
    fits = (_WIDTH - _LEFT - _RIGHT) / _NUMBER_WIDTH
    return next(step for step in (1, 2, 4, 8, 16, 32, 64, 1 << 20) if num_bars / step <= fits)


def _layout(boxes: list[NoteBox], parts: list[PicturePart]) -> _Layout:
    drum_parts = frozenset(part.number for part in parts if part.is_drum)
    pitches = [box.pitch for box in boxes if box.part not in drum_parts]
    drums = {box.pitch for box in boxes if box.part in drum_parts}
    if not pitches and not drums:
        pitches = [60]
    return _Layout(
        colour_of={part.number: INK if part.colour == "ink" else part.colour for part in parts},
        drum_parts=drum_parts,
        low=min(pitches, default=0) - 2,
        high=max(pitches, default=-5) + 2,
        drums=tuple(sorted(drums, reverse=True)),
    )


def _is_in(box: NoteBox, bars: list[float]) -> bool:
    return box.start_quarters < bars[-1] and box.start_quarters + box.duration_quarters > bars[0]


def _axes(figure: Figure, layout: _Layout, top: float, height: float) -> list[tuple[Axes, bool]]:
    """Add the axes of a row: of the pitched notes, if there are any, and of the drums."""
    axes = []
    for length, is_drum in (
        (layout.pitched_height, False),
        (len(layout.drums) * _DRUM, True),
    ):
        if length:
            top -= length
            width = _WIDTH - _LEFT - _RIGHT
            place = (_LEFT / _WIDTH, top / height, width / _WIDTH, length / height)
            axes.append((figure.add_axes(place), is_drum))
    return axes


def _draw_row(
    axes: Axes, layout: _Layout, here: list[list[NoteBox]], bars: list[float], *, is_drum: bool
) -> None:
    for boxes, outline in zip(here, (False, True), strict=True):
        own = [box for box in boxes if (box.part in layout.drum_parts) is is_drum]
        _draw_boxes(axes, own, layout, outline=outline, is_drum=is_drum)
    if is_drum:
        axes.set_ylim(len(layout.drums) - 0.5, -0.5)
        axes.set_yticks(range(len(layout.drums)), [drum_name(pitch) for pitch in layout.drums])
        axes.set_facecolor("#f7f7f8")
    else:
        octaves = [pitch for pitch in range(0, 128, 12) if layout.low <= pitch <= layout.high]
        axes.set_ylim(layout.low, layout.high)
        axes.set_yticks(octaves, [f"C{pitch // 12 - 1}" for pitch in octaves])
    axes.tick_params(axis="y", labelsize=6.5, length=0)
    axes.vlines(bars, *axes.get_ylim(), color=LINE, linewidth=0.8, zorder=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(side == "bottom" and is_drum)
    axes.spines["left"].set_color(LINE)


def _draw_boxes(
    axes: Axes, boxes: list[NoteBox], layout: _Layout, *, outline: bool, is_drum: bool
) -> None:
    if not boxes:
        return
    start = np.array([box.start_quarters for box in boxes])
    length = [0.0 if is_drum else box.duration_quarters for box in boxes]
    end = start + np.maximum(length, 0.12 if is_drum else 0.08)
    rows = {pitch: row for row, pitch in enumerate(layout.drums)}
    middle = np.array([rows[box.pitch] if is_drum else box.pitch for box in boxes], dtype=float)
    low, high = middle - 0.42, middle + 0.42
    corners = [(start, low), (end, low), (end, high), (start, high)]
    colours = [
        to_rgba(layout.colour_of.get(box.part, INK), 0.5 + 0.5 * min(1.0, box.velocity / 112))
        for box in boxes
    ]
    axes.add_collection(
        PolyCollection(
            list(np.stack([np.stack(corner, axis=1) for corner in corners], axis=1)),
            facecolors=colours,
            edgecolors=INK if outline else colours,
            linewidths=0.7,
        )
    )


def _draw_stretch(axes: Axes, bars: list[float], stretch: tuple[float, float] | None) -> None:
    if stretch is None or stretch[0] >= bars[-1] or stretch[1] <= bars[0]:
        return
    axes.axvspan(max(stretch[0], bars[0]), min(stretch[1], bars[-1]), color=SEAM, alpha=0.06)
    if stretch[0] >= bars[0]:
        axes.axvline(stretch[0], color=SEAM, linewidth=2.0)


def _number_bars(axes: Axes, bars: list[float], first_number: int, is_lowest: bool) -> None:
    if not is_lowest:
        axes.set_xticks([])
        return
    step = bar_number_step(len(bars) - 1)
    shown = range(0, len(bars) - 1, step)
    axes.set_xticks([bars[bar] for bar in shown], [str(first_number + bar) for bar in shown])
    axes.tick_params(axis="x", labelsize=7.5, length=2)
    for label in axes.get_xticklabels():
        label.set_horizontalalignment("left")
