"""A range of bars of a stream, as a stream of its own; and the widest window around one."""

import numpy as np
from numpy.typing import NDArray

from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.vocabulary import Kind, vocabulary


def crop(ids: NDArray[np.uint16], first_bar: int, last_bar: int) -> NDArray[np.uint16]:
    """Cut out bars `first_bar` to `last_bar`, the last excluded.

    The first bar is given the metre and the tempo in force there. EOS stays only if the piece ends
    with the range.

    Args:
        ids: A stream without GAP and FILL. (T,), uint16.
        first_bar: From 0.
        last_bar: Beyond the number of bars means to the end.
    """
    vocab = vocabulary()
    ends = bar_ends(ids)
    starts = np.concatenate(([1], ends))
    begin = int(starts[first_bar])
    end = int(starts[last_bar]) if last_bar < len(ends) else len(ids)
    kind = vocab.kind[ids[: begin + 3]]
    metres = np.flatnonzero(kind == Kind.METRE)
    tempos = np.flatnonzero(kind == Kind.TEMPO)
    rest = begin + 1 + int((metres > begin).sum() + (tempos > begin).sum())
    head = [vocab.id(Kind.BOS), ids[begin], ids[metres[-1]], ids[tempos[-1]]]
    return np.concatenate([np.array(head, dtype=np.uint16), ids[rest:end]])


def bars_around(
    ids: NDArray[np.uint16], first_bar: int, last_bar: int, max_tokens: int
) -> tuple[int, int]:
    """Return the widest window around bars that are to be read open, then written.

    Bars are taken from both sides in turn, as long as all fits; one on each side in any case.

    Args:
        ids: A stream without GAP and FILL. (T,), uint16.
        first_bar: From 0.
        last_bar: The bar after the last.
        max_tokens: That the window has together with the bars once more.

    Returns:
        The first bar of the window and the one after its last.
    """
    lengths = np.diff(np.concatenate(([1], bar_ends(ids)))).tolist()
    begin, end = max(first_bar - 1, 0), min(last_bar + 1, len(lengths))
    tokens = sum(lengths[begin:end]) + sum(lengths[first_bar:last_bar])
    while True:
        before = begin > 0 and tokens + lengths[begin - 1] <= max_tokens
        if before:
            begin -= 1
            tokens += lengths[begin]
        after = end < len(lengths) and tokens + lengths[end] <= max_tokens
        if after:
            tokens += lengths[end]
            end += 1
        if not (before or after):
            return begin, end
