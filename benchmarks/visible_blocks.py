"""Which blocks of (query, key) pairs attention must compute, found without looking at pairs.

Every clause of the rule says: query and key share something (a document; a bar; a part and a type
of key; a note), and the key is not later. So by that clause a block of queries attends to a block
of keys exactly if both hold the shared thing and its earliest such key is not later than its latest
such query. Blocks are joined on what they share, as tables of a database are. The result is exact,
and takes memory for tokens and for pairs of blocks, never for pairs of tokens.

Axes: B row, T position, N block of a row, M entry.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.errors import DataError
from meloformer.model.attention.block_bounds import BLOCK
from meloformer.model.attention.packed_fields import BAR_BITS, NOTE_BITS
from meloformer.model.attention.rule import FAR, Clause, MaskFields, Share, clauses
from meloformer.model.config import NOTE_TYPES, ModelConfig, TokenType
from meloformer.model.inputs import Inputs

# Radices of the numbers that stand for what is shared, and of those that stand for an entry.
_TYPES = 1 << (len(TokenType) - 1).bit_length()
_PLACES = 1 << max(BAR_BITS, NOTE_BITS) + 1
"""More than there are bars, with some beyond both ends, and notes of a document."""
_BLOCKS = 1 << 18
"""More than there are blocks of a batch."""


class Entries(NamedTuple):
    """What blocks hold: an entry for each shared thing and block, ascending. All (M,), int64."""

    shared: Tensor
    """A number for what is shared."""
    block: Tensor
    """Counted over all rows."""
    order: Tensor
    """Of the latest such query, or of the earliest such key."""

    def spread(self, steps: Tensor) -> "Entries":
        """Return the same at several distances from what is shared. (M * len(steps),)."""
        count = len(steps)
        return Entries(
            (self.shared[:, None] + steps).flatten(),
            self.block.repeat_interleave(count),
            self.order.repeat_interleave(count),
        )


class Tokens(NamedTuple):
    """Tokens of a batch, flat, none of them padding. All (M,), int64."""

    document: Tensor
    """Counted over all rows."""
    bar: Tensor
    """From `FAR` on, so that no bar near another has a number below 0."""
    part: Tensor
    note: Tensor
    type: Tensor
    kind: Tensor
    rule: Tensor
    block: Tensor
    """Counted over all rows."""
    order: Tensor

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig, block: int) -> "Tokens":
        """Return all but the padding, which attends to itself only."""
        B, T = inputs.ids.shape
        N = -(-T // block)
        device = inputs.ids.device
        mask_fields = MaskFields.of(inputs, config)
        rows = torch.arange(B, device=device)[:, None]
        fields = (
            rows * T + inputs.doc,
            inputs.bar + FAR,
            inputs.part + 1,
            inputs.note + 1,
            inputs.type,
            mask_fields.kind,
            mask_fields.rule,
            rows * N + torch.arange(T, device=device) // block,
            inputs.order,
        )
        is_token = inputs.doc >= 0
        return cls(*(field[is_token].long() for field in fields))

    def attended(self) -> tuple[Tensor, Tensor]:
        """Return each token once for every type it attends to in other notes, and that type."""
        types = torch.tensor(NOTE_TYPES, device=self.rule.device)
        token, place = (self.rule[:, None] >> types & 1).nonzero(as_tuple=True)
        return token, types[place]

    def shared(self, share: Share, config: ModelConfig) -> Tensor:
        """Return a number for what tokens share, the document included, with room for a type."""
        match share:
            case Share.DOCUMENT:
                number = self.document
            case Share.BAR | Share.NEAR_BAR:
                number = self.document * _PLACES + self.bar
            case Share.PART:
                number = self.document * (config.num_parts + 1) + self.part
            case Share.NOTE:
                number = self.document * _PLACES + self.note
        return number * _TYPES

    def entries(self, shared: Tensor, token: Tensor, *, latest: bool) -> Entries:
        """Return the entries of some tokens.

        Args:
            shared: What each of them shares with others. (n,).
            token: Their indices. (n,).
            latest: Keep the latest order of an entry, not the earliest.
        """
        distinct, entry = torch.unique(shared * _BLOCKS + self.block[token], return_inverse=True)
        order = self.order.new_zeros(len(distinct))
        extreme = "amax" if latest else "amin"
        order.scatter_reduce_(0, entry, self.order[token], extreme, include_self=False)
        return Entries(distinct // _BLOCKS, distinct % _BLOCKS, order)


def visible_blocks(inputs: Inputs, config: ModelConfig, block: int = BLOCK) -> Tensor:
    """Return which blocks of keys hold a key that a block of queries attends to.

    Args:
        inputs: Rows in any layout.
        config: Whose rule is followed.
        block: Tokens of a block; the last one of a row may hold fewer.

    Returns:
        Queries, keys. (B, N, N), bool.

    Raises:
        DataError: The batch is too large to be numbered.
    """
    B, T = inputs.ids.shape
    N = -(-T // block)
    if B * N > _BLOCKS or B * T * max(_PLACES, config.num_parts + 1) * _TYPES * _BLOCKS >= 1 << 63:
        raise DataError(f"a batch of {B} rows of {T} tokens is too large for one mask")
    tokens = Tokens.of(inputs, config, block)
    device = inputs.ids.device
    table = torch.eye(N, dtype=torch.bool, device=device).repeat(B, 1, 1).flatten()
    for queries, keys in _entries(tokens, config):
        first = torch.searchsorted(keys.shared, queries.shared)
        count = torch.searchsorted(keys.shared, queries.shared, right=True) - first
        query = torch.arange(len(count), device=device).repeat_interleave(count)
        passed = count.cumsum(0) - count
        key = torch.arange(len(query), device=device) + (first - passed)[query]
        is_visible = keys.order[key] <= queries.order[query]
        table[(queries.block[query] * N + keys.block[key] % N)[is_visible]] = True
    return table.view(B, N, N)


def _entries(tokens: Tokens, config: ModelConfig) -> Iterator[tuple[Entries, Entries]]:
    """Yield queries and the keys they attend to if not later, clause by clause of the rule."""
    distances = {sign * offset for offset in config.cross_offsets for sign in (1, -1)}
    steps = torch.tensor(sorted(distances), device=tokens.order.device) * _TYPES
    by_type = tokens.attended()
    for clause in _joined(clauses(config)):
        shared = tokens.shared(clause.share, config)
        (key,) = (tokens.kind & clause.keys).nonzero(as_tuple=True)
        of_keys = shared[key]
        if clause.by_type:
            is_query = (tokens.kind[by_type[0]] & clause.queries).bool()
            query, attended = (each[is_query] for each in by_type)
            of_queries = shared[query] + attended
            of_keys = of_keys + tokens.type[key]
        else:
            (query,) = (tokens.kind & clause.queries).nonzero(as_tuple=True)
            of_queries = shared[query]
        queries = tokens.entries(of_queries, query, latest=True)
        if clause.share is Share.NEAR_BAR:
            queries = queries.spread(steps)
        yield queries, tokens.entries(of_keys, key, latest=False)


def _joined(table: tuple[Clause, ...]) -> list[Clause]:
    """Return the table with clauses that differ in their keys only put together."""
    joined: dict[tuple[object, ...], Clause] = {}
    for clause in table:
        alike = (clause.queries, clause.share, clause.by_type)
        keys = joined[alike].keys if alike in joined else 0
        joined[alike] = clause._replace(keys=keys | clause.keys)
    return list(joined.values())
