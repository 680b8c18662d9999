"""Leaving bars open: a whole stream as one that fills its own gaps.

    BOS  C ... SUM  GAP ... SUM  G ... SUM  FILL  F ... SUM  EOS

Axes: T tokens.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from meloformer.score.part import MAX_INSTANCES
from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.in_force import in_force
from meloformer.tokens.vocabulary import Kind, vocabulary


def added_tokens(num_bars: int) -> int:
    """Return how much longer a stream gets with so many bars left open, EOS included."""
    return 2 + 2 * num_bars  # FILL and EOS; a second header and a second SUM


def leave_open(
    ids: NDArray[np.uint16],
    first_bar: int,
    last_bar: int,
    parts: Collection[int] | None = None,
) -> NDArray[np.uint16]:
    """Move what the bars `first_bar` to `last_bar`, the last excluded, hold behind FILL.

    The bars stay in their place with GAP for a chord, with their metre and tempo and with the
    parts that stay. An unfinished last bar is cut off.

    Args:
        ids: A stream without GAP and FILL that holds the range; it may stop anywhere. (T,), uint16.
        first_bar: From 0.
        last_bar: Above `first_bar`.
        parts: `Part.number` of those that are to be filled in; by default all.

    Returns:
        A whole stream, BOS to EOS, that decodes to the same music.
    """
    vocab = vocabulary()
    ends = bar_ends(ids)
    starts = np.concatenate(([1], ends[:-1]))
    ids = ids[: ends[-1]]
    gaps = starts[first_bar:last_bar]  # where their chords are
    inside = slice(int(gaps[0]), int(ends[last_bar - 1]))
    number = part_of_each(ids[inside])
    moves = np.isin(number, list(parts)) if parts is not None else number >= 0

    first_pass = ids.copy()
    first_pass[gaps] = vocab.id(Kind.GAP)
    stays = np.ones(len(ids), dtype=bool)
    stays[inside] = ~moves

    second_pass = moves
    second_pass[gaps - inside.start] = True
    second_pass[ends[first_bar:last_bar] - 1 - inside.start] = True
    fill, eos = (np.array([vocab.id(kind)], dtype=np.uint16) for kind in (Kind.FILL, Kind.EOS))
    return np.concatenate((first_pass[stays], fill, ids[inside][second_pass], eos))


def second_pass(ids: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return the bars written after FILL as a stream of their own, in order, without EOS.

    Each has the metre and tempo of the gap it fills. An unfinished last bar is left out.

    Args:
        ids: A stream with FILL; at least one bar after it is finished.
    """
    vocab = vocabulary()
    kind = vocab.kind[ids]
    fill = int(np.argmax(kind == Kind.FILL))
    metre, tempo = (ids[in_force(kind[:fill], of)] for of in (Kind.METRE, Kind.TEMPO))
    written = [np.array([vocab.id(Kind.BOS)], dtype=np.uint16)]
    starts = fill + 1 + np.concatenate(([0], bar_ends(ids[fill + 1 :])))
    before: tuple[int, int] = (-1, -1)
    for gap, start, end in zip(np.flatnonzero(kind == Kind.GAP), starts, starts[1:], strict=False):
        bar = int(np.count_nonzero(kind[:gap] == Kind.SUM))
        head = int(metre[bar]), int(tempo[bar])
        changes = [new for new, old in zip(head, before, strict=True) if new != old]
        before = head
        written += [ids[start : start + 1], np.array(changes, np.uint16), ids[start + 1 : end]]
    return np.concatenate(written)


def part_of_each(ids: NDArray[np.uint16]) -> NDArray[np.int64]:
    """`Part.number` that each note and part header belongs to, -1 for all else. (T,), int64.

    Unlike `annotate`, which only looks back, this gives `#P0` to the second part of the program
    when `@2` follows: the two must stay together.

    Args:
        ids: Whole bars, or a stream that stops anywhere.
    """
    vocab = vocabulary()
    kind = vocab.kind[ids]
    programs = np.flatnonzero(kind == Kind.PROGRAM)
    number = np.full(len(ids), -1, dtype=np.int64)
    if len(programs):
        after = np.minimum(programs + 1, len(ids) - 1)
        instance = np.where(kind[after] == Kind.INSTANCE, vocab.value[ids[after]] + 1, 0)
        numbers = vocab.value[ids[programs]] * MAX_INSTANCES + instance
        counts = np.append(programs[1:], len(ids)) - programs
        number[programs[0] :] = np.repeat(numbers, counts)
        number[kind < Kind.PROGRAM] = -1
    return number
