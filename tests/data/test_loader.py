import dataclasses
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from meloformer.data.columns import Ints
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.packing import NOT_SCORED, Batch
from meloformer.data.shards import Shards, open_shards
from meloformer.errors import ConfigError
from meloformer.model.attention.placement import RowFields
from meloformer.model.config import SIZES, ModelConfig
from meloformer.tokens import Cursor, Kind, State, vocabulary
from meloformer.tokens.infill import part_of_each

CONFIG = LoaderConfig(context_tokens=256, rows=4, seed=7)
AS_IS = dataclasses.replace(
    CONFIG, transpose=(0, 0), velocity_jitter=0, tempo_jitter=0, part_dropout=0.0
)


@pytest.fixture(scope="module")
def shards(shards_folder: Path) -> Shards:
    return open_shards(shards_folder / "train")


@pytest.fixture(scope="module")
def loader(shards: Shards) -> Loader:
    return Loader(shards, CONFIG)


def same(first: Batch, second: Batch) -> bool:
    names = [field.name for field in dataclasses.fields(Batch)]
    return all(torch.equal(getattr(first, name), getattr(second, name)) for name in names)


def streams(batch: Batch) -> Iterator[np.ndarray]:
    """The ids of every document of every row."""
    for ids, doc in zip(batch.ids, batch.doc, strict=True):
        for document in range(int(doc.max()) + 1):
            yield ids[doc == document].numpy().astype(np.uint16)


