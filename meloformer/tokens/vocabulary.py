"""The vocabulary of HID tokens, computed rather than typed.

The layout of ids is printed in `docs/tokens.md`.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import ConfigError
from meloformer.score.chords import CHORD_NAMES, transpose_chord
from meloformer.score.grid import (
    DURATION_TICKS,
    MAX_BAR_QUARTERS,
    TEMPO_QPM,
    TICKS_PER_QUARTER,
    VELOCITIES_PER_BIN,
)
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES

MAX_BAR_TICKS = MAX_BAR_QUARTERS * TICKS_PER_QUARTER
NUM_PITCHES = 128
"""Of MIDI; a drum's pitch says which drum."""
NUM_VELOCITY_BINS = 128 // VELOCITIES_PER_BIN

METRES: tuple[tuple[int, int], ...] = tuple(
    (numerator, denominator)
    for denominator in (2, 4, 8, 16)
    for numerator in range(1, MAX_BAR_QUARTERS * denominator // 4 + 1)
)
"""Every time signature n/d whose bar is at most `MAX_BAR_QUARTERS` long."""


class Kind(IntEnum):
    """What a token says."""

    PAD = 0
    BOS = 1
    EOS = 2
    SUM = 3
    GAP = 4
    FILL = 5
    CHORD = 6
    METRE = 7
    TEMPO = 8
    PROGRAM = 9
    INSTANCE = 10
    ONSET = 11
    PITCH = 12
    DRUM = 13
    DURATION = 14
    VELOCITY = 15


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Names and kinds of all tokens, by id."""

    names: tuple[str, ...]
    """The TXT form of each token: `Cmaj7`, `TS_4/4`, `#P33`, `T12`. (V,)"""
    kind: NDArray[np.uint8]
    """`Kind` of each token. (V,), uint8."""
    value: NDArray[np.int32]
    """Index of each token within its kind, from 0. (V,), int32."""
    start: NDArray[np.int32]
    """First id of each kind. (len(Kind),), int32."""

    @property
    def size(self) -> int:
        """Number of tokens, V."""
        return len(self.names)

    @property
    def fingerprint(self) -> str:
        """A short hash of all names in order; shards and checkpoints carry it."""
        return hashlib.sha256("\n".join(self.names).encode()).hexdigest()[:16]

    @property
    def id_of(self) -> dict[str, int]:
        """Id of each name."""
        return _ids_by_name()

    def id(self, kind: Kind, value: int = 0) -> int:
        """Return the id of the token of `kind` with index `value` within it."""
        return int(self.start[kind]) + value

    def span(self, kind: Kind) -> slice:
        """Return all ids of one kind."""
        end = self.start[kind + 1] if kind + 1 < len(self.start) else self.size
        return slice(int(self.start[kind]), int(end))


def _named_tokens() -> list[tuple[Kind, list[str]]]:
    return [
        *((kind, [kind.name]) for kind in (Kind.PAD, Kind.BOS, Kind.EOS)),
        *((kind, [kind.name]) for kind in (Kind.SUM, Kind.GAP, Kind.FILL)),
        (Kind.CHORD, list(CHORD_NAMES)),
        (Kind.METRE, [f"TS_{n}/{d}" for n, d in METRES]),
        (Kind.TEMPO, [f"BPM_{k}" for k in range(len(TEMPO_QPM))]),
        (Kind.PROGRAM, [*(f"#P{program}" for program in range(DRUM_PROGRAM)), "#D"]),
        (Kind.INSTANCE, [f"@{k}" for k in range(2, MAX_INSTANCES + 1)]),
        (Kind.ONSET, [f"T{t}" for t in range(MAX_BAR_TICKS)]),
        (Kind.PITCH, [f"P{p}" for p in range(NUM_PITCHES)]),
        (Kind.DRUM, [f"K{p}" for p in range(NUM_PITCHES)]),
        (Kind.DURATION, [f"L{k}" for k in range(1, len(DURATION_TICKS) + 1)]),
        (Kind.VELOCITY, [f"V{v}" for v in range(NUM_VELOCITY_BINS)]),
    ]


@cache
def vocabulary() -> Vocabulary:
    """Return the one vocabulary of the project."""
    groups = _named_tokens()
    if [kind for kind, _ in groups] != list(Kind):
        raise ConfigError("The vocabulary must name the tokens of each kind, in the order of Kind.")
    sizes = [len(names) for _, names in groups]
    return Vocabulary(
        names=tuple(name for _, names in groups for name in names),
        kind=np.repeat([kind for kind, _ in groups], sizes).astype(np.uint8),
        value=np.concatenate([np.arange(size) for size in sizes]).astype(np.int32),
        start=np.concatenate(([0], np.cumsum(sizes[:-1]))).astype(np.int32),
    )


@cache
def _ids_by_name() -> dict[str, int]:
    return {name: index for index, name in enumerate(vocabulary().names)}


@cache
def transposition(semitones: int) -> NDArray[np.uint16]:
    """Return a look-up table that moves chords and pitched notes, and leaves all else as it is.

    Args:
        semitones: How far up; negative is down.

    Returns:
        The new id of each id; `PAD` where a pitch would leave 0..127. (V,), uint16.
    """
    vocab = vocabulary()
    table = np.arange(vocab.size, dtype=np.uint16)
    chords = range(len(CHORD_NAMES))
    table[vocab.kind == Kind.CHORD] = [
        vocab.id(Kind.CHORD, transpose_chord(chord, semitones)) for chord in chords
    ]
    pitches = np.arange(NUM_PITCHES) + semitones
    inside = (pitches >= 0) & (pitches < NUM_PITCHES)
    table[vocab.kind == Kind.PITCH] = np.where(
        inside, vocab.id(Kind.PITCH) + pitches, vocab.id(Kind.PAD)
    )
    table.setflags(write=False)
    return table
