"""What the newest token of a row sees, for decoding: the table of `masks.visible` in NumPy.

A clause that does not concern the token is not worked out at all, which leaves a dozen operations
on one row.

Axes: B row, S cached position.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.model.attention.rule import (
    GLOBAL_KINDS,
    NOTE_KINDS,
    SUM_KIND,
    rule_of_type,
)
from meloformer.model.config import ModelConfig


def mask_columns(columns: NDArray[np.int64], config: ModelConfig) -> NDArray[np.int64]:
    """What a cache notes of tokens: the fields of `masks.Side`.

    Args:
        columns: The fields of `Inputs`. (8, B).
        config: Whose rule the tokens follow.

    Returns:
        (7, B).
    """
    _, token_type, bar, _, part, note, doc, order = columns
    rule = np.array(rule_of_type(config))[token_type]
    return np.stack((1 << token_type, rule, bar, part, note, doc, order))


def visible_to_last(tokens: NDArray[np.int32], config: ModelConfig) -> NDArray[np.int64]:
    """Positions that the last token sees, ascending; the last is its own.

    Args:
        tokens: The fields of `masks.Side` of one row. (7, S).
        config: Whose table is followed.
    """
    k_kind, _, k_bar, k_part, k_note, k_doc, k_order = tokens
    kind, rule, bar, part, note, doc, order = tokens[:, -1].tolist()
    seen = (k_doc == doc) & (k_order <= order)
    if doc < 0:
        seen[:] = False
    elif not config.dense:
        sums_up = SUM_KIND if config.summaries else 0
        clauses = (k_kind & (sums_up | GLOBAL_KINDS)).astype(bool)
        if rule:
            heard = _near(config.cross_offsets)[np.minimum(np.abs(k_bar - bar), 31)]
            if kind & NOTE_KINDS:
                heard |= k_part == part
            heard &= (k_kind & rule).astype(bool)
            clauses |= heard
        if note >= 0:
            clauses |= k_note == note
        if kind & sums_up:
            clauses |= k_bar == bar
        seen &= clauses
    seen[-1] = True
    return np.flatnonzero(seen)


@cache
def _near(offsets: tuple[int, ...]) -> NDArray[np.bool_]:
    """Whether parts hear each other, by their distance in bars; 31 stands for more, too. (32,)."""
    near = np.zeros(32, bool)
    near[list(offsets)] = True
    return near
