from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.visible_blocks import visible_blocks
from meloformer.data.packing import Batch
from meloformer.data.packing import pack as pack_ids
from meloformer.model.attention.block_bounds import BLOCK
from meloformer.model.attention.layout import layout, row_fields, taken
from meloformer.model.attention.placement import STRIPES
from meloformer.model.attention.placement import striped as places_in_stripes
from meloformer.model.config import NOTE_TYPES, TYPE_RULES, ModelConfig
from meloformer.model.inputs import Inputs
from tests.model.conftest import CONFIG, loud_model
from tests.model.real_rows import example, real_rows
from tests.model.rows import random_rows
from tests.model.streams import pack, permute, random_stream, stack


def laid_out(rows: Inputs, config: ModelConfig) -> Inputs:
    places = layout(rows, config)
    return Inputs(*(field.gather(1, places) for field in rows))


def striped(row: Inputs, stripes: int) -> torch.Tensor:
    return torch.from_numpy(places_in_stripes(row_fields(row), stripes)[0])


def computed(row: Inputs, config: ModelConfig) -> int:
    return int(visible_blocks(row, config).sum())


@pytest.mark.parametrize("stripes", [1, 2, 5])
def test_every_token_has_a_place(stripes: int) -> None:
    for rows in (random_rows(), real_rows()):
        for b in range(len(rows.ids)):
            places = striped(Inputs(*(field[b : b + 1] for field in rows)), stripes)
            assert torch.equal(places.sort().values, torch.arange(rows.ids.shape[1]))


def test_notes_lie_alike_in_all_groups_and_groups_whole_blocks_apart() -> None:
    rows = random_stream(0, 2000)
    laid = taken(rows, striped(rows, 3))
    whole = laid.note < laid.note.max()  # the last may be cut
    notes = [laid.note[whole & (laid.type == kind)] for kind in NOTE_TYPES]
    starts = [int((laid.type[0] == kind).nonzero()[0]) for kind in NOTE_TYPES]
    assert all(torch.equal(group, notes[0]) for group in notes)
    assert all((start - starts[0]) % BLOCK == 0 for start in starts)


def test_a_stripe_holds_whole_parts_in_the_order_of_the_stream() -> None:
    rows = random_stream(0, 2000)
    laid = taken(rows, striped(rows, 2))
    onsets = laid.type[0] == NOTE_TYPES[0]
    order, part = laid.order[0, onsets], laid.part[0, onsets]
    (turn,) = (order.diff() < 0).nonzero()[:, 0].tolist()
    first, second = set(part[: turn + 1].tolist()), set(part[turn + 1 :].tolist())
    assert first
    assert second
    assert not first & second


def test_padding_and_the_latest_globals_fill_up_groups() -> None:
    rows = random_stream(0, 2000).padded(2048)
    laid = taken(rows, striped(rows, 1))
    kinds = laid.type[0].tolist()
    last_note = max(t for t, kind in enumerate(kinds) if kind in NOTE_TYPES)
    between = [t for t, kind in enumerate(kinds) if kind not in NOTE_TYPES and t < last_note]
    first_note = min(t for t, kind in enumerate(kinds) if kind in NOTE_TYPES)
    fillers = [laid.order[0, t].item() for t in between if t > first_note]
    kept = [laid.order[0, t].item() for t in between if t < first_note]
    assert min(fillers) > max(kept)


def test_about_as_few_blocks_are_computed_as_with_the_best_of_all_choices_counted_exactly() -> None:
    """The plain chooser: every number of stripes, and none, with all blocks of all types."""
    chosen = best = 0
    for row in rows_of_music():
        for rule in ("own_type", "target_ll"):
            config = replace(CONFIG, type_rule=TYPE_RULES[rule])
            chosen += computed(laid_out(row, config), config)
            choices = [row, *(taken(row, striped(row, stripes)) for stripes in STRIPES)]
            best += min(computed(choice, config) for choice in choices)
    assert best <= chosen < 1.03 * best


def test_rows_are_laid_out_alike_alone_and_together_in_any_order() -> None:
    rows = stack(*rows_of_music())
    together = laid_out(rows, CONFIG)
    shuffled = torch.randperm(rows.ids.shape[1], generator=torch.Generator().manual_seed(0))
    again = laid_out(permute(rows, shuffled), CONFIG)
    for number, row in enumerate(rows_of_music()):
        alone = laid_out(row, CONFIG)
        for name in Inputs._fields:
            field = getattr(together, name)[number]
            assert torch.equal(field, getattr(alone, name)[0])
            assert torch.equal(field, getattr(again, name)[number])


def rows_of_music() -> list[Inputs]:
    """One piece, one with gaps filled, several, short ones, and the longest example."""
    several = pack(*(random_stream(seed, 900) for seed in range(3)), padding=1396)
    short = pack(*(random_stream(seed, 137) for seed in range(29)), padding=123)
    pieces = np.concatenate([example(name) for name in ("band", "choir", "piano", "jig")])
    music = Batch(*pack_ids([[pieces[:4096]]], 4096)).inputs
    return [random_stream(0, 4096), random_stream(1, 4096, gaps=True), several, short, music]


def test_fewer_blocks_are_computed_than_in_the_order_of_the_stream() -> None:
    rows = random_stream(0, 8192)
    for name, most in (("target_ll", 0.75), ("spec", 0.7)):
        config = replace(CONFIG, type_rule=TYPE_RULES[name])
        natural = int(visible_blocks(rows, config).sum())
        assert int(visible_blocks(laid_out(rows, config), config).sum()) < most * natural


def test_where_nothing_is_gained_the_stream_stays_as_it_is() -> None:
    short = pack(*(random_stream(seed, 200) for seed in range(10)))
    padding = short.padded(2048).slice(2000)
    dense = replace(CONFIG, dense=True)
    for rows, config in ((short, CONFIG), (padding, CONFIG), (random_stream(0, 2000), dense)):
        assert torch.equal(layout(rows, config)[0], torch.arange(rows.ids.shape[1]))


@torch.no_grad()
def test_the_layout_changes_no_logit() -> None:
    model = loud_model()
    rows = random_rows(1024)
    places = layout(rows, model.config)
    natural = model(rows)
    moved = model(laid_out(rows, model.config))
    expected = natural.gather(1, places[..., None].expand_as(natural))
    torch.testing.assert_close(moved, expected, atol=2e-5, rtol=1e-5)
