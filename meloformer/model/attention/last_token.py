"""The keys that the newest token of a row attends to, for decoding: `rule.visible` in NumPy.

A clause that does not concern the token is not worked out at all, which leaves a dozen operations
on one row.

Axes: B row, S cached position.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.model.attention.rule import (
    FAR,
    GLOBAL_KINDS,
    NOTE_KINDS,
    SUM_KIND,
    attended_types,
)
from meloformer.model.config import ModelConfig


def mask_columns(columns: NDArray[np.int64], config: ModelConfig) -> NDArray[np.int64]:
    """Return the fields of `MaskFields`, which a cache keeps of tokens.

    Args:
        columns: The fields of `Inputs`. (8, B).
        config: Whose rule the tokens follow.

    Returns:
        (7, B).
    """
    _, token_type, bar, _, part, note, doc, order = columns
    rule = np.array(attended_types(config))[token_type]
    return np.stack((1 << token_type, rule, bar, part, note, doc, order))


def visible_to_last(tokens: NDArray[np.int32], config: ModelConfig) -> NDArray[np.int64]:
    """Return the positions that the last token attends to, ascending; the last is its own.

    Args:
        tokens: The fields of `MaskFields` of one row. (7, S).
        config: Whose rule is followed.
    """
    k_kind, _, k_bar, k_part, k_note, k_doc, k_order = tokens
    kind, rule, bar, part, note, doc, order = tokens[:, -1].tolist()
    is_visible = (k_doc == doc) & (k_order <= order)
    if doc < 0:
        is_visible[:] = False
    elif not config.dense:
        sums_up = SUM_KIND if config.summaries else 0
        clauses = (k_kind & (sums_up | GLOBAL_KINDS)).astype(bool)
        if rule:
            by_type = _is_near(config.cross_offsets)[np.minimum(np.abs(k_bar - bar), FAR)]
            if kind & NOTE_KINDS:
                by_type |= k_part == part
            by_type &= (k_kind & rule).astype(bool)
            clauses |= by_type
        if note >= 0:
            clauses |= k_note == note
        if kind & sums_up:
            clauses |= k_bar == bar
        is_visible &= clauses
    is_visible[-1] = True
    return np.flatnonzero(is_visible)


@cache
def _is_near(offsets: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return whether parts attend to each other at each distance in bars. (FAR + 1,)."""
    near = np.zeros(FAR + 1, bool)
    near[list(offsets)] = True
    return near
