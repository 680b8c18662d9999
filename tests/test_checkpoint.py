import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from meloformer import checkpoint, registry
from meloformer.checkpoint import Card, DataSource
from meloformer.data.bloom_filter import BloomFilter
from meloformer.data.known_runs import KnownRuns
from meloformer.errors import CheckpointError
from meloformer.model import MeloFormer, ModelConfig
from meloformer.tokens import vocabulary

CONFIG = ModelConfig(
    vocab_size=vocabulary().size, num_layers=2, dim=32, num_heads=2, num_kv_heads=1, ffn_dim=64
)
CARD = Card(
    name="test",
    model=CONFIG,
    vocabulary=vocabulary().fingerprint,
    context_tokens=256,
    steps=3,
    tokens_seen=1000,
    data=(DataSource(name="band", licence="CC0", source="us", share=1.0, synthetic="bass"),),
    metrics={"bits_per_note": {"bits_per_note": 9.5}},
    created="2026-01-01T00:00:00+00:00",
    limits=("It knows one style.",),
)

KNOWN = KnownRuns(8, 567, 1, BloomFilter.of(np.array([7], dtype=np.uint64), 9))


def named(card: Card, name: str) -> Card:
    return dataclasses.replace(card, name=name)


def constant_model(value: float) -> MeloFormer:
    """A model all of whose weights are one number."""
    model = MeloFormer(CONFIG)
    model.load_state_dict(
        {name: torch.full_like(one, value) for name, one in model.state_dict().items()}
    )
    return model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    checkpoint.save(tmp_path / "one", MeloFormer(CONFIG), CARD)
    return tmp_path / "one"


def change_card(folder: Path, **changes: object) -> None:
    path = folder / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(card | changes), encoding="utf-8")


def test_what_is_saved_is_what_is_loaded(folder: Path) -> None:
    torch.manual_seed(0)
    expected = MeloFormer(CONFIG).state_dict()
    model, card = checkpoint.load(folder)
    assert card == CARD
    assert not model.training
    found = model.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_a_checkpoint_is_two_files_and_leaves_nothing_beside(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["card.json", "model.safetensors"]
    checkpoint.save(folder, MeloFormer(CONFIG), CARD)
    assert [path.name for path in folder.parent.iterdir()] == ["one"]


def test_a_save_that_fails_keeps_the_old_checkpoint(folder: Path) -> None:
    bad = Card(**{**vars(CARD), "metrics": {"not": {1, 2}}})
    with pytest.raises(TypeError):
        checkpoint.save(folder, MeloFormer(CONFIG), bad)
    assert checkpoint.load(folder)[1] == CARD
    assert [path.name for path in folder.parent.iterdir()] == ["one"]


def test_a_replacement_killed_between_its_renames_is_recovered(folder: Path) -> None:
    """By whoever looks first: the list of models, the card, the weights, the next save."""
    aside = folder.with_name(".one-old")
    folder.rename(aside)
    assert [one.card for one in registry.list_models(folder.parent) if one.path == folder] == [CARD]
    folder.rename(aside)
    assert checkpoint.read_card(folder) == CARD
    folder.rename(aside)
    assert checkpoint.load(folder)[1] == CARD
    folder.rename(aside)
    checkpoint.copy(folder, folder.with_name("two"))
    assert checkpoint.load(folder.with_name("two"))[1] == CARD
    folder.rename(aside)
    checkpoint.save(folder, MeloFormer(CONFIG), named(CARD, "new"))
    assert checkpoint.read_card(folder).name == "new"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["one", "two"]


def test_half_precision_weights_are_loaded_as_float32(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "half", MeloFormer(CONFIG).half(), CARD)
    model, _ = checkpoint.load(tmp_path / "half")
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1},
        {"steps": "three"},
        {"steps": True},
        {"data": [{"name": "band"}]},
        {"data": ["band"]},
        {"limits": "none"},
        {"limits": [1]},
        {"model": {}},
        {"model": CONFIG.to_json() | {"surprise": 1}},
        {"model": CONFIG.to_json() | {"dim": "wide"}},
        {"model": CONFIG.to_json() | {"num_heads": 0}},
        {"model": CONFIG.to_json() | {"num_layers": 10**9}},
        {"model": CONFIG.to_json() | {"num_layers": 3}},
        {"model": CONFIG.to_json() | {"ffn_dim": 10**9}},
        {"vocabulary": "0123456789abcdef"},
    ],
)
def test_a_card_that_is_wrong_is_refused(folder: Path, changes: dict[str, object]) -> None:
    change_card(folder, **changes)
    with pytest.raises(CheckpointError):
        checkpoint.load(folder)


def test_cards_of_older_versions_are_read(folder: Path) -> None:
    """They say neither what they can and can't do nor what is synthetic."""
    path = folder / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    del card["infill"], card["limits"], card["data"][0]["synthetic"]
    path.write_text(json.dumps(card), encoding="utf-8")
    (source,) = CARD.data
    older = dataclasses.replace(source, synthetic="")
    assert checkpoint.read_card(folder) == dataclasses.replace(CARD, limits=(), data=(older,))


