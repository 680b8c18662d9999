"""The attention rule: one table, and the mask it makes.

`clauses` is the table. Everything else that knows the rule is derived from it (the mask of pairs
here) or tested against it (`last_token`, `sparse`).

Functions of pairs take queries and keys whose tensors broadcast against each other, and work
element by element. The same functions therefore give a whole mask (queries along one axis, keys
along another) and a block of its rows. Comparisons are written in bits (`a ^ b`, sets of token
types as integers): on a CPU that is ten times faster than `==` on a broadcast pair, and on a GPU no
slower.

Axes: B row, T query position, S key position.
"""

from enum import Enum, auto
from functools import cache, reduce
from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.model.config import MAX_OFFSET, NOTE_TYPES, ModelConfig, TokenType
from meloformer.model.inputs import Inputs

ALL_KINDS = (1 << len(TokenType)) - 1
HEADER_KIND = 1 << TokenType.HEADER
SUM_KIND = 1 << TokenType.SUM
GLOBAL_KINDS = 1 << TokenType.SONG | HEADER_KIND
NOTE_KINDS = sum(1 << note_type for note_type in NOTE_TYPES)
FAR = MAX_OFFSET + 1
"""Stands for every distance in bars at which no other part is attended to."""
NEVER, NEVER_EITHER = -2, -3
"""Equal to no bar, part or note index, nor to each other."""
_NO_BAR = 1 << 20
"""Far from every bar."""


class Share(Enum):
    """What a query and a key have in common, besides the document."""

    DOCUMENT = auto()
    """Nothing else."""
    BAR = auto()
    NEAR_BAR = auto()
    """A distance in bars, either way, of `ModelConfig.cross_offsets`."""
    PART = auto()
    NOTE = auto()


class Clause(NamedTuple):
    """A row of the table: queries of some kinds attend to keys of some kinds."""

    name: str
    queries: int
    """A set of types: bit `TokenType`."""
    keys: int
    """Likewise."""
    share: Share
    by_type: bool = False
    """Whether the type rule applies: the key's type is one that the query's type attends to."""


@cache
def clauses(config: ModelConfig) -> tuple[Clause, ...]:
    """Return the table.

    A query attends to itself, and to a key of the same document that is not later in the stream if
    any clause holds for the two. Padding attends to itself only.
    """
    if config.dense:
        return (Clause("any to any", ALL_KINDS, ALL_KINDS, Share.DOCUMENT),)
    near = NOTE_KINDS | HEADER_KIND
    if not config.summaries:
        near |= SUM_KIND
    of_notes = (
        Clause("note to own note", NOTE_KINDS, NOTE_KINDS, Share.NOTE),
        Clause("note to own part", NOTE_KINDS, NOTE_KINDS, Share.PART, by_type=True),
        Clause("note or header to near bar", near, NOTE_KINDS, Share.NEAR_BAR, by_type=True),
        Clause("any to global", ALL_KINDS, GLOBAL_KINDS, Share.DOCUMENT),
    )
    if not config.summaries:
        return of_notes
    return (
        *of_notes,
        Clause("any to summary", ALL_KINDS, SUM_KIND, Share.DOCUMENT),
        Clause("summary to bar", SUM_KIND, ALL_KINDS, Share.BAR),
    )


@cache
def attended_types(config: ModelConfig) -> tuple[int, ...]:
    """Return the type rule: for each `TokenType` the set of types it attends to in other notes.

    Headers attend to all, and so does SUM where it does not sum up.
    """
    rules = [0] * len(TokenType)
    rules[TokenType.HEADER] = NOTE_KINDS
    rules[TokenType.SUM] = 0 if config.summaries else NOTE_KINDS
    for note_type, attended in zip(NOTE_TYPES, config.type_rule, strict=True):
        rules[note_type] = sum(1 << kind for kind in set(attended))
    return tuple(rules)


