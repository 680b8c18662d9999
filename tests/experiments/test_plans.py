"""Every plan is trained and measured, as small as can be, on a corpus of a few songs."""

import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.gpu_train import packing
from experiments.gpu_train.pieces import join_pieces
from experiments.gpu_train.plan import Plan, read_plan, tiny
from experiments.gpu_train.training import Place, save_fresh, train_plan
from meloformer import checkpoint
from meloformer.errors import ConfigError
from meloformer.runs.folder import METRICS
from meloformer.tokens.vocabulary import vocabulary
from tests.model.conftest import CONFIGS

PLANS = sorted(
    path.stem
    for path in (packing.ROOT / "experiments" / "plans").glob("*.toml")
    if path.stem != "base"  # which is trained for the one that learns from it
)


def quick(name: str) -> Plan:
    """A plan that reads a few rows, however slow the machine."""
    plan = tiny(read_plan(packing.ROOT / "experiments" / "plans" / f"{name}.toml"))
    steps = min(plan.steps, 2)
    return replace(
        plan,
        minutes=1e3 if steps else 0.01,
        end_minutes=1e6,
        steps=steps,
        # Long enough for the bars in which a part is added.
        stages=tuple(replace(one, rows=1, context_tokens=1024) for one in plan.stages),
        measure=replace(plan.measure, minutes=1e3),
    )


@pytest.fixture(scope="module")
def packed(shards_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What travels, without the sets that the plans weigh; `pack` would say so."""
    folder = tmp_path_factory.mktemp("packed")
    with tarfile.open(folder / packing.SHARDS, "w:xz", preset=0) as archive:
        for side in ("train", "held_out"):
            archive.add(shards_folder / side, side)
    config = replace(next(iter(CONFIGS.values())), vocab_size=vocabulary().size)
    save_fresh(folder / packing.INIT, config, 0)
    return folder


@pytest.fixture(scope="module")
def taught_by(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the plan `base` has left."""
    folder = tmp_path_factory.mktemp("base")
    train_plan(quick("base"), Place(packed, folder / "work", folder / "out"))
    return folder / "out"


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_trained_and_measured(
    name: str, packed: Path, taught_by: Path, tmp_path: Path
) -> None:
    plan = quick(name)
    place = Place(packed, tmp_path / "work", tmp_path / "out", taught_by if plan.teacher else None)
    train_plan(plan, place)
    report = json.loads((place.out / "report.json").read_text(encoding="utf-8"))
    assert report["bits_per_note"]["bits_per_note"] > 0
    assert report["infill"] is not None
    if plan.measure.parts:
        assert report["parts"]["added"]["value"] > 0
    if plan.measure.also_context:
        assert f"windows of {plan.measure.also_context:,}" in report["groups"]
    log = (place.out / "log.md").read_text(encoding="utf-8")
    assert log.startswith(f"## {name}\n")
    join_pieces(place.out, tmp_path / "joined")
    card = checkpoint.read_card(tmp_path / "joined")
    if plan.steps:
        assert card.steps == plan.steps
    if not plan.init:
        assert card.model == plan.architecture()


@pytest.mark.slow
def test_steps_that_take_too_long_end_with_the_time(packed: Path, tmp_path: Path) -> None:
    plan = replace(quick("own_type"), steps=10**6, minutes=0.05)
    train_plan(plan, Place(packed, tmp_path / "work", tmp_path / "out"))
    state = json.loads((tmp_path / "out" / "state.json").read_text(encoding="utf-8"))
    assert state["done"] < 1
    assert 0 < state["card"]["steps"] < plan.steps
    assert (tmp_path / "out" / METRICS).exists()
    assert (tmp_path / "out" / "report.json").exists()


def test_a_plan_without_its_teacher_is_a_sentence(packed: Path, tmp_path: Path) -> None:
    place = Place(packed, tmp_path / "work", tmp_path / "out", teacher=tmp_path)
    with pytest.raises(ConfigError, match="learns from the plan base, whose weights are not in"):
        train_plan(quick("distil"), place)
