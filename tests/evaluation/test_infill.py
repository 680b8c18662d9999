from pathlib import Path

import numpy as np
import pytest
import torch

from meloformer.data.shards import Shards, open_shards
from meloformer.engine.stream import inputs_of
from meloformer.errors import DataError
from meloformer.evaluation.bits_per_note import model_costs
from meloformer.evaluation.infill import (
    GAP_BARS,
    LEAST_BARS,
    InfillBits,
    cut_openings,
    summarise_openings,
)
from meloformer.model import MeloFormer, ModelConfig
from meloformer.tokens import Kind, bar_ends, crop, vocabulary
from meloformer.tokens.infill import leave_open

CONTEXT = 4096
CONFIG = ModelConfig(
    vocab_size=vocabulary().size, num_layers=2, dim=32, num_heads=2, num_kv_heads=1, ffn_dim=64
)


@pytest.fixture(scope="module")
def shards(shards_folder: Path) -> Shards:
    return open_shards(shards_folder / "train")


@pytest.fixture(scope="module")
def model() -> MeloFormer:
    torch.manual_seed(0)
    return MeloFormer(CONFIG).eval()


def bits(model: MeloFormer, ids: np.ndarray, counts: np.ndarray) -> float:
    """What the tokens that count cost, by one stream alone."""
    with torch.inference_mode():
        logits = model(inputs_of(ids))[0].double()
    logs = torch.log_softmax(logits[:-1], dim=1).numpy() / np.log(2)
    return float(-logs[np.arange(len(ids) - 1), ids[1:]][counts[1:]].sum())


def infill_bits(model: MeloFormer, shards: Shards) -> InfillBits:
    openings = cut_openings(shards, CONTEXT)
    both, left = (
        model_costs(model, [getattr(one, side).window for one in openings], CONTEXT)
        for side in ("both_sides", "left_alone")
    )
    return summarise_openings(openings, both, left)


def test_both_readings_cost_what_the_plain_path_says(model: MeloFormer, shards: Shards) -> None:
    vocab, rng = vocabulary(), np.random.default_rng(0)
    both, left, notes, pieces = 0.0, 0.0, 0, 0
    for document in range(shards.num_documents):
        ids = np.asarray(shards.document(document))
        num_bars = len(bar_ends(ids))
        if num_bars < GAP_BARS + 2 * LEAST_BARS:
            continue
        first = int(rng.integers(LEAST_BARS, num_bars - GAP_BARS - LEAST_BARS + 1))
        opened = leave_open(ids, first, first + GAP_BARS)[:-1]
        fill = int(np.argmax(opened == vocab.id(Kind.FILL)))
        both += bits(model, opened, np.arange(len(opened)) > fill)
        before = crop(ids, 0, first + GAP_BARS)
        in_bars = np.arange(len(before)) >= bar_ends(before)[first - 1]
        in_bars &= ~np.isin(vocab.kind[before], (Kind.METRE, Kind.TEMPO))
        left += bits(model, before, in_bars)
        notes += int((vocab.kind[before[in_bars]] == Kind.ONSET).sum())
        pieces += 1
    measured = infill_bits(model, shards)
    assert (measured.pieces, measured.notes) == (pieces, notes)
    assert measured.both_sides.value == pytest.approx(both / notes, rel=1e-5)
    assert measured.left_alone.value == pytest.approx(left / notes, rel=1e-5)
    assert measured.change.value == pytest.approx(100 * (both / left - 1), abs=1e-3)


def test_a_short_context_leaves_fewer_bars_around(shards: Shards) -> None:
    assert len(cut_openings(shards, 320)) <= len(cut_openings(shards, CONTEXT))
    with pytest.raises(DataError, match="long enough"):
        cut_openings(shards, 40)
