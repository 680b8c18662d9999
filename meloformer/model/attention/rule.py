"""Who sees whom: the sparse attention pattern as small clauses, and what they compose to.

Each clause takes a query side and a key side whose tensors broadcast against each other, and works
element by element. The same clauses therefore give a dense mask (queries along one axis, keys along
another), a block of its rows, and the single row that decoding needs.

Comparisons are written in bits (`a ^ b`, sets of token types as bytes): on a CPU that is ten times
faster than `==` on a broadcast pair, and on a GPU no slower.

Axes: B row, T query position, S key position.
"""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.model.config import NOTE_TYPES, ModelConfig, TokenType
from meloformer.model.inputs import Inputs

SUM_KIND = 1 << TokenType.SUM
GLOBAL_KINDS = 1 << TokenType.SONG | 1 << TokenType.HEADER
NOTE_KINDS = sum(1 << note_type for note_type in NOTE_TYPES)
NEVER = -2
"""Equal to no bar, part or note index."""


class MaskFields(NamedTuple):
    """What a mask knows of tokens, as queries or as keys; all fields have one shape, int32."""

    kind: Tensor
    """The token's type as a set of one: bit `TokenType`."""
    rule: Tensor
    """The types of note tokens it may hear in other notes, as a set."""
    bar: Tensor
    part: Tensor
    note: Tensor
    doc: Tensor
    order: Tensor

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig) -> "MaskFields":
        """All positions. (B, T)."""
        rules = torch.tensor(rule_of_type(config), dtype=torch.int32)
        return cls(
            torch.bitwise_left_shift(1, inputs.type).int(),
            rules.to(inputs.type.device)[inputs.type],
            *(getattr(inputs, field).int() for field in cls._fields[2:]),
        )

    def queries(self) -> "MaskFields":
        """The same, to broadcast against `keys`. (B, T, 1)."""
        return MaskFields(*(field[..., None] for field in self))

    def keys(self) -> "MaskFields":
        """The same, to broadcast against `queries`. (B, 1, S)."""
        return MaskFields(*(field[..., None, :] for field in self))


@cache
def rule_of_type(config: ModelConfig) -> tuple[int, ...]:
    """For each `TokenType` the set of note types it may hear: headers all, summaries none."""
    rules = [0] * len(TokenType)
    rules[TokenType.HEADER] = NOTE_KINDS
    rules[TokenType.SUM] = 0 if config.summaries else NOTE_KINDS
    for note_type, heard in zip(NOTE_TYPES, config.type_rule, strict=True):
        rules[note_type] = sum(1 << kind for kind in set(heard))
    return tuple(rules)


def equal(a: Tensor, b: Tensor) -> Tensor:
    """`a == b` for integers, fast when broadcast."""
    return ~(a ^ b).bool()


def causal(q: MaskFields, k: MaskFields) -> Tensor:
    """Earlier or the same token of the same document; padding reaches nothing."""
    document = torch.where(q.doc >= 0, q.doc, NEVER)
    return (k.order <= q.order) & equal(document, k.doc)


def itself(q: MaskFields, k: MaskFields) -> Tensor:
    """The token itself, padding too: no row of a mask is empty."""
    return equal(q.order, k.order) & equal(q.doc, k.doc)


def summary_to_summary(q: MaskFields, k: MaskFields) -> Tensor:
    """SS: summaries see summaries."""
    return (q.kind & k.kind & SUM_KIND).bool()


def summary_to_bar(q: MaskFields, k: MaskFields) -> Tensor:
    """SR: a summary sees all of its own bar."""
    return equal(torch.where((q.kind & SUM_KIND).bool(), q.bar, NEVER), k.bar)


def any_to_summary(_: MaskFields, k: MaskFields) -> Tensor:
    """RS: any token sees the summaries: the far past, one vector per bar."""
    return (k.kind & SUM_KIND).bool()


def any_to_global(_: MaskFields, k: MaskFields) -> Tensor:
    """RR: any token sees song and header tokens."""
    return (k.kind & GLOBAL_KINDS).bool()


def same_note(q: MaskFields, k: MaskFields) -> Tensor:
    """RR: the tokens of one note see each other."""
    return equal(torch.where(q.note >= 0, q.note, NEVER), k.note)


def same_part(q: MaskFields, k: MaskFields) -> Tensor:
    """RR: a note token hears its own part in any bar."""
    return equal(torch.where((q.kind & NOTE_KINDS).bool(), q.part, NEVER), k.part)


def near_bar(q: MaskFields, k: MaskFields, offsets: tuple[int, ...]) -> Tensor:
    """RR: note and header tokens hear every part at a few distances in bars, either way."""
    distance = (q.bar - k.bar).abs().clamp(max=31)
    near = torch.full_like(distance[..., :1, :1], sum(1 << offset for offset in set(offsets)))
    return (near >> distance & 1).bool()


def type_rule(q: MaskFields, k: MaskFields) -> Tensor:
    """RR: which types of note tokens are heard, by the type about to be predicted."""
    return (q.rule & k.kind).bool()


def visible(q: MaskFields, k: MaskFields, config: ModelConfig) -> Tensor:
    """Does the query see the key? The whole table, in the words of its rows."""
    if config.dense:
        return causal(q, k) | itself(q, k)
    heard = type_rule(q, k) & (same_part(q, k) | near_bar(q, k, config.cross_offsets))
    seen = heard | same_note(q, k) | any_to_global(q, k)
    if config.summaries:
        seen = seen | summary_to_summary(q, k) | summary_to_bar(q, k) | any_to_summary(q, k)
    return (seen & causal(q, k)) | itself(q, k)


def dense_mask(inputs: Inputs, config: ModelConfig) -> Tensor:
    """The mask as a table: true where query (row) sees key (column). (B, T, T), bool."""
    B, T = inputs.ids.shape
    mask = torch.empty(B, T, T, dtype=torch.bool, device=inputs.ids.device)
    # Row by row: the intermediate tables then stay in the processor's cache.
    for b in range(B):
        side = MaskFields.of(Inputs(*(field[b] for field in inputs)), config)
        mask[b] = visible(side.queries(), side.keys(), config)
    return mask
