"""Tunes, a plain index of them, and the plainest way to see what is copied."""

import numpy as np
from numpy.typing import NDArray

from meloformer.data.bloom_filter import BloomFilter
from meloformer.data.known_runs import RUN_NOTES, KnownRuns
from meloformer.score.note_runs import Line, run_hashes
from meloformer.tokens import from_text

STEP = 12
"""Ticks from note to note of a tune."""
BAR = 48

Steps = tuple[tuple[int, ...], ...]


def tune(pitches: list[int]) -> Line:
    """Return one note a quarter."""
    return np.array([[STEP * index, pitch] for index, pitch in enumerate(pitches)], dtype=np.int64)


def known_of(lines: list[Line]) -> KnownRuns:
    """Index lines, with so many bits that no other run is taken for one of theirs."""
    runs = np.unique(run_hashes(lines, RUN_NOTES))
    return KnownRuns(len(lines), sum(map(len, lines)), len(runs), BloomFilter.of(runs, 1 << 16))


def stream_of(pitches: list[int]) -> NDArray[np.uint16]:
    """Return bars of 4/4 in which a piano plays a tune; a rest fills the last."""
    text = ["BOS"]
    for bar, first in enumerate(range(0, len(pitches), BAR // STEP)):
        text.append("C" if bar else "C TS_4/4 BPM_3")
        text.append("#P0")
        for beat, pitch in enumerate(pitches[first : first + BAR // STEP]):
            text.append(f"T{STEP * beat} P{pitch} L12 V20")
        text.append("SUM")
    return from_text(" ".join(text))


def runs_of_steps(line: Line, notes: int) -> set[Steps]:
    """All runs of so many notes of a line, as their steps."""
    steps = [tuple(step) for step in np.diff(line, axis=0).tolist()]
    return {tuple(steps[at : at + notes - 1]) for at in range(len(line) - notes + 1)}
