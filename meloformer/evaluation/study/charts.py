"""The pictures of a continuation study.

Axes: D distances, K bins.
"""

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, MaxNLocator

from meloformer.corpus.report.canvas import DIM, LINE, ONE, STYLE, TWO, new_axes, to_svg
from meloformer.corpus.report.charts import Chart
from meloformer.evaluation.study.comparison import Floats
from meloformer.evaluation.study.histograms import WIDEST_INTERVAL
from meloformer.evaluation.study.results import StudyResults
from meloformer.score.grid import DURATION_TICKS, TICKS_PER_QUARTER

_PITCH_CLASSES = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_INTERVALS = {-24: "−24", -12: "−12", -5: "−5", 0: "0", 5: "5", 12: "12", 24: "24"}
_QUARTERS = (0.5, 1, 2, 4, 8, 16)


def histogram_charts(study: StudyResults) -> tuple[Chart, ...]:
    """Draw the four histograms of notes, generated beside true."""
    tonics = dict(enumerate(_PITCH_CLASSES))
    steps = {semitones + WIDEST_INTERVAL: name for semitones, name in _INTERVALS.items()}
    lengths = {
        int(np.searchsorted(DURATION_TICKS, quarters * TICKS_PER_QUARTER)): f"{quarters:g}"
        for quarters in _QUARTERS
    }
    quarters = {TICKS_PER_QUARTER * quarter: str(quarter + 1) for quarter in range(8)}
    return (
        _histogram("Pitch classes", study, "pitch classes", tonics, "pitch class"),
        _histogram("Intervals in a part", study, "intervals", steps, "semitones up"),
        _histogram("Lengths of notes", study, "durations", lengths, "quarters"),
        _histogram("Onsets in the bar", study, "onsets", quarters, "quarter of the bar"),
    )


@matplotlib.rc_context(STYLE)
def similarity_chart(curves: Floats) -> Chart:
    """Draw how much bars repeat of earlier ones, by distance.

    Args:
        curves: Of generated, truth, following. (3, D).
    """
    figure, axes = new_axes(230)
    distances = np.arange(1, curves.shape[1] + 1)
    for curve, colour, style in zip(curves, (ONE, TWO, DIM), ("-", "-", ":"), strict=True):
        axes.plot(distances, curve, color=colour, linestyle=style, linewidth=1.8)
    known = distances[~np.isnan(curves).all(axis=0)]
    axes.set_xlim(0.8, max(int(known.max(initial=1)), 4) + 0.2)
    axes.set_ylim(0, 1.1 * max(float(np.nan_to_num(curves).max()), 0.1))
    axes.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    words = ", ".join(f"{d}: {curves[0, d - 1]:.2f} against {curves[1, d - 1]:.2f}" for d in known)
    caption = Markup(
        "Notes that a new bar shares with an earlier one, by all notes of both. "
        '<b class="one">Written</b>,\n<b class="two">true</b>, and dotted what the song plays next.'
    )
    return Chart("Similarity of bars", caption, to_svg(figure, axes, "bars apart", words))


def _histogram(
    title: str, study: StudyResults, name: str, ticks: dict[int, str], unit: str
) -> Chart:
    picture = _paired_histogram(study.histogram(name)[:2], ticks, unit)
    overlap = study.comparisons[f"{name}, overlap"]
    words = (
        f"Shares of the notes. The overlap with the truth is {overlap.generated.value:.2f} "
        f"on average, that of real music {overlap.following.value:.2f}."
    )
    return Chart(title, words, picture)


@matplotlib.rc_context(STYLE)
def _paired_histogram(both: Floats, ticks: dict[int, str], unit: str) -> Markup:
    """Draw the truth as bars and the generated music as a line.

    Args:
        both: Shares of generated and of the truth. (2, K).
        ticks: Bins that are named below the axis, and how.
        unit: What the bins are.
    """
    generated, truth = np.nan_to_num(both)
    figure, axes = new_axes(210)
    bins = np.arange(len(truth))
    axes.bar(bins, truth, 0.9, color=TWO)
    axes.step(bins, generated, where="mid", color=ONE, linewidth=1.8)
    last = int(np.flatnonzero(generated + truth).max(initial=3))
    axes.set_xlim(-0.6, last + 0.6)
    axes.set_ylim(0, 1.05 * max(float(both[~np.isnan(both)].max(initial=0)), 0.01))
    shown = [tick for tick in ticks if tick <= last]
    axes.set_xticks(shown, [ticks[tick] for tick in shown])
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    words = f"overlap of the means {np.minimum(generated, truth).sum():.2f}"
    return to_svg(figure, axes, unit, words)


def _percent(share: float, _: object = None) -> str:
    return f"{100 * share:.3g} %"
