"""Who sees whom: the sparse attention pattern as small clauses, and their dense composition.

Each clause takes a query side and a key side whose tensors broadcast against each other, and works
element by element. The same clauses therefore give a dense mask (queries along one axis, keys along
another), the single row that decoding needs, and a FlexAttention `mask_mod`.

Axes: B row, T position.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.model.config import NOTE_TYPES, ModelConfig, TokenType
from meloformer.model.inputs import Inputs


class Side(NamedTuple):
    """What a mask knows of tokens, as queries or as keys: int32 tensors of one shape."""

    type: Tensor
    bar: Tensor
    part: Tensor
    note: Tensor
    doc: Tensor
    order: Tensor

    @classmethod
    def of(cls, inputs: Inputs) -> "Side":
        """The side of all positions. (B, T)."""
        return cls(*(getattr(inputs, field).int() for field in cls._fields))

    def at(self, *index: slice | Tensor | int | None) -> "Side":
        """The side at an index: `[..., None]` makes queries, `[..., None, :]` keys."""
        return Side(*(field[index] for field in self))


def is_note(side: Side) -> Tensor:
    """Is this an onset, pitch, duration or velocity?"""
    return side.type >= TokenType.ONSET


def is_global(side: Side) -> Tensor:
    """Is this a song or header token, which everyone sees?"""
    return (side.type == TokenType.SONG) | (side.type == TokenType.HEADER)


def causal(q: Side, k: Side) -> Tensor:
    """Earlier or the same token of the same document; padding reaches nothing."""
    return (k.order <= q.order) & (k.doc == q.doc) & (k.doc >= 0)


def itself(q: Side, k: Side) -> Tensor:
    """The token itself, padding too: no row of the mask is empty."""
    return (k.order == q.order) & (k.doc == q.doc)


def summary_to_summary(q: Side, k: Side) -> Tensor:
    """SS: summaries see summaries."""
    return (q.type == TokenType.SUM) & (k.type == TokenType.SUM)


def summary_to_bar(q: Side, k: Side) -> Tensor:
    """SR: a summary sees all of its own bar."""
    return (q.type == TokenType.SUM) & (k.bar == q.bar)


def any_to_summary(q: Side, k: Side) -> Tensor:
    """RS: any token sees the summaries, the far past as one vector per bar."""
    return (q.type >= TokenType.SONG) & (k.type == TokenType.SUM)


def any_to_global(q: Side, k: Side) -> Tensor:
    """RR: any token sees song and header tokens."""
    return (q.type >= TokenType.SONG) & is_global(k)


def same_note(q: Side, k: Side) -> Tensor:
    """RR: the tokens of one note see each other."""
    return (q.note >= 0) & (k.note == q.note)


def own_part(q: Side, k: Side) -> Tensor:
    """RR: a note token hears its own part in any bar."""
    return is_note(q) & is_note(k) & (k.part == q.part)


def near_bar(q: Side, k: Side, offsets: tuple[int, ...]) -> Tensor:
    """RR: a note or header token hears the notes of all parts at a few bar distances."""
    distance = (q.bar - k.bar).abs()
    near = torch.zeros_like(distance, dtype=torch.bool)
    for offset in offsets:
        near |= distance == offset
    looks = (q.type >= TokenType.ONSET) | (q.type == TokenType.HEADER)
    return looks & is_note(k) & near


def type_allowed(q: Side, k: Side, config: ModelConfig) -> Tensor:
    """RR: the type rule between tokens of different notes; headers are free of it."""
    allowed = q.type < TokenType.ONSET
    for query_type, key_types in zip(NOTE_TYPES, config.type_rule, strict=True):
        for key_type in key_types:
            allowed = allowed | ((q.type == query_type) & (k.type == key_type))
    return allowed


def visible(q: Side, k: Side, config: ModelConfig) -> Tensor:
    """Does the query see the key? The whole table, in the words of its rows."""
    if config.dense:
        return causal(q, k) | itself(q, k)
    heard = own_part(q, k) | near_bar(q, k, config.cross_offsets)
    seen = (
        summary_to_summary(q, k)
        | summary_to_bar(q, k)
        | any_to_summary(q, k)
        | any_to_global(q, k)
        | same_note(q, k)
        | (heard & type_allowed(q, k, config))
    )
    return (causal(q, k) & seen) | itself(q, k)


def dense_mask(inputs: Inputs, config: ModelConfig) -> Tensor:
    """The mask as a table: true where query (row) sees key (column). (B, T, T), bool."""
    side = Side.of(inputs)
    return visible(side.at(..., None), side.at(..., None, slice(None)), config)


MaskMod = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def mask_mod(inputs: Inputs, config: ModelConfig) -> MaskMod:
    """The mask as a FlexAttention `mask_mod` over the rows of `inputs`."""
    side = Side.of(inputs)

    def sees(b: Tensor, h: Tensor, q: Tensor, kv: Tensor) -> Tensor:
        return visible(side.at(b, q), side.at(b, kv), config)

    return sees
