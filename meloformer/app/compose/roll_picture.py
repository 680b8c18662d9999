"""The piano roll as a picture, to print or to send."""

import io
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from meloformer.score.piano_roll import NoteBox

INK = "#26272b"
MAX_WIDTH_INCHES = 40.0


@dataclass(frozen=True, slots=True)
class PicturePart:
    """A part in the legend of a picture."""

    number: int
    name: str
    colour: str
    """A hex value, or `ink`."""


def draw_png(
    given: list[NoteBox],
    new: list[NoteBox],
    parts: list[PicturePart],
    bar_starts: list[float],
    *,
    seam: float | None,
    title: str,
) -> bytes:
    """Draw a roll with its bar lines, the seam and a legend.

    Args:
        given: Notes before the seam.
        new: Generated notes, drawn with an outline.
        parts: In legend order.
        bar_starts: In quarters, the end of the last bar included.
        seam: In quarters; `None` if nothing is new.
        title: Written above.

    Returns:
        A PNG file.
    """
    width = min(MAX_WIDTH_INCHES, max(10.0, (bar_starts[-1] - bar_starts[0]) * 0.16))
    figure = Figure(figsize=(width, 5.2), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    colour_of = {part.number: INK if part.colour == "ink" else part.colour for part in parts}
    for boxes, outline in ((given, False), (new, True)):
        _draw_boxes(axes, boxes, colour_of, outline=outline)
    pitches = [box.pitch for box in (*given, *new)] or [60]
    axes.set_ylim(min(pitches) - 2, max(pitches) + 2)
    axes.set_xlim(bar_starts[0], bar_starts[-1])
    every = max(1, len(bar_starts) // 24)
    numbers = range(1, len(bar_starts), every)
    axes.set_xticks([bar_starts[n - 1] for n in numbers], [str(n) for n in numbers])
    axes.set_yticks([p for p in range(0, 128, 12) if min(pitches) - 2 <= p <= max(pitches) + 2])
    axes.set_yticklabels([f"C{int(p) // 12 - 1}" for p in axes.get_yticks()])
    axes.vlines(bar_starts, 0, 128, color="#dcdde2", linewidth=0.8, zorder=0)
    if seam is not None:
        axes.axvline(seam, color="#0b5f9e", linewidth=2.0)
        axes.axvspan(seam, bar_starts[-1], color="#0b5f9e", alpha=0.06, zorder=0)
    axes.set_xlabel("bar")
    axes.set_title(title, loc="left", fontsize=11, parse_math=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    handles = [Patch(color=colour_of[part.number], label=part.name) for part in parts]
    if handles:
        figure.legend(handles=handles, loc="outside lower left", ncols=6, frameon=False, fontsize=9)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _draw_boxes(
    axes: Axes, boxes: list[NoteBox], colour_of: dict[int, str], *, outline: bool
) -> None:
    if not boxes:
        return
    rectangles = [
        Rectangle((box.start_quarters, box.pitch - 0.42), max(box.duration_quarters, 0.08), 0.84)
        for box in boxes
    ]
    colours = [
        to_rgba(colour_of.get(box.part, INK), 0.5 + 0.5 * min(1.0, box.velocity / 112))
        for box in boxes
    ]
    edges = INK if outline else colours
    axes.add_collection(
        PatchCollection(rectangles, facecolor=colours, edgecolor=edges, linewidth=0.7)
    )