@pytest.mark.parametrize("text", ["", "[]", "{", "\xff", "{}", "null"])
def test_a_card_that_is_no_card_is_refused(folder: Path, text: str) -> None:
    (folder / "card.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(CheckpointError):
        checkpoint.load(folder)


@pytest.mark.parametrize("length", [0, 7, 100, -1])
def test_damaged_weights_are_refused(folder: Path, length: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.load(folder)


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(folder: Path) -> None:
    for name in (checkpoint.CARD, checkpoint.WEIGHTS):
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(CheckpointError, match="missing"):
            checkpoint.load(folder)
        with pytest.raises(CheckpointError, match="missing"):
            checkpoint.copy(folder, folder.with_name("copy"))
        (folder / name).unlink()
        checkpoint.save(folder, constant_model(0.5), CARD)


@pytest.mark.parametrize(
    "changes", [{"context_tokens": 10**9}, {"context_tokens": -1}, {"weights_sha256": "0" * 64}]
)
def test_a_card_that_promises_too_much_is_refused(folder: Path, changes) -> None:
    change_card(folder, **changes)
    with pytest.raises(CheckpointError):
        checkpoint.load(folder)


def test_a_card_of_brackets_is_refused(folder: Path) -> None:
    (folder / checkpoint.CARD).write_text("[" * 200_000)
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.read_card(folder)


@pytest.mark.parametrize("value", [torch.nan, torch.inf, 3e38])
def test_weights_that_are_not_numbers_are_refused(tmp_path: Path, value: float) -> None:
    model = MeloFormer(CONFIG)
    checkpoint.save(tmp_path / "one", model, CARD)
    with torch.no_grad():
        model.norm.weight[0] = value
    with pytest.raises(CheckpointError, match="not numbers"):
        checkpoint.save(tmp_path / "one", model, CARD)
    checkpoint.load(tmp_path / "one")  # is as it was
    save_file(model.state_dict(), tmp_path / "one" / checkpoint.WEIGHTS)
    change_card(tmp_path / "one", weights_sha256="")
    with pytest.raises(CheckpointError, match="not numbers"):
        checkpoint.load(tmp_path / "one")


def test_files_beyond_the_caps_are_refused_unread(folder: Path) -> None:
    with (folder / "card.json").open("r+b") as card:
        card.truncate(2 << 20)
    with pytest.raises(CheckpointError, match="more than"):
        checkpoint.load(folder)


def test_an_index_of_training_music_lies_beside_the_weights(folder: Path) -> None:
    assert checkpoint.load_known_runs(folder) is None
    assert not registry.ModelEntry("one", folder, CARD).has_copy_guard
    checkpoint.add_known_runs(folder, KNOWN)
    checkpoint.add_known_runs(folder, dataclasses.replace(KNOWN, num_pieces=1_234))
    assert registry.ModelEntry("one", folder, CARD).has_copy_guard
    card = checkpoint.read_card(folder)
    assert card.limits[:-1] == CARD.limits
    assert card.limits[-1].startswith(checkpoint.GUARDED)
    assert "more than 16 notes in a row with any one of 1,234 pieces (567 notes)" in card.limits[-1]
    checkpoint.copy(folder, folder.with_name("two"))
    for path in (folder, folder.with_name("two")):
        found = checkpoint.load_known_runs(path)
        assert found is not None
        assert (found.num_pieces, found.filter.has(7)) == (1_234, True)
        assert checkpoint.load(path)[1] == card


def test_a_damaged_index_is_refused_and_none_is_made_where_there_is_no_checkpoint(
    folder: Path,
) -> None:
    (folder / checkpoint.KNOWN_RUNS).write_bytes(b"runs")
    with pytest.raises(CheckpointError, match="index of training music"):
        checkpoint.load_known_runs(folder)
    with pytest.raises(CheckpointError, match="no checkpoint"):
        checkpoint.add_known_runs(folder.with_name("nowhere"), KNOWN)


def test_a_missing_checkpoint_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint"):
        checkpoint.load(tmp_path / "nowhere")


def test_models_are_listed_and_unreadable_ones_left_out(folder: Path) -> None:
    (folder.parent / "broken").mkdir()
    (folder.parent / "broken" / "card.json").write_text("{}", encoding="utf-8")
    listed = [entry for entry in registry.list_models(folder.parent) if entry.path == folder]
    assert [(entry.name, entry.card) for entry in listed] == [("one", CARD)]
    assert all(entry.name != "broken" for entry in registry.list_models(folder.parent))


def test_the_default_checkpoint_is_shipped_or_its_absence_explained(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "CHECKPOINTS", folder.parent)
    with pytest.raises(CheckpointError, match="missing"):
        registry.default_checkpoint()
    folder.rename(folder.with_name(registry.DEFAULT))
    assert registry.default_checkpoint() == folder.with_name(registry.DEFAULT)


def test_listing_models_does_not_load_torch() -> None:
    code = (
        "import sys, meloformer.registry as r; r.list_models(); "
        "raise SystemExit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
