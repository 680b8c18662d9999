import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from meloformer.data.config import LoaderConfig
from meloformer.data.loader import NOT_SCORED, Loader, make_batch, pack_row
from meloformer.data.shards import open_shards
from meloformer.errors import ConfigError, DataError
from meloformer.tokens import Kind, annotate, encode, vocabulary
from tests.data.small_corpus import small_score

CONFIG = LoaderConfig(context_tokens=256, rows=4, seed=7)


@pytest.fixture(scope="module")
def loader(shards_folder: Path) -> Loader:
    return Loader(open_shards(shards_folder / "train"), CONFIG)


def test_a_step_gives_the_same_batch_always(loader: Loader, shards_folder: Path) -> None:
    again = Loader(open_shards(shards_folder / "train"), CONFIG)
    loader.batch(0)
    for field in dataclasses.fields(loader.batch(5)):
        first, second = (getattr(one.batch(5), field.name) for one in (loader, again))
        assert torch.equal(first, second)


def test_other_steps_rows_and_seeds_give_other_music(loader: Loader, shards_folder: Path) -> None:
    other = Loader(open_shards(shards_folder / "train"), dataclasses.replace(CONFIG, seed=8))
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


def test_every_document_of_a_row_starts_with_bos_and_is_annotated_alone(loader: Loader) -> None:
    batch = loader.batch(3)
    for row in range(CONFIG.rows):
        for document in range(int(batch.doc[row].max()) + 1):
            where = batch.doc[row] == document
            ids = batch.ids[row][where].numpy()
            expected = annotate(ids)
            assert ids[0] == vocabulary().id(Kind.BOS)
            for name in ("type", "bar", "part", "note", "onset"):
                assert np.array_equal(getattr(batch, name)[row][where], getattr(expected, name))


def test_padding_is_marked_in_every_array() -> None:
    ids = encode(small_score(1)).ids
    batch = make_batch([pack_row([ids[:20], ids[:10]], 40)])
    assert (batch.ids[0, 30:] == vocabulary().id(Kind.PAD)).all()
    assert (batch.type[0, 30:] == 0).all()
    for name in ("doc", "part", "note", "targets"):
        assert (getattr(batch, name)[0, 30:] == -1).all()
    assert batch.doc[0, :30].tolist() == [0] * 20 + [1] * 10
    assert batch.order[0].tolist() == list(range(40))


def test_rows_are_nearly_full(loader: Loader) -> None:
    filled = torch.cat([loader.batch(step).doc for step in range(10)]) >= 0
    assert filled.float().mean() > 0.8


def test_pieces_are_heard_to_their_end(loader: Loader) -> None:
    ids = torch.cat([loader.batch(step).ids for step in range(10)])
    assert (ids == vocabulary().id(Kind.EOS)).sum() > 10


def test_sets_get_their_share_of_the_tokens(shards_folder: Path) -> None:
    shards = open_shards(shards_folder / "train")
    config = LoaderConfig(
        context_tokens=256, rows=4, shares={"band": 0.2, "tune": 0.8}, part_dropout=0.0
    )
    loader = Loader(shards, config)
    # Only bands have drums; about a third of a band's tokens.
    drums = vocabulary().id(Kind.PROGRAM, 128)
    share = {}
    for name, one in (("mixed", loader), ("band", Loader(shards, _only("band")))):
        ids = torch.cat([one.batch(step).ids for step in range(40)])
        share[name] = float((ids == drums).sum()) / float((ids > 0).sum())
    assert share["mixed"] / share["band"] == pytest.approx(0.2, abs=0.08)


def _only(name: str) -> LoaderConfig:
    shares = {"band": 0.0, "tune": 0.0} | {name: 1.0}
    return LoaderConfig(context_tokens=256, rows=4, shares=shares, part_dropout=0.0)


def test_shares_that_leave_nothing_are_refused(shards_folder: Path) -> None:
    config = LoaderConfig(shares={"band": 0.0, "tune": 0.0})
    with pytest.raises(DataError, match="no document set"):
        Loader(open_shards(shards_folder / "train"), config)


def test_settings_out_of_range_are_refused() -> None:
    for settings in ({"rows": 0}, {"context_tokens": 4}, {"shares": {"a": -1.0}}):
        with pytest.raises(ConfigError):
            LoaderConfig(**settings)
