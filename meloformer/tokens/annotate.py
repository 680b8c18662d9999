"""What each token is and where it stands, derived from ids alone.

Every array looks only backwards: what is said of a token depends on it and on earlier tokens, so
that a model fed with them stays causal. The stream may stop anywhere.

Axes: T tokens.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.part import MAX_INSTANCES
from meloformer.tokens.vocabulary import METRES, Kind, vocabulary

METRE_TICKS: NDArray[np.int32] = np.array(
    [numerator * 4 * TICKS_PER_QUARTER // denominator for numerator, denominator in METRES],
    dtype=np.int32,
)
"""Length of a bar of each metre, in grid ticks."""


class TokenRole(IntEnum):
    """The roles that attention tells apart, numbered as `model.config` numbers them.

    Those from ONSET on are of notes.
    """

    PAD = 0
    SONG = 1
    """BOS, EOS, metre, tempo."""
    HEADER = 2
    """Chord, program, instance, GAP, FILL."""
    SUM = 3
    ONSET = 4
    PITCH = 5
    """Drums too."""
    DURATION = 6
    VELOCITY = 7


TYPE_OF_KIND: NDArray[np.uint8] = np.array(
    [
        {
            Kind.PAD: TokenRole.PAD,
            Kind.SUM: TokenRole.SUM,
            Kind.BOS: TokenRole.SONG,
            Kind.EOS: TokenRole.SONG,
            Kind.METRE: TokenRole.SONG,
            Kind.TEMPO: TokenRole.SONG,
            Kind.ONSET: TokenRole.ONSET,
            Kind.PITCH: TokenRole.PITCH,
            Kind.DRUM: TokenRole.PITCH,
            Kind.DURATION: TokenRole.DURATION,
            Kind.VELOCITY: TokenRole.VELOCITY,
        }.get(kind, TokenRole.HEADER)
        for kind in Kind
    ],
    dtype=np.uint8,
)


@dataclass(frozen=True, slots=True, eq=False)
class Annotation:
    """Per-token arrays, all of shape (T,)."""

    type: NDArray[np.uint8]
    """`TokenRole`."""
    bar: NDArray[np.int32]
    """Bar of the piece, from 0. A bar after FILL has the index of the bar it fills; FILL and EOS
    have the number of bars."""
    part: NDArray[np.int32]
    """`Part.number` of notes and part headers, else -1. `#P0` counts as the first instance until
    `@2` has been read."""
    note: NDArray[np.int32]
    """Which note, from 0; its four tokens share it. Else -1."""
    onset: NDArray[np.int32]
    """Grid ticks from the bar line: of a note its onset, of SUM the bar's length, else 0."""


def annotate(ids: NDArray[np.integer]) -> Annotation:
    """Derive the per-token arrays of one stream, or of the start of one.

    Args:
        ids: From BOS on; may end in PAD. (T,).
    """
    vocab = vocabulary()
    kind = vocab.kind[ids]
    value = vocab.value[ids]
    types = TYPE_OF_KIND[kind]
    is_note = types >= TokenRole.ONSET
    raw_bar = np.cumsum(kind == Kind.SUM) - (kind == Kind.SUM)
    bar = _bars(kind, raw_bar)
    onset = np.where(is_note, _last(value, kind == Kind.ONSET), 0)
    onset = np.where(kind == Kind.SUM, _metre_ticks(kind, value, bar), onset)
    note = np.cumsum(kind == Kind.ONSET) - 1
    is_pad = kind == Kind.PAD
    return Annotation(
        type=types,
        bar=np.where(is_pad, 0, bar).astype(np.int32),
        part=_parts(kind, value, is_note).astype(np.int32),
        note=np.where(is_note, note, -1).astype(np.int32),
        onset=onset.astype(np.int32),
    )


def bar_ends(ids: NDArray[np.integer]) -> NDArray[np.int64]:
    """Positions just after each SUM. (n,), int64."""
    return np.flatnonzero(ids == vocabulary().id(Kind.SUM)) + 1


def _last(
    value: NDArray[np.int32], where: NDArray[np.bool_], *, default: int = 0
) -> NDArray[np.int32]:
    """At each position, `value` at the last position up to it where `where` holds."""
    index = np.maximum.accumulate(np.where(where, np.arange(len(value)), -1))
    return np.where(index >= 0, value[index], default)


def _bars(kind: NDArray[np.uint8], raw_bar: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bars of the piece; after FILL, the k-th bar is the k-th GAP."""
    fills = np.flatnonzero(kind == Kind.FILL)
    if not len(fills):
        return raw_bar
    first = fills[0]
    num_bars = int(raw_bar[first])
    gap_bars = np.append(raw_bar[:first][kind[:first] == Kind.GAP], num_bars)
    filled = np.minimum(raw_bar - num_bars, len(gap_bars) - 1)
    after = np.arange(len(kind)) > first
    return np.where(after, gap_bars[np.maximum(filled, 0)], raw_bar)


def _metre_ticks(
    kind: NDArray[np.uint8], value: NDArray[np.int32], bar: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Bar length in force at each token; after FILL that of the bar being filled."""
    is_metre = kind == Kind.METRE
    ticks = _last(METRE_TICKS[np.where(is_metre, value, 0)], is_metre)
    fills = np.flatnonzero(kind == Kind.FILL)
    if not len(fills):
        return ticks
    first = fills[0]
    sums = np.flatnonzero(kind[:first] == Kind.SUM)
    of_bar = np.append(ticks[sums], 0)
    after = np.arange(len(kind)) > first
    return np.where(after, of_bar[np.minimum(bar, len(of_bar) - 1)], ticks)


def _parts(
    kind: NDArray[np.uint8], value: NDArray[np.int32], is_note: NDArray[np.bool_]
) -> NDArray[np.int32]:
    is_program, is_instance = kind == Kind.PROGRAM, kind == Kind.INSTANCE
    program = _last(value, is_program)
    # An instance counts only if it stands after the last program.
    instance = _last(np.where(is_instance, value + 1, 0), is_program | is_instance)
    number = program * MAX_INSTANCES + instance
    return np.where(is_note | is_program | is_instance, number, -1)
