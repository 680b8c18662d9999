"""Copying note by note: the longest run of notes that a piece shares with other music.

A part is a line of steps: from each note to the next, how many ticks later and how many semitones
higher. So a run is found again in any key. Lengths and loudness are not compared, and drums are
left out: their patterns are common property.

The index holds one number a note of the other music. Runs of one step are looked for, then of two,
and so on, each only where the shorter one was found.

Axes: N notes of a line, S notes of all lines.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards
from meloformer.score.score import PITCH, START, Score
from meloformer.tokens.annotate import annotate
from meloformer.tokens.vocabulary import Kind, vocabulary

Ints = NDArray[np.int64]
Line = Ints
"""Start in ticks and pitch of each note of a part, by start and pitch. (N, 2)."""

_LONGEST_PAUSE = 1 << 12
"""Ticks; more than forty bars. Longer pauses count as equal."""
_BASE = 0x5851F42D4C957F2D  # odd, so that it has an inverse


def lines_of(score: Score) -> list[Line]:
    """Return the pitched parts of a score on the grid."""
    return [
        track.notes[:, [START, PITCH]].astype(np.int64)
        for track in score.tracks
        if len(track.notes) and not track.is_drum
    ]


def lines_of_document(ids: NDArray[np.uint16]) -> list[Line]:
    """Return the pitched parts of a stream of tokens, many times faster than through a score.

    Args:
        ids: From BOS on, without GAP and FILL.
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


class CopyIndex:
    """An index of the music that notes may have been copied from."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._hashes = _RunHashes(list(lines))

    @classmethod
    def of_shards(cls, shards: Shards) -> "CopyIndex":
        """Index all documents of shards."""
        documents = (np.asarray(shards.document(d)) for d in range(shards.num_documents))
        return cls(line for document in documents for line in lines_of_document(document))

    def longest_runs(self, pieces: Sequence[Sequence[Line]]) -> list[int]:
        """Return the notes of the longest run that each piece shares with the index.

        Args:
            pieces: The lines of each piece; looked up together, which costs little more than one.

        Returns:
            0 for a piece without pitched notes; 1 if not even one step is shared.
        """
        wanted = _RunHashes([line for piece in pieces for line in piece])
        owner = np.repeat(
            np.arange(len(pieces)),
            [sum(len(line) for line in piece) for piece in pieces],
        )
        longest = np.bincount(owner, minlength=len(pieces)).clip(max=1)
        here, there = wanted.positions(1), self._hashes.positions(1)
        steps = 1
        while len(here) and len(there):
            looked_for = wanted.hashes(here, steps)
            found = self._hashes.hashes(there, steps)
            there = there[_is_among(found, looked_for)]
            here = here[_is_among(looked_for, self._hashes.hashes(there, steps))]
            longest[owner[here]] = steps + 1
            steps += 1
            here = here[wanted.have_room(here, steps)]
            there = there[self._hashes.have_room(there, steps)]
        return [int(length) for length in longest]


class _RunHashes:
    """Hashes of all runs of steps of some lines, each from two running sums, modulo 2 ** 64."""

    def __init__(self, lines: Sequence[Line]) -> None:
        lengths = np.array([len(line) for line in lines], dtype=np.int64)
        self._end = np.repeat(np.cumsum(lengths), lengths)
        """End of the line that each note is of. (S,)."""
        rows = np.concatenate([np.zeros((0, 2), np.int64), *lines])
        steps = np.diff(rows, axis=0, prepend=0)  # the first of a line means nothing; none asks
        pause = np.clip(steps[:, 0], 0, _LONGEST_PAUSE)
        code = _scrambled((pause << 8 | steps[:, 1] + 128).astype(np.uint64))
        weighted = code * _powers(_BASE, len(code))
        self._sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(weighted, dtype=np.uint64)))
        self._inverse = _powers(pow(_BASE, -1, 1 << 64), len(code))

    def positions(self, steps: int) -> Ints:
        """Return the notes after which the line goes on for so many steps."""
        every = np.arange(len(self._end))
        return every[self.have_room(every, steps)]

    def have_room(self, at: Ints, steps: int) -> NDArray[np.bool_]:
        """Return whether the line goes on for so many steps after each of its notes."""
        return at + steps < self._end[at]

    def hashes(self, at: Ints, steps: int) -> NDArray[np.uint64]:
        """Return the hashes of the runs from each note on."""
        sums = self._sums[at + steps + 1] - self._sums[at + 1]
        return sums * self._inverse[at]  # so that it does not matter where the run stands


def _scrambled(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finish as SplitMix64 does: neighbouring codes become numbers that look drawn."""
    mixed = codes + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ mixed >> np.uint64(shift)) * np.uint64(factor)
    return mixed ^ mixed >> np.uint64(31)


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    return np.cumprod(np.full(count, base, dtype=np.uint64), dtype=np.uint64)


def _is_among(values: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which values are among a few. A table of their first bits answers most questions."""
    table = np.zeros(1 << 20, dtype=np.bool_)
    table[wanted >> np.uint64(44)] = True
    maybe = np.flatnonzero(table[values >> np.uint64(44)])
    found = np.zeros(len(values), dtype=np.bool_)
    found[maybe] = np.isin(values[maybe], wanted)
    return found