class MaskFields(NamedTuple):
    """The fields of tokens that a mask reads, as queries or as keys; of one shape, int32."""

    kind: Tensor
    """The token's type as a set of one: bit `TokenType`."""
    rule: Tensor
    """The types of note tokens it attends to in other notes, as a set."""
    bar: Tensor
    part: Tensor
    note: Tensor
    doc: Tensor
    order: Tensor

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig) -> "MaskFields":
        """Return the fields of all positions. (B, T)."""
        rules = torch.tensor(attended_types(config), dtype=torch.int32)
        return cls(
            torch.bitwise_left_shift(1, inputs.type).int(),
            rules.to(inputs.type.device)[inputs.type],
            *(getattr(inputs, field).int() for field in cls._fields[2:]),
        )

    def queries(self) -> "MaskFields":
        """Return the same, to broadcast against `keys`. (B, T, 1)."""
        return MaskFields(*(field[..., None] for field in self))

    def keys(self) -> "MaskFields":
        """Return the same, to broadcast against `queries`. (B, 1, S)."""
        return MaskFields(*(field[..., None, :] for field in self))


def equal(a: Tensor, b: Tensor) -> Tensor:
    """Return `a == b` for integers, fast when broadcast."""
    return ~(a ^ b).bool()


def causal(q: MaskFields, k: MaskFields) -> Tensor:
    """Return the pairs of one document whose key is not later; none of padding."""
    document = torch.where(q.doc >= 0, q.doc, NEVER)
    return (k.order <= q.order) & equal(document, k.doc)


def itself(q: MaskFields, k: MaskFields) -> Tensor:
    """Return the pairs of a token with itself, padding too: no row of a mask is empty."""
    return equal(q.order, k.order) & equal(q.doc, k.doc)


def holds(clause: Clause, q: MaskFields, k: MaskFields, config: ModelConfig) -> Tensor:
    """Return the pairs of whose kinds a clause speaks and that share what it says.

    Neither the type rule nor the order is asked for.
    """
    is_query, is_key = (q.kind & clause.queries).bool(), (k.kind & clause.keys).bool()
    match clause.share:
        case Share.DOCUMENT:
            return is_key if clause.queries == ALL_KINDS else is_query & is_key
        case Share.NEAR_BAR:
            distance = (q.bar - torch.where(is_key, k.bar, _NO_BAR)).abs().clamp(max=FAR)
            offsets = sum(1 << offset for offset in set(config.cross_offsets))
            return (torch.where(is_query, offsets, 0) >> distance & 1).bool()
        case Share.BAR | Share.PART | Share.NOTE:
            of_query, of_key = (getattr(each, clause.share.name.lower()) for each in (q, k))
            return equal(
                torch.where(is_query, of_query, NEVER), torch.where(is_key, of_key, NEVER_EITHER)
            )


def type_rule(q: MaskFields, k: MaskFields) -> Tensor:
    """Return the pairs in which the query's type attends to the key's."""
    return (q.rule & k.kind).bool()


def visible(q: MaskFields, k: MaskFields, config: ModelConfig) -> Tensor:
    """Return which queries attend to which keys, by the whole table."""
    table = clauses(config)
    attends = _any_holds([clause for clause in table if not clause.by_type], q, k, config)
    by_type = [clause for clause in table if clause.by_type]
    if by_type:
        attends = attends | type_rule(q, k) & _any_holds(by_type, q, k, config)
    return (attends & causal(q, k)) | itself(q, k)


def _any_holds(table: list[Clause], q: MaskFields, k: MaskFields, config: ModelConfig) -> Tensor:
    return reduce(torch.bitwise_or, (holds(clause, q, k, config) for clause in table))


def dense_mask(inputs: Inputs, config: ModelConfig) -> Tensor:
    """Return the mask as a table: true where query (row) attends to key (column). (B, T, T)."""
    B, T = inputs.ids.shape
    mask = torch.empty(B, T, T, dtype=torch.bool, device=inputs.ids.device)
    # Row by row: the intermediate tables then stay in the processor's cache.
    for b in range(B):
        row = MaskFields.of(Inputs(*(field[b] for field in inputs)), config)
        mask[b] = visible(row.queries(), row.keys(), config)
    return mask
