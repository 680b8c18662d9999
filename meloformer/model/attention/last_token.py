"""The keys that the newest token of a row attends to, for decoding: `rule.visible`, compiled.

Axes: B row, S cached position.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meloformer.model.attention.rule import (
    ALL_KINDS,
    FAR,
    GLOBAL_KINDS,
    NEVER,
    NOTE_KINDS,
    SUM_KIND,
    attended_types,
)
from meloformer.model.compiled import compiled
from meloformer.model.config import ModelConfig


class LastTokenRule(NamedTuple):
    """A model's attention rule, as compiled code reads it."""

    dense: bool
    summary_kind: int
    """The kind of token that sums its bar up and is attended to by all; 0 where none does."""
    attended: NDArray[np.int32]
    """For each `TokenType`, the types it attends to in other notes, as a set."""
    is_near: NDArray[np.bool_]
    """Whether parts attend to each other at each distance in bars. (FAR + 1,)."""


@cache
def last_token_rule(config: ModelConfig) -> LastTokenRule:
    """Return the rule of a model."""
    is_near = np.zeros(FAR + 1, bool)
    is_near[list(config.cross_offsets)] = True
    attended = np.array(attended_types(config), np.int32)
    return LastTokenRule(config.dense, SUM_KIND if config.summaries else 0, attended, is_near)


@compiled
def write_mask_fields(
    column: NDArray[np.int64], rule: LastTokenRule, fields: NDArray[np.int32]
) -> None:
    """Write the fields of `MaskFields`, which a cache keeps of a token.

    Args:
        column: The token's fields of `Inputs`. (8,).
        rule: Of the model.
        fields: Receives them. (7,).
    """
    token_type = column[1]
    fields[0] = 1 << token_type
    fields[1] = rule.attended[token_type]
    fields[2] = column[2]
    fields[3:] = column[4:]


@compiled
def visible_to_last(
    tokens: NDArray[np.int32], length: int, rule: LastTokenRule, places: NDArray[np.int32]
) -> int:
    """Find the positions that the last token of a row attends to.

    Args:
        tokens: The fields of `MaskFields` of the row. (7, at least `length`).
        length: Tokens of the row.
        rule: Of the model.
        places: Receives the positions, ascending; the last is the token's own. (`length` or more,).

    Returns:
        How many they are.
    """
    last = length - 1
    kind, types, bar, part, note, doc, order = tokens[:, last]
    if not kind & NOTE_KINDS:
        part = NEVER
    if note < 0:
        note = NEVER
    summed_bar = bar if kind & rule.summary_kind else NEVER
    any_kinds = ALL_KINDS if rule.dense else GLOBAL_KINDS | rule.summary_kind
    count = 0
    if doc >= 0:
        # Without branches, which would be guessed wrong half of the time.
        for s in range(last):
            k_kind, k_bar = tokens[0, s], tokens[2, s]
            is_near = rule.is_near[min(abs(k_bar - bar), FAR)]
            by_type = ((k_kind & types) != 0) & (is_near | (tokens[3, s] == part))
            attends = ((k_kind & any_kinds) != 0) | (tokens[4, s] == note) | (k_bar == summed_bar)
            is_earlier = (tokens[5, s] == doc) & (tokens[6, s] <= order)
            places[count] = s
            count += int((attends | by_type) & is_earlier)
    places[count] = last
    return count + 1
