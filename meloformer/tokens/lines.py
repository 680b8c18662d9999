"""The pitched parts of a stream of tokens as lines of notes."""

import numpy as np
from numpy.typing import NDArray

from meloformer.score.note_runs import Line
from meloformer.tokens.annotate import annotate
from meloformer.tokens.vocabulary import Kind, vocabulary


def lines_of_stream(ids: NDArray[np.uint16]) -> list[Line]:
    """Return the pitched parts of a stream, many times faster than through a score.

    Args:
        ids: From BOS on, without FILL; bars left open have the notes that stay in them.
    """
    vocab, note = vocabulary(), annotate(ids)
    kind = vocab.kind[ids]
    bar_lines = np.concatenate(([0], np.cumsum(note.onset[kind == Kind.SUM])))
    pitch_at = np.flatnonzero(kind == Kind.PITCH)
    start = bar_lines[note.bar[pitch_at]] + note.onset[pitch_at]
    rows = np.stack([start, vocab.value[ids[pitch_at]]], axis=1).astype(np.int64)
    part = note.part[pitch_at]
    order = np.lexsort((rows[:, 1], rows[:, 0], part))
    borders = np.flatnonzero(np.diff(part[order])) + 1
    return [line for line in np.split(rows[order], borders) if len(line)]
