"""The pictures of a corpus report with their captions: lengths, keys, metres and instruments.

P is the number of pieces.
"""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from meloformer.corpus.report.svg import count_histogram, key_bars, log_histogram, ranked_bars
from meloformer.corpus.report.words import counted, minutes
from meloformer.score.general_midi import part_name
from meloformer.score.key import KEY_NAMES
from meloformer.tokens.vocabulary import METRES

_MOST_INSTRUMENTS = 20
_MOST_METRES = 8

_BAR_TICKS = {2.0**octave: f"{2**octave:,}" for octave in range(15)}
_MINUTE_TICKS = {1 / 12: "5 s", 0.25: "¼", 0.5: "½"} | {
    float(minutes): str(minutes) for minutes in (1, 2, 5, 10, 20, 60, 180)
}
_TOKEN_TICKS = {
    float(digit * 10**zeros): f"{digit * 10**zeros:,}" for zeros in range(1, 8) for digit in (1, 3)
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture under its title."""

    title: str
    caption: str
    """Text, or `Markup` where words of it are coloured as in the picture."""
    picture: str
    """SVG as `Markup`; empty where there is nothing to draw."""


@dataclass(frozen=True, slots=True)
class Charts:
    """All pictures of a corpus report."""

    lengths: tuple[Chart, ...]
    keys: Chart
    metres: Chart
    instruments: Chart


def draw_charts(pieces: NDArray[np.void], programs: NDArray[np.int64]) -> Charts:
    """Draw all pictures.

    Args:
        pieces: `PIECE_FIELDS` of every piece; at least one. (P,)
        programs: Number of pieces that each program plays in, drums last. (129,)
    """
    return Charts(
        lengths=_lengths(pieces),
        keys=_keys(pieces["key"]),
        metres=_metres(pieces["metre"]),
        instruments=_instruments(programs, len(pieces)),
    )


def _lengths(pieces: NDArray[np.void]) -> tuple[Chart, ...]:
    bars, tokens = (np.maximum(pieces[field], 1) for field in ("bars", "tokens"))
    seconds = np.maximum(pieces["seconds"], 1)
    half = f"median {minutes(float(np.median(seconds)))}"
    parts = np.maximum(pieces["parts"], 1)
    return (
        Chart(
            "Length in bars",
            "A repeat counts as often as it is played.",
            log_histogram(bars, _BAR_TICKS, unit="bars", median=_median(bars)),
        ),
        Chart(
            "Length in minutes",
            "At the tempo in the file.",
            log_histogram(seconds / 60, _MINUTE_TICKS, unit="minutes", median=half),
        ),
        Chart(
            "Tokens in a piece",
            "What the model reads: four for a note, and a few for each bar and part.",
            log_histogram(tokens, _TOKEN_TICKS, unit="tokens", median=_median(tokens)),
        ),
        Chart(
            "Parts in a piece",
            "Instruments that play at least one note; the drums are one part.",
            count_histogram(parts, unit="parts", median=_median(parts)),
        ),
    )


def _keys(key: NDArray[np.int16]) -> Chart:
    in_key = np.bincount(key[key >= 0], minlength=len(KEY_NAMES))
    without = int((key < 0).sum())
    unknown = f" {counted(without, 'piece')} without: only drums play." if without else ""
    if not in_key.any():
        return Chart("Keys", "No piece has a key: only drums play.", "")
    words = Markup(
        'Along the circle of fifths: <b class="one">major</b> keys, and below each the '
        '<b class="two">minor</b> key of the same signs. Estimated from the notes.{}'
    ).format(unknown)
    return Chart("Keys", words, key_bars(in_key))


def _metres(metre: NDArray[np.int16]) -> Chart:
    counts = np.bincount(metre, minlength=len(METRES))
    top, others = _ranked(counts, _MOST_METRES)
    labels = ["{}/{}".format(*METRES[index]) for index in top]
    words = "The metre of most bars of each piece."
    if others:
        words += f" {others} more {'metre is' if others == 1 else 'metres are'} not shown."
    return Chart(
        "Metres", words, ranked_bars(labels, counts[top].tolist(), len(metre), label_width=44)
    )


def _instruments(programs: NDArray[np.int64], pieces: int) -> Chart:
    top, others = _ranked(programs, _MOST_INSTRUMENTS)
    labels = [part_name(program, is_drum=program == 128) for program in top]
    words = "Pieces that each instrument plays in."
    if others:
        words = f"The {len(top)} that play in most pieces; {others} more play in fewer."
    picture = ranked_bars(labels, programs[top].tolist(), pieces, label_width=148)
    return Chart("Instruments", words, picture)


def _ranked(counts: NDArray[np.int64], most: int) -> tuple[list[int], int]:
    """Return the indices of the largest counts, and the number of other counts above zero."""
    order = np.argsort(-counts, kind="stable")
    some = [int(index) for index in order if counts[index]]
    return some[:most], len(some[most:])


def _median(values: NDArray[np.integer]) -> str:
    return f"median {np.median(values):,.0f}"
