from dataclasses import replace
from pathlib import Path

import pytest
import torch

from meloformer import checkpoint
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.shards import open_shards
from meloformer.errors import ConfigError
from meloformer.model.config import TYPE_RULES
from meloformer.model.transformer import MeloFormer
from meloformer.runs.folder import Run
from meloformer.training.learner import Learner
from meloformer.training.parallel.distributed import DistributedContext
from meloformer.training.worker import train
from tests.runs.real_runs import losses, same_weights, small_config

ALONE = DistributedContext(0, 1, torch.device("cpu"))


@pytest.fixture
def teacher(small_base: Path, tmp_path: Path) -> Path:
    """Another model of the same rule, wider, and sure of what it says."""
    card = checkpoint.read_card(small_base)
    config = replace(card.model, dim=128, num_heads=2)
    torch.manual_seed(5)
    model = MeloFormer(config)
    with torch.no_grad():
        model.embed_token.weight.mul_(5)
    checkpoint.save(tmp_path / "teacher", model, replace(card, name="teacher", model=config))
    return tmp_path / "teacher"


def test_a_teacher_that_counts_for_nothing_is_none(
    shards_folder: Path, small_base: Path, teacher: Path, tmp_path: Path
) -> None:
    usual = {"shards": shards_folder, "base": small_base, "steps": 4, "evaluate_tokens": 0}
    alone = small_config(run=tmp_path / "alone", **usual)
    weighed = small_config(run=tmp_path / "taught", teacher=teacher, teacher_share=0.0, **usual)
    train(alone)
    train(weighed)
    assert losses(Run(weighed.run)) == losses(Run(alone.run))
    assert same_weights(Run(weighed.run), Run(alone.run))


def test_the_loss_is_part_the_music_s_and_part_the_teacher_s(
    shards_folder: Path, small_base: Path, teacher: Path, tmp_path: Path
) -> None:
    loader = Loader(
        open_shards(shards_folder / "train"), LoaderConfig(context_tokens=128, rows=2, seed=3)
    )
    columns = loader.columns(0)
    targets = int((loader.batch(0).targets >= 0).sum())
    found = {}
    for share in (0.0, 0.5, 1.0):
        config = small_config(
            shards=shards_folder,
            run=tmp_path,
            base=small_base,
            teacher=teacher,
            teacher_share=share,
        )
        learner = Learner(config, ALONE)
        loss = learner.train_step([learner.sender.send(columns)], targets, 0, 1.0)
        found[share] = float(loss)
    assert found[0.5] == pytest.approx((found[0.0] + found[1.0]) / 2, rel=1e-5)
    assert abs(found[1.0] - found[0.0]) > 1e-3


def test_a_model_becomes_like_its_teacher(
    shards_folder: Path, small_base: Path, teacher: Path, tmp_path: Path
) -> None:
    config = small_config(
        shards=shards_folder,
        run=tmp_path / "taught",
        base=small_base,
        steps=25,
        teacher=teacher,
        teacher_share=1.0,
        evaluate_tokens=0,
    )
    train(config)
    curve = losses(Run(config.run))
    assert curve[-1] < curve[0]


def test_a_teacher_of_another_rule_is_refused(
    shards_folder: Path, small_base: Path, teacher: Path, tmp_path: Path
) -> None:
    model, card = checkpoint.load(teacher)
    other = replace(card, model=replace(card.model, type_rule=TYPE_RULES["none"]))
    checkpoint.save(tmp_path / "other", model, other)
    config = small_config(
        shards=shards_folder, run=tmp_path / "run", base=small_base, teacher=tmp_path / "other"
    )
    with pytest.raises(ConfigError, match="teacher cannot teach this model: they differ in type"):
        train(config)
