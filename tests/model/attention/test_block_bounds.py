from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.visible_blocks import visible_blocks
from meloformer.model.attention.block_bounds import BlockBounds, Onsets
from meloformer.model.attention.layout import layout, row_fields, taken
from meloformer.model.attention.placement import NoteTokens, count_onset_blocks
from meloformer.model.config import NOTE_TYPES, TokenType
from meloformer.model.inputs import Inputs
from tests.model.conftest import CONFIG
from tests.model.streams import pack, random_stream, stack

TO_ONSETS = replace(CONFIG, type_rule=((TokenType.ONSET,),) * len(NOTE_TYPES))
REACH = max(CONFIG.cross_offsets)


def counted(row: Inputs) -> int:
    """Blocks of onsets in one stripe, that is in the order of the stream, as the rule has them."""
    onsets = (row.type[0] == TokenType.ONSET).nonzero()[:, 0]
    return int(visible_blocks(taken(row, onsets), TO_ONSETS).sum())


def test_the_estimate_is_never_too_low_and_seldom_much_too_high() -> None:
    rows = [
        random_stream(0, 8192),
        random_stream(1, 8192, gaps=True),
        pack(*(random_stream(seed, 1000) for seed in range(8)), padding=192),
    ]
    together = row_fields(stack(*rows))
    notes = NoteTokens.of(together)
    parts = notes.parts(together)
    (found,) = count_onset_blocks(together, notes, parts, parts.stripes((1,)), REACH)
    exact = np.array([counted(row) for row in rows])
    assert (found >= exact).all()
    assert (found <= 1.2 * exact).all()


def test_rows_without_onsets_have_no_blocks() -> None:
    onsets = Onsets(*np.ones((4, 3), np.int64))
    assert BlockBounds.of(onsets, np.array([0, 3, 0])).count_attending(0).tolist() == [0, 1, 0]


@pytest.mark.parametrize("bars", [3, 5])
def test_blocks_of_other_parts_meet_within_reach_only(bars: int) -> None:
    block = 128
    onsets = Onsets(
        np.arange(2 * block),
        np.repeat([0, bars], block),
        np.zeros(2 * block, np.int64),
        np.repeat([1, 2], block),
    )
    bounds = BlockBounds.of(onsets, np.array([2 * block]))
    assert bounds.count_attending(REACH).tolist() == [3 if bars <= REACH else 2]


def test_a_row_of_pitches_alone_stays_as_it_is() -> None:
    row = random_stream(0, 600)
    pitches = taken(row, (row.type[0] == TokenType.PITCH).nonzero()[:, 0])
    assert torch.equal(layout(pitches, CONFIG)[0], torch.arange(pitches.ids.shape[1]))
