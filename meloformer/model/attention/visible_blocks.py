"""Which blocks of (query, key) pairs attention must compute, found without looking at pairs.

Every clause of `masks.visible` says: query and key share something (a document; a part and a type;
a bar and a type; a note), and the key is not later. So by that clause a block of queries sees a
block of keys exactly if both hold the shared thing and its earliest such key is not later than its
latest such query. Blocks are joined on what they share, as tables of a database are. The result is
exact, and takes memory for tokens and for pairs of blocks, never for pairs of tokens.

Axes: B row, T position, N block of a row, M entry.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.model.attention.rule import GLOBAL_KINDS, NOTE_KINDS, SUM_KIND, MaskFields
from meloformer.model.config import NOTE_TYPES, ModelConfig
from meloformer.model.inputs import Inputs

BLOCK = 128
"""Queries, and keys, of a block of attention."""
_REACH = 32
"""More than any distance in bars at which parts hear each other."""
_TYPES, _BARS, _BLOCKS = 1 << 3, 1 << 17, 1 << 18
"""More than there are types, bars or notes of a row, and blocks of a batch: radices of numbers."""


class Entries(NamedTuple):
    """What blocks hold: an entry for each shared thing and block, ascending. All (M,), int64."""

    shared: Tensor
    """A number for what is shared."""
    block: Tensor
    """Counted over all rows."""
    order: Tensor
    """Of the latest such query, or of the earliest such key."""

    @classmethod
    def of(cls, shared: Tensor, tokens: "Tokens", *, latest: bool) -> "Entries":
        """The entries of tokens.

        Args:
            shared: What each token shares with others. (M,).
            tokens: The tokens.
            latest: Keep the latest order of an entry, not the earliest.
        """
        distinct, entry = torch.unique(shared * _BLOCKS + tokens.block, return_inverse=True)
        order = tokens.order.new_zeros(len(distinct))
        extreme = "amax" if latest else "amin"
        order.scatter_reduce_(0, entry, tokens.order, extreme, include_self=False)
        return cls(distinct // _BLOCKS, distinct % _BLOCKS, order)

    def spread(self, steps: Tensor) -> "Entries":
        """The same at several distances from what is shared. (M * len(steps),)."""
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
        """All but the padding, which sees itself only."""
        B, T = inputs.ids.shape
        N = -(-T // block)
        device = inputs.ids.device
        side = MaskFields.of(inputs, config)
        rows = torch.arange(B, device=device)[:, None]
        fields = (
            rows * T + inputs.doc,
            inputs.bar + _REACH,
            inputs.part + 1,
            inputs.note,
            inputs.type,
            side.kind,
            side.rule,
            rows * N + torch.arange(T, device=device) // block,
            inputs.order,
        )
        is_token = inputs.doc >= 0
        return cls(*(field[is_token].long() for field in fields))

    def at(self, chosen: Tensor) -> "Tokens":
        """Some of them, by index or by a boolean for each."""
        return Tokens(*(field[chosen] for field in self))

    def of_kinds(self, kinds: int) -> "Tokens":
        """Those of a set of types."""
        return self.at((self.kind & kinds).bool())

    def bars(self) -> Tensor:
        """A number for document and bar."""
        return self.document * _BARS + self.bar


def visible_blocks(inputs: Inputs, config: ModelConfig, block: int = BLOCK) -> Tensor:
    """Which blocks of keys hold a key that a block of queries sees.

    Args:
        inputs: Rows in any layout.
        config: Whose rule is followed.
        block: Tokens of a block; the last one of a row may hold fewer.

    Returns:
        Queries, keys. (B, N, N), bool.
    """
    B, T = inputs.ids.shape
    N = -(-T // block)
    tokens = Tokens.of(inputs, config, block)
    device = inputs.ids.device
    table = torch.eye(N, dtype=torch.bool, device=device).repeat(B, 1, 1).flatten()
    for queries, keys in _clauses(tokens, config):
        first = torch.searchsorted(keys.shared, queries.shared)
        count = torch.searchsorted(keys.shared, queries.shared, right=True) - first
        query = torch.arange(len(count), device=device).repeat_interleave(count)
        passed = count.cumsum(0) - count
        key = torch.arange(len(query), device=device) + (first - passed)[query]
        seen = keys.order[key] <= queries.order[query]
        table[(queries.block[query] * N + keys.block[key] % N)[seen]] = True
    return table.view(B, N, N)


def _clauses(tokens: Tokens, config: ModelConfig) -> Iterator[tuple[Entries, Entries]]:
    """Queries and the keys they see if not later, for each clause of `masks.visible`."""
    if config.dense:
        yield _both(tokens.document, tokens, tokens.document, tokens)
        return
    notes, sums = tokens.of_kinds(NOTE_KINDS), tokens.of_kinds(SUM_KIND)
    # any_to_summary, any_to_global, summary_to_summary
    always = tokens.of_kinds((SUM_KIND if config.summaries else 0) | GLOBAL_KINDS)
    yield _both(tokens.document, tokens, always.document, always)
    if config.summaries:
        # summary_to_bar
        yield _both(sums.bars(), sums, tokens.bars(), tokens)
    # same_note
    of_note = notes.document * _BARS + notes.note
    yield _both(of_note, notes, of_note, notes)
    # type_rule: a query stands once for each type it hears.
    types = torch.tensor(NOTE_TYPES, device=tokens.rule.device)
    place, heard = (tokens.rule[:, None] >> types & 1).nonzero(as_tuple=True)
    hearers, heard = tokens.at(place), types[heard]
    # near_bar
    distances = {sign * offset for offset in config.cross_offsets for sign in (1, -1)}
    steps = torch.tensor(sorted(distances), device=types.device) * _TYPES
    queries, keys = _both(
        hearers.bars() * _TYPES + heard, hearers, notes.bars() * _TYPES + notes.type, notes
    )
    yield queries.spread(steps), keys
    # same_part
    is_note = (hearers.kind & NOTE_KINDS).bool()
    hearers, heard = hearers.at(is_note), heard[is_note]
    yield _both(_parts(hearers, config) + heard, hearers, _parts(notes, config) + notes.type, notes)


def _parts(tokens: Tokens, config: ModelConfig) -> Tensor:
    """A number for document and part, with room for a type."""
    return (tokens.document * (config.num_parts + 1) + tokens.part) * _TYPES


def _both(
    shared_of_queries: Tensor, queries: Tokens, shared_of_keys: Tensor, keys: Tokens
) -> tuple[Entries, Entries]:
    return (
        Entries.of(shared_of_queries, queries, latest=True),
        Entries.of(shared_of_keys, keys, latest=False),
    )