def epoch_streams(loader: Loader, rows: int) -> Iterator[np.ndarray]:
    for step in range(-(-loader.rows_per_epoch // rows)):
        yield from streams(loader.batch(step))


def read(ids: np.ndarray) -> Cursor:
    """Where a cursor is after a stream, of which every token may come where it comes."""
    cursor = Cursor()
    for token in ids.tolist():
        cursor.advance(token)
    return cursor


def test_a_step_gives_the_same_batch_always(loader: Loader, shards: Shards) -> None:
    far = 3 * loader.rows_per_epoch
    forward = [loader.batch(step) for step in (0, 5, far)]
    again = Loader(shards, CONFIG)
    backward = [again.batch(step) for step in (far, 5, 0)][::-1]
    assert all(map(same, forward, backward))


def test_other_steps_rows_and_seeds_give_other_music(loader: Loader, shards: Shards) -> None:
    other = Loader(shards, dataclasses.replace(CONFIG, seed=8))
    ids = loader.batch(0).ids
    assert not torch.equal(ids, loader.batch(1).ids)
    assert not torch.equal(ids, other.batch(0).ids)
    assert not torch.equal(ids[0], ids[1])


def test_targets_are_the_next_token_of_the_same_document(loader: Loader) -> None:
    batch = loader.batch(2)
    same = (batch.doc[:, 1:] == batch.doc[:, :-1]) & (batch.doc[:, 1:] >= 0)
    assert torch.equal(batch.targets[:, :-1][same], batch.ids[:, 1:][same])
    assert (batch.targets[:, :-1][~same] == NOT_SCORED).all()
    assert (batch.targets[:, -1] == NOT_SCORED).all()


def test_every_document_of_a_row_is_a_stream(loader: Loader) -> None:
    for ids in epoch_streams(loader, CONFIG.rows):
        read(ids)


def test_rows_are_nearly_full(loader: Loader) -> None:
    filled = torch.cat([loader.batch(step).doc for step in range(10)]) >= 0
    assert filled.float().mean() > 0.85


def test_an_epoch_holds_nearly_all_of_the_corpus_and_another_the_rest(shards: Shards) -> None:
    one_row = dataclasses.replace(AS_IS, rows=1)
    loader = Loader(shards, one_row)
    notes = sum(one.notes for one in shards.sets)
    onsets = [
        sum(int((loader.batch(step).type == 4).sum()) for step in steps)
        for steps in (range(loader.rows_per_epoch), range(loader.rows_per_epoch * 2))
    ]
    assert onsets[0] == pytest.approx(notes, rel=0.1)
    assert onsets[1] == pytest.approx(2 * notes, rel=0.1)
    starts = Counter(tuple(ids[:40]) for ids in epoch_streams(loader, 1))
    openings = {tuple(shards.document(index)[:40]) for index in range(shards.num_documents)}
    assert len(openings & starts.keys()) > 0.5 * len(openings)


def test_pieces_are_heard_to_their_end(loader: Loader, shards: Shards) -> None:
    ends = sum(ids[-1] == vocabulary().id(Kind.EOS) for ids in epoch_streams(loader, CONFIG.rows))
    assert ends > 0.5 * shards.num_documents


def test_sets_get_their_share_of_the_tokens(shards: Shards) -> None:
    config = dataclasses.replace(AS_IS, shares={"band": 0.2, "tune": 0.8})
    loader = Loader(shards, config)
    drums = vocabulary().id(Kind.PROGRAM, 128)  # only bands have them
    tokens: Counter[bool] = Counter()
    for step in range(5 * loader.rows_per_epoch // config.rows):
        for ids in streams(loader.batch(step)):
            tokens[drums in ids] += len(ids)
    assert tokens[True] / tokens.total() == pytest.approx(0.2, abs=0.06)


def test_ranks_share_the_rows_of_one_process(shards: Shards) -> None:
    whole = Loader(shards, dataclasses.replace(CONFIG, rows=6))
    ranks = [
        Loader(shards, dataclasses.replace(CONFIG, rows=2), rank=rank, world_size=3)
        for rank in range(3)
    ]
    for step in (0, 4, whole.rows_per_epoch):
        batch = whole.batch(step)
        for rank, loader in enumerate(ranks):
            assert torch.equal(loader.batch(step).ids, batch.ids[rank::3])


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_any_number_of_workers_makes_the_same_batches(loader: Loader, workers: int) -> None:
    first = loader.rows_per_epoch // CONFIG.rows - 2  # over the end of an epoch
    batches = loader.batches(first, workers)
    for step, batch in enumerate(islice(batches, 5), start=first):
        assert same(batch, loader.batch(step))


def test_a_loader_is_sent_without_its_tokens(loader: Loader) -> None:
    sent = pickle.dumps(loader)
    assert same(pickle.loads(sent).batch(3), loader.batch(3))
    assert len(sent) < 2 * loader.rows._ids.nbytes // 3


@pytest.mark.parametrize("context_tokens", [128, 256, 1024])
def test_fill_samples_are_whole_streams_and_fit(shards: Shards, context_tokens: int) -> None:
    config = dataclasses.replace(AS_IS, context_tokens=context_tokens, fill=1.0)
    filled = 0
    for ids in epoch_streams(Loader(shards, config), config.rows):
        cursor = read(ids)
        if vocabulary().id(Kind.FILL) in ids:
            filled += 1
            assert cursor.state == State.END
    assert filled > 5


@pytest.mark.parametrize(
    "settings",
    [
        {"fill": 1.0, "near_gaps": 1.0, "gap_bars": 3},
        {"fill": 1.0, "open_part": 1.0},
        {"late_part": 1.0},
        {"fill": 0.5, "near_gaps": 0.5, "open_part": 0.5, "late_part": 0.5, "part_dropout": 0.5},
    ],
)
def test_samples_of_every_kind_are_streams_and_fill_their_rows(
    shards: Shards, settings: dict[str, float]
) -> None:
    config = dataclasses.replace(CONFIG, context_tokens=1024, **settings)
    loader = Loader(shards, config)
    for ids in epoch_streams(loader, config.rows):
        read(ids)
    filled = torch.cat([loader.batch(step).doc for step in range(10)]) >= 0
    assert filled.float().mean() > 0.65


def test_near_gaps_make_more_streams_of_a_row_and_more_of_them_have_gaps(shards: Shards) -> None:
    fill = vocabulary().id(Kind.FILL)

    def filled(near_gaps: float) -> int:
        config = dataclasses.replace(
            AS_IS, context_tokens=1024, fill=1.0, near_gaps=near_gaps, gap_bars=2
        )
        return sum(fill in ids for ids in epoch_streams(Loader(shards, config), config.rows))

    assert filled(1.0) > 1.2 * filled(0.0)


def test_fill_samples_come_at_the_rate_asked_for(shards: Shards) -> None:
    config = dataclasses.replace(CONFIG, context_tokens=1024, fill=0.3)
    loader = Loader(shards, config)
    fills = [
        vocabulary().id(Kind.FILL) in ids
        for step in range(40)
        for ids in streams(loader.batch(step))
    ]
    assert np.mean(fills) == pytest.approx(0.3, abs=0.1)


def test_a_crop_that_loses_a_part_still_fills_its_row(shards: Shards) -> None:
    config = dataclasses.replace(CONFIG, part_dropout=1.0)
    loader = Loader(shards, config)
    padding = torch.cat([loader.batch(step).doc for step in range(10)]) < 0
    parts = [len(np.unique(part_of_each(ids))) - 1 for ids in epoch_streams(loader, config.rows)]
    assert padding.float().mean() < 0.2
    assert max(parts) == 2


@pytest.mark.parametrize("module", ["loader", "made_ahead"])
def test_nothing_but_torch_and_numpy_is_needed(module: str) -> None:
    """And of what makes batches ahead, no torch."""
    program = (
        f"import sys, meloformer.data.{module}\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    others = {"mido", "symusic", "pretty_midi", "scipy", "safetensors", "tyro", "gradio", "numba"}
    if module == "made_ahead":
        others.add("torch")
    assert not others & set(found.stdout.split())


def test_settings_out_of_range_are_refused() -> None:
    for settings in (
        {"rows": 0},
        {"context_tokens": 4},
        {"shares": {"a": -1.0}},
        {"fill": 1.5},
        {"opening": -0.1},
    ):
        with pytest.raises(ConfigError):
            LoaderConfig(**settings)


def backwards(rows: RowFields, config: ModelConfig) -> Ints:
    """A layout as good as any; pieces as short as here would be left in the order of the stream."""
    return rows.order[:, ::-1]


def test_a_row_laid_out_holds_the_same_tokens_and_targets_elsewhere(
    shards: Shards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meloformer.data.rows.places", backwards)
    rows = Loader(shards, CONFIG).batch(3)
    laid_out = Loader(shards, dataclasses.replace(CONFIG, layout=SIZES["tiny"])).batch(3)
    names = [field.name for field in dataclasses.fields(Batch)]
    assert not same(rows, laid_out)
    assert same(rows, Batch(*(getattr(laid_out, name).flip(1) for name in names)))
