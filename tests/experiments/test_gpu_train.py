import json
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from experiments.gpu_train import packing
from experiments.gpu_train.legs import legs
from experiments.gpu_train.measuring import device_costs
from experiments.gpu_train.packing import pack
from experiments.gpu_train.pieces import Begun, join_pieces, read_begun, write_pieces
from experiments.gpu_train.plan import Stage, read_plan, tiny
from experiments.gpu_train.training import save_fresh
from meloformer import checkpoint
from meloformer.corpus.files import read_sources
from meloformer.data.shards import open_shards
from meloformer.errors import ConfigError, DataError
from meloformer.evaluation.bits_per_note import model_costs
from meloformer.evaluation.windows import cut_windows
from meloformer.model.config import ModelConfig
from meloformer.model.transformer import MeloFormer
from meloformer.runs.config import TrainConfig
from meloformer.tokens.vocabulary import vocabulary
from meloformer.training.optimiser import rate_at
from tests.bare_image import bare_environment
from tests.model.conftest import CONFIGS

PLANS = sorted((packing.ROOT / "experiments" / "plans").glob("*.toml"))
QUICK = """
name = "quick"
question = "Does it run?"
minutes = 0.1
decay = 0.5
[[stages]]
context_tokens = 1024
rows = 64
share = 0.5
[[stages]]
context_tokens = 4096
rows = 16
share = 0.5
[train]
fill = 0.5
[shares]
band = 0.75
tune = 0.25
[measure.groups]
bands = ["band"]
"""


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "quick.toml"
    path.write_text(QUICK, encoding="utf-8")
    return path


