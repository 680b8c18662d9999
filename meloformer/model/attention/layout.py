"""The order in which a row lies in memory, so that pairs the mask hides make up whole blocks.

The type rule links few pairs of types: sorted by type, most pairs of groups hold no visible pair.
Within a group, time order leaves a triangle. Parts laid in stripes, each in time order, leave a
small triangle for each stripe and, as parts attend to each other near by only, a thin band between
two: the more stripes the smaller the triangles and the more bands. Globals and summaries, which all
attend to, form a group of their own.

Notes lie in the same order in all four groups, so that the pairs within a note form a diagonal; the
groups start at the same place of a block, so that it goes through few blocks. Groups are filled up
to whole blocks with padding, then with the latest globals, to which few tokens attend.

Nothing is ever put back: positions are musical, the mask compares `Inputs.order`, and targets move
along.

Axes: B row, T position.
"""

from dataclasses import replace

import torch
from torch import Tensor

from meloformer.model.attention.visible_blocks import BLOCK, visible_blocks
from meloformer.model.config import NOTE_TYPES, ModelConfig, TokenType
from meloformer.model.inputs import Inputs

STRIPES = (1, 2, 3, 4, 6)
"""How many stripes of parts are tried."""

_GLOBALS, _PADDING = 0, len(NOTE_TYPES) + 1


def layout(inputs: Inputs, config: ModelConfig) -> Tensor:
    """Return which token lies where, for each row the choice with the fewest blocks.

    Args:
        inputs: Rows in the order of the stream.
        config: Whose rule is followed.

    Returns:
        Position in `inputs` of each token of the row as it is to lie. (B, T), int64.
    """
    rows = (Inputs(*(field[b : b + 1] for field in inputs)) for b in range(len(inputs.ids)))
    return torch.stack([_layout_of_row(row, config) for row in rows])


def _layout_of_row(row: Inputs, config: ModelConfig) -> Tensor:
    """(T,)."""
    natural = row.order[0].argsort()
    if config.dense or not (row.note >= 0).any():
        return natural
    # The four groups are laid out alike, so onsets alone tell which number of stripes is best.
    candidates = [striped(row, stripes) for stripes in STRIPES]
    to_onsets = replace(config, type_rule=((TokenType.ONSET,),) * len(NOTE_TYPES))
    best = min(candidates, key=lambda one: _count(_onsets(taken(row, one)), to_onsets))
    # Where documents are short, a block holds several, and sorting only scatters them. In the order
    # of the stream nearly all blocks are computed that causality allows.
    in_order = _count(taken(row, natural), replace(config, dense=True))
    return best if _count(taken(row, best), config) < in_order else natural


def _count(row: Inputs, config: ModelConfig) -> int:
    return int(visible_blocks(row, config).sum())


def _onsets(row: Inputs) -> Inputs:
    return taken(row, (row.type[0] == TokenType.ONSET).nonzero()[:, 0])


def taken(row: Inputs, positions: Tensor) -> Inputs:
    """Return the tokens of a single row at some positions, in their order. (1, len(positions))."""
    return Inputs(*(field[:, positions] for field in row))


def striped(row: Inputs, stripes: int) -> Tensor:
    """Return a single row by type group, document, stripe of parts, and time.

    Args:
        row: In any order. (1, T).
        stripes: Into how many the parts of each document are gathered.

    Returns:
        Position in `row` of each token as it is to lie. (T,).
    """
    type, doc, order = row.type[0], row.doc[0], row.order[0]
    group = (type - NOTE_TYPES[0] + 1).clamp(min=_GLOBALS)
    group[doc < 0] = _PADDING
    stripe = _stripes(row, stripes)
    key = (group * (len(doc) + 1) + doc + 1) * stripes + stripe
    by_time = order.argsort()
    positions = by_time[key[by_time].argsort(stable=True)]
    sizes: list[int] = torch.bincount(group, minlength=_PADDING + 1).tolist()
    return _aligned(list(torch.split(positions, sizes)), order)


def _stripes(row: Inputs, stripes: int) -> Tensor:
    """Return the stripe of each note token, else 0. (T,).

    Large parts come first, and each goes to the emptiest stripe.
    """
    doc, part = row.doc[0], row.part[0]
    is_note = row.note[0] >= 0
    stripe = torch.zeros_like(part)
    if stripes == 1:
        return stripe
    num_parts = int(part.max()) + 1
    parts, place, counts = torch.unique(
        (doc * num_parts + part)[is_note], return_inverse=True, return_counts=True
    )
    stripe_of = torch.zeros_like(parts)
    filled: dict[int, list[int]] = {}
    for index in counts.argsort(descending=True).tolist():
        loads = filled.setdefault(int(parts[index]) // num_parts, [0] * stripes)
        emptiest = loads.index(min(loads))
        loads[emptiest] += int(counts[index])
        stripe_of[index] = emptiest
    stripe[is_note] = stripe_of[place]
    return stripe


def _aligned(groups: list[Tensor], order: Tensor) -> Tensor:
    """Return groups one after the other, those of the note types whole numbers of blocks apart.

    Args:
        groups: Positions of globals, of the four note types, and of padding.
        order: Of all positions.
    """
    all_globals, *notes, padding = groups
    missing = [-len(group) % BLOCK for group in notes[:-1]]
    all_globals = all_globals[order[all_globals].argsort()]
    fillers = torch.cat([padding, all_globals.flip(0)])
    if len(fillers) < sum(missing):
        return torch.cat(groups)
    num_moved = max(sum(missing) - len(padding), 0)
    laid = [all_globals[: len(all_globals) - num_moved]]
    between = [*torch.split(fillers[: sum(missing)], missing), padding[sum(missing) :]]
    for group, filler in zip(notes, between, strict=True):
        laid += [group, filler]
    return torch.cat(laid)
