import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from meloformer.data.shards import Shards, open_shards
from meloformer.evaluation import streams
from meloformer.evaluation.bits_per_note import Costs, model_costs, summarise
from meloformer.evaluation.infill import cut_openings, summarise_openings
from meloformer.evaluation.streams import LEAST_SHARED, stream_costs
from meloformer.evaluation.windows import Window, cut_windows
from meloformer.model import MeloFormer
from tests.evaluation.small_model import small_model

CONTEXT = 1024


@pytest.fixture(scope="module")
def shards(shards_folder: Path) -> Shards:
    return open_shards(shards_folder / "train")


@pytest.fixture(scope="module")
def model() -> MeloFormer:
    return small_model()


@pytest.fixture(scope="module")
def windows(shards: Shards) -> list[Window]:
    """Windows, and openings that begin like some of them."""
    openings = cut_openings(shards, CONTEXT)
    sides = [(one.both_sides.window, one.left_alone.window) for one in openings]
    return [*cut_windows(shards, CONTEXT), *(window for pair in sides for window in pair)]


@pytest.fixture(scope="module")
def plain(model: MeloFormer, windows: list[Window]) -> Costs:
    return model_costs(model, windows, CONTEXT, rows=1)


def test_every_token_costs_what_it_costs_row_by_row(
    model: MeloFormer, windows: list[Window], plain: Costs
) -> None:
    assert max(len(window.ids) for window in windows) > 300  # some are read by selected keys
    costs = stream_costs(model, [window.ids for window in windows])
    for fast, slow in zip(costs, plain, strict=True):
        np.testing.assert_allclose(fast, slow, atol=1e-4)
    bits = [summarise(windows, one).bits_per_note for one in (costs, plain)]
    assert bits[0] == pytest.approx(bits[1], abs=1e-4)


def test_bars_between_others_cost_what_they_cost_row_by_row(
    model: MeloFormer, shards: Shards
) -> None:
    openings = cut_openings(shards, CONTEXT)
    sides = (
        [one.both_sides.window for one in openings],
        [one.left_alone.window for one in openings],
    )
    fast = summarise_openings(
        openings, *(stream_costs(model, [window.ids for window in one]) for one in sides)
    )
    slow = summarise_openings(openings, *(model_costs(model, one, CONTEXT) for one in sides))
    assert fast.notes == slow.notes
    for name in ("both_sides", "left_alone"):
        assert getattr(fast, name).value == pytest.approx(getattr(slow, name).value, abs=1e-4)


def test_any_number_of_cores_says_the_same(
    model: MeloFormer, windows: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(cores: int) -> tuple[Costs, set[str]]:
        names: set[str] = set()
        pack = streams.pack

        def noted(*arguments: object) -> object:
            names.add(threading.current_thread().name)
            assert torch.get_num_threads() == 1
            return pack(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(streams, "pack", noted)
        torch.set_num_threads(cores)
        try:
            costs = stream_costs(model, [window.ids for window in windows])
            assert torch.get_num_threads() == cores
        finally:
            torch.set_num_threads(1)
            monkeypatch.setattr(streams, "pack", pack)
        return costs, names

    (one, alone), (three, _) = read(1), read(3)
    assert len(alone) == 1
    for a, b in zip(one, three, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_streams_begin_with_alike_is_read_once(
    model: MeloFormer, windows: list[Window], plain: Costs
) -> None:
    index = max(range(len(windows)), key=lambda one: len(windows[one].ids))
    ids, cost = windows[index].ids, plain[index]
    cut = 2 * LEAST_SHARED
    other = np.append(ids[:cut], ids[1:9])
    told: list[tuple[int, int]] = []
    costs = stream_costs(
        model,
        [other, ids, ids[:cut], ids, ids[:1], ids[:0]],
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert [len(one) for one in costs] == [len(other) - 1, len(cost), cut - 1, len(cost), 0, 0]
    np.testing.assert_allclose(costs[0][: cut - 1], cost[: cut - 1], atol=1e-4)
    np.testing.assert_allclose(costs[1], cost, atol=1e-4)
    np.testing.assert_allclose(costs[2], cost[: cut - 1], atol=1e-4)
    np.testing.assert_array_equal(costs[3], costs[1])
    total = len(ids) - 1 + len(other) - cut  # the last of what is shared predicts another token
    assert (told[0], told[-1]) == ((0, total), (total, total))


def test_nothing_to_read_is_done_at_once(model: MeloFormer) -> None:
    assert stream_costs(model, []) == []


def test_memory_bounds_how_many_are_read_at_once(
    model: MeloFormer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Memory:
        available = 0

    monkeypatch.setattr("psutil.virtual_memory", Memory)
    assert streams._num_readers(model.config, 4096, 8) == 1
    Memory.available = 1 << 40
    assert streams._num_readers(model.config, 4096, 8) == 8


def test_an_interruption_leaves_the_rest_unread(model: MeloFormer, windows: list[Window]) -> None:
    told: list[int] = []

    def interrupt(done: int, total: int) -> None:
        told.append(done)
        if done:
            raise KeyboardInterrupt

    before = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt):
        stream_costs(model, [window.ids for window in windows], on_progress=interrupt)
    assert len(told) == 2
    assert torch.get_num_threads() == before
    assert not [one for one in threading.enumerate() if one.name.startswith("reader")]