def fresh(folder: Path, seed: int = 0) -> Path:
    save_fresh(folder, next(iter(CONFIGS.values())), seed)
    return folder


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_plan_can_be_read(path: Path) -> None:
    plan = read_plan(path)
    assert plan.name == path.stem
    assert sum(plan.shares.values()) == pytest.approx(1.0)
    sets = {name for group in plan.measure.groups.values() for name in group}
    assert plan.shares.keys() | sets == read_sources().keys()
    assert tiny(plan).minutes + tiny(plan).measure.minutes < 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("share = 0.5\n[train]", "share = 0.1\n[train]", "fall before the last stage"),
        ("minutes = 0.1", "minutes = 9.3", "do not fit"),
        ("fill = 0.5", "feel = 0.5", "no setting named feel"),
        ("fill = 0.5", "rows = 5", "rows cannot be under"),
        ("decay = 0.5", "decay = 0.5\nwhat = 1", "not understood"),
        ("decay = 0.5", 'decay = 0.5\nsize = "huge"', "no size huge"),
        ("decay = 0.5", "decay =", "cannot be read"),
        ("[train]", "[model]\nlayers = 3\n[train]", "a model has no layers"),
    ],
)
def test_a_wrong_plan_is_a_sentence(plan_file: Path, old: str, new: str, words: str) -> None:
    assert QUICK.count(old) == 1
    plan_file.write_text(QUICK.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        read_plan(plan_file)


def test_a_plan_says_in_what_it_differs_from_another(plan_file: Path) -> None:
    other = plan_file.with_name("other.toml")
    other.write_text('like = "quick"\nname = "other"\n[train]\nseed = 5\n', encoding="utf-8")
    plan, whole = read_plan(other), read_plan(plan_file)
    assert plan == replace(whole, name="other", train={"fill": 0.5, "seed": 5})
    other.write_text('like = "other"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="is like itself"):
        read_plan(other)
    other.write_text('like = "missing"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_plan(other)


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.floats(0.05, 1.0),
    st.floats(0.0, 0.99),
    st.floats(0.0, 1.0),
)
def test_legs_have_the_rates_of_the_whole_plan(shares, of_last, done, at) -> None:
    decay = of_last * shares[-1] / sum(shares)
    found = legs([Stage(context_tokens=128, rows=1, share=one) for one in shares], decay, done)
    assert found[0].begin == pytest.approx(done)
    assert found[-1].end == 1.0
    assert all(one.end == other.begin for one, other in pairwise(found))

    def config(decay: float) -> TrainConfig:
        return TrainConfig(shares={}, shards=Path(), run=Path(), warmup_steps=0, decay=decay)

    place = done + at * (1 - done)
    leg = next(one for one in found if place <= one.end)
    within = (place - leg.begin) / (leg.end - leg.begin)
    rate = leg.rate * rate_at(0, within, config(leg.decay))
    assert rate == pytest.approx(rate_at(0, place, config(decay)), abs=1e-6)


def test_weights_come_back_from_their_pieces(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("experiments.gpu_train.pieces.MAX_BYTES", 10_000)
    for number in range(3):
        whole = fresh(tmp_path / str(number), number)
        (tmp_path / "out").mkdir(exist_ok=True)
        write_pieces(whole, tmp_path / "out", Begun("plan", number / 4))
        assert read_begun(tmp_path / "out") == Begun("plan", number / 4)
        join_pieces(tmp_path / "out", tmp_path / "joined")
        model, card = checkpoint.load(tmp_path / "joined")
        expected, of_expected = checkpoint.load(whole)
        assert card == of_expected
        for one, other in zip(model.parameters(), expected.parameters(), strict=True):
            assert torch.equal(one, other.half().float())
    assert all(path.stat().st_size <= 10_000 for path in (tmp_path / "out").glob("weights-*"))
    assert len({path.stem for path in (tmp_path / "out").glob("weights-*")}) == 1


def test_what_is_killed_in_writing_leaves_the_pieces_before(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "out").mkdir()
    write_pieces(fresh(tmp_path / "0", 0), tmp_path / "out", Begun("plan", 0.25))

    def killed(path: Path, content: object) -> None:
        raise KeyboardInterrupt

    other = fresh(tmp_path / "1", 1)
    monkeypatch.setattr("experiments.gpu_train.pieces.write_json", killed)
    with pytest.raises(KeyboardInterrupt):
        write_pieces(other, tmp_path / "out", Begun("plan", 0.5))
    assert read_begun(tmp_path / "out") == Begun("plan", 0.25)
    join_pieces(tmp_path / "out", tmp_path / "joined")
    (tmp_path / "out" / "weights-a.0").write_bytes(b"another")
    with pytest.raises(DataError, match="do not belong together"):
        join_pieces(tmp_path / "out", tmp_path / "joined")
    (tmp_path / "out" / "weights-a.0").unlink()
    with pytest.raises(DataError, match="is missing"):
        join_pieces(tmp_path / "out", tmp_path / "joined")


def test_what_does_not_fit_the_plan_is_not_packed(
    tmp_path: Path, plan_file: Path, shards_folder: Path, monkeypatch
) -> None:
    plan = read_plan(plan_file)
    with pytest.raises(ConfigError, match="no weights of the plan quick"):
        pack(plan, shards_folder, tmp_path / "packed", begun=tmp_path)
    plan_file.write_text('init = "small"\n' + QUICK, encoding="utf-8")
    with pytest.raises(ConfigError, match="goes on from the checkpoint small"):
        pack(read_plan(plan_file), shards_folder, tmp_path / "packed", init=fresh(tmp_path / "a"))
    plan_file.write_text(QUICK.replace("tune =", "choir ="), encoding="utf-8")
    with pytest.raises(ConfigError, match="no set choir"):
        pack(read_plan(plan_file), shards_folder, tmp_path / "packed")
    monkeypatch.setattr(packing, "MAX_BYTES", 1000)
    with pytest.raises(DataError, match="too much to travel"):
        pack(plan, shards_folder, tmp_path / "packed")


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_a_device_reads_what_the_evaluation_reads(config: ModelConfig, shards_folder: Path) -> None:
    torch.manual_seed(0)
    model = MeloFormer(replace(config, vocab_size=vocabulary().size)).eval()
    windows = cut_windows(open_shards(shards_folder / "held_out"), 256)
    assert len(windows) > 1
    expected = model_costs(model, windows, 512)
    costs = device_costs(model, windows, 512, torch.device("cpu"))
    assert len(costs) == len(windows)
    for one, other in zip(costs, expected, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def on_bare_image(tmp_path: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a module of the experiment where there is little but torch."""
    bare = tmp_path / "bare"
    bare.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        env=bare_environment(bare) | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        cwd=packing.ROOT,
    )


@pytest.mark.slow
def test_a_plan_is_trained_measured_and_gone_on_with(
    tmp_path: Path, plan_file: Path, shards_folder: Path
) -> None:
    packed, out = tmp_path / "packed", tmp_path / "out"
    pack(read_plan(plan_file), shards_folder, packed)
    command = ("experiments.gpu_train", plan_file, "--packed", packed, "--tiny", "--out")
    first = on_bare_image(tmp_path, *command, out)
    assert first.returncode == 0, first.stdout + first.stderr
    names = {path.name for path in out.iterdir()}
    assert names == {"weights-a.0", "state.json", "metrics.jsonl", "report.json", "log.md"} or (
        names == {"weights-b.0", "state.json", "metrics.jsonl", "report.json", "log.md"}
    )
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["share_read"] == 1.0
    assert report["groups"].keys() == {"bands"}
    assert report["bits_per_note"]["per_set"].keys() == {"band", "tune"}
    log = (out / "log.md").read_text(encoding="utf-8")
    assert log.startswith("## quick\n\nDoes it run?\n")
    assert f"| bands | **{report['groups']['bands']['bits_per_note']:.3f}** |" in log
    state = json.loads((out / "state.json").read_text(encoding="utf-8"))
    assert state["done"] == 1.0
    assert state["card"]["infill"]

    begun = tmp_path / "begun"
    shutil.copytree(out, begun)
    (begun / "state.json").write_text(json.dumps(state | {"done": 0.75}), encoding="utf-8")
    pack(read_plan(plan_file), shards_folder, packed, begun=begun)
    second = on_bare_image(tmp_path, *command, tmp_path / "again")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "going on from 75 % of the plan" in second.stdout
    joined = on_bare_image(
        tmp_path, "experiments.gpu_train.join", tmp_path / "again", "--out", tmp_path / "model"
    )
    assert joined.returncode == 0, joined.stderr
    assert checkpoint.read_card(tmp_path / "model").steps > state["card"]["steps"]
