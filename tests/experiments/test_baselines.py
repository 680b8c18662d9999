import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from experiments import baselines, remi_rows
from experiments.ablation import VARIANTS
from experiments.baselines import TRAINED, remi_model
from experiments.learning import learn
from experiments.remi import remi
from experiments.same_music import held_out_windows, training_rows, whole_bars
from meloformer import checkpoint
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.packing import NOT_SCORED
from meloformer.data.shards import open_shards
from meloformer.model.config import SIZES, TokenType
from meloformer.model.transformer import MeloFormer
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.score.grid import DURATION_TICKS, TEMPO_QPM, quantise
from meloformer.tokens import Kind, decode, vocabulary
from meloformer.tokens.vocabulary import METRES
from meloformer.training.worker import train
from tests.runs.real_runs import small_config

CONTEXT = 128


@pytest.fixture(scope="module")
def shards(shards_folder: Path) -> Path:
    return shards_folder


@pytest.fixture(scope="module")
def streams(shards: Path) -> list[np.ndarray]:
    loader = Loader(open_shards(shards / "train"), LoaderConfig(context_tokens=600, rows=4))
    return [one for row in next(training_rows(loader)) for one in row]


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models for tests that train; the size itself is not under test."""
    small = {"num_layers": 2, "dim": 64, "num_heads": 1, "num_kv_heads": 1, "ffn_dim": 128}
    monkeypatch.setitem(SIZES, "tiny", replace(SIZES["tiny"], **small))
    for name, variant in list(VARIANTS.items()):
        model = replace(variant.model, **small)
        monkeypatch.setitem(VARIANTS, name, replace(variant, model=model))


def one_track(notes: list[tuple[int, int, int, int]], *metres: TimeSignature, qpm=90.0) -> Score:
    tracks = (Track("", 0, False, note_array(notes)),)
    metres = metres or (TimeSignature(0, 4, 4),)
    return quantise(Score(12, tracks, (Tempo(0, qpm),), metres, 400))


def names_of(score: Score) -> list[str]:
    return [remi().names[index] for index in remi().encode(score)]


def heard(score: Score) -> Counter[tuple[int, ...]]:
    """Program, start, pitch, velocity bin and duration of every note."""
    return Counter(
        (128 if track.is_drum else track.program, start, pitch, velocity // 4, duration)
        for track in score.tracks
        for start, duration, pitch, velocity in track.notes.tolist()
    )


def said(ids: np.ndarray) -> Counter[tuple[int, ...]]:
    """The same, read from REMI tokens without MidiTok."""
    notes: list[tuple[int, ...]] = []
    bar_start = length = 0
    start = program = pitch = velocity = -1
    for name in (remi().names[index] for index in ids[1:]):
        kind, value = name.split("_")
        if kind == "Bar":
            bar_start += length
        elif kind == "TimeSig":
            numerator, denominator = map(int, value.split("/"))
            length = 48 * numerator // denominator
        elif kind == "Position":
            start = bar_start + int(value)
        elif kind == "Program":
            program = int(value) % 129  # -1 is drums
        elif kind.startswith("Pitch"):
            assert (kind == "PitchDrum") == (program == 128)
            pitch = int(value)
        elif kind == "Velocity":
            velocity = int(value) // 4
        elif kind == "Duration":
            quarters, twelfths, _ = map(int, value.split("."))
            notes.append((program, start, pitch, velocity, 12 * quarters + twelfths))
    return Counter(notes)


def test_remi_says_every_note_of_the_music(streams: list[np.ndarray]) -> None:
    assert len(streams) > 3
    for ids in streams:
        assert said(remi().encode(decode(ids))) == heard(decode(ids))


@pytest.mark.parametrize("metre", [(4, 4), (6, 8), (2, 2), (7, 16), (12, 8)])
def test_remi_counts_in_twelfths_of_a_quarter_in_every_metre(metre: tuple[int, int]) -> None:
    notes = [(start, 5, 60, 66) for start in range(40)]
    score = one_track(notes, TimeSignature(0, *metre))
    assert said(remi().encode(score)) == heard(score)


def test_remi_follows_a_change_of_metre() -> None:
    notes = [(start, 6, 60, 66) for start in range(0, 150, 6)]
    score = one_track(notes, TimeSignature(0, 4, 4), TimeSignature(48, 6, 8))
    assert said(remi().encode(score)) == heard(score)
    assert names_of(score).count("TimeSig_6/8") == 3


def test_remi_knows_all_that_is_on_the_grid() -> None:
    for duration in DURATION_TICKS.tolist():
        assert len(said(remi().encode(one_track([(0, duration, 60, 66)])))) == 1
    for velocity_bin in range(32):
        score = one_track([(0, 1, 60, 4 * velocity_bin + 2)])
        assert said(remi().encode(score)) == heard(score)
    tempos = {names_of(one_track([(0, 1, 60, 66)], qpm=qpm))[4] for qpm in TEMPO_QPM}
    assert len(tempos) == len(TEMPO_QPM)
    for numerator, denominator in METRES:
        metre = TimeSignature(0, numerator, denominator)
        assert (
            names_of(one_track([(0, 1, 60, 66)], metre))[2]
            == f"TimeSig_{metre.numerator}/{denominator}"
        )


def test_remi_has_as_few_tokens_as_it_can() -> None:
    kinds = Counter(remi_rows.kinds().tolist())
    assert kinds["Duration"] == len(DURATION_TICKS)
    assert kinds["Position"] == 96
    assert kinds["Velocity"] == kinds["Tempo"] == 32
    assert kinds["Pitch"] == kinds["PitchDrum"] == 128
    assert kinds["Program"] == 129
    assert kinds["TimeSig"] == len(METRES)


def test_rows_tell_the_network_where_each_token_stands() -> None:
    score = one_track([(0, 1, 60, 66), (54, 1, 62, 66)])
    ids = remi().encode(score)
    batch = remi_rows.pack([[ids, ids], [ids]])
    length = len(ids)
    assert batch.ids.shape == (2, 2 * length)
    names = [remi().names[index] for index in ids]
    facts = zip(names, batch.bar[1].tolist(), batch.onset[1].tolist(), batch.part[1].tolist())  # noqa: B905
    told = {name: fact for name, *fact in facts}
    assert told["Pitch_60"] == [0, 0, 0]
    assert told["Pitch_62"] == [1, 6, 0]
    assert told["Position_6"] == [1, 6, -1]
    assert told["Bar_None"] == [1, 0, -1]
    assert batch.doc[0].tolist() == [0] * length + [1] * length
    assert batch.targets[0, :length].tolist() == [*ids[1:].tolist(), NOT_SCORED]
    assert set(batch.targets[1, length:].tolist()) == {NOT_SCORED}
    assert set(batch.type[1, length:].tolist()) == {TokenType.PAD}
    assert torch.equal(batch.order[0], torch.arange(2 * length))


def test_what_the_network_is_told_does_not_look_ahead(streams: list[np.ndarray]) -> None:
    ids = remi().encode(decode(streams[0]))
    whole = remi_rows.pack([[ids]]).inputs
    for stop in range(1, len(ids), 7):
        start = remi_rows.pack([[ids[:stop]]]).inputs
        for one, other in zip(start, whole.slice(0, stop), strict=True):
            assert torch.equal(one, other)


def test_a_stream_costs_the_same_in_a_row_with_others(streams: list[np.ndarray]) -> None:
    torch.manual_seed(0)
    model = MeloFormer(remi_model()).eval()
    for block in model.layers:  # fresh ones add nothing
        torch.nn.init.normal_(block.attention.out.weight, std=0.3)
    two = [remi().encode(decode(ids)) for ids in streams[:2]]
    alone = remi_rows.costs(model, two)
    with torch.inference_mode():
        batch = remi_rows.pack([two])
        logits = model(batch.inputs)[0].log_softmax(-1)
    bits = -logits.gather(1, batch.targets[0].clamp(min=0)[:, None])[:, 0].numpy() / np.log(2)
    first = len(two[0])
    np.testing.assert_allclose(alone[0], bits[: first - 1], atol=1e-4)
    np.testing.assert_allclose(alone[1], bits[first:-1], atol=1e-4)


def test_rows_end_with_bars(shards: Path, streams: list[np.ndarray]) -> None:
    ends = (vocabulary().id(Kind.SUM), vocabulary().id(Kind.EOS))
    assert all(ids[-1] in ends for ids in streams)
    assert len(whole_bars(streams[0][:5])) == 1
    document = open_shards(shards / "train").document(0)
    np.testing.assert_array_equal(whole_bars(document), document)


def test_windows_are_whole_bars_and_as_many_notes_in_both_tokens(shards: Path) -> None:
    windows = held_out_windows(open_shards(shards / "held_out"), CONTEXT)
    assert windows
    for window in windows:
        onsets = np.count_nonzero(vocabulary().kind[window.ids] == Kind.ONSET)
        assert said(remi().encode(decode(window.ids))).total() == onsets


@pytest.mark.slow
@pytest.mark.usefixtures("_small")
def test_the_loop_makes_the_steps_of_the_trainer(shards: Path, tmp_path: Path) -> None:
    config = small_config(shards, tmp_path / "run", steps=4, size="tiny", evaluate_tokens=0)
    last = train(config)
    settings = LoaderConfig(
        context_tokens=config.context_tokens, rows=config.rows, shares=config.shares
    )
    loader = Loader(open_shards(shards / "train"), settings)
    model, tokens = learn(SIZES["tiny"], config, loader.batches())
    assert tokens == checkpoint.read_card(last).tokens_seen
    expected = load_file(last / checkpoint.WEIGHTS)
    assert all(torch.equal(expected[name], value) for name, value in model.state_dict().items())


@pytest.mark.slow
@pytest.mark.usefixtures("_small")
def test_every_model_is_measured_once_on_the_same_notes_and_compared(
    shards: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(baselines, "CONTEXT_TOKENS", CONTEXT)
    monkeypatch.setattr(baselines, "ROWS", 2)
    command = ["baselines", str(shards), "--out", str(tmp_path), "--steps", "2"]
    monkeypatch.setattr("sys.argv", command)
    baselines.main()
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [line["model"] for line in lines] == ["3_gram", "5_gram", *TRAINED]
    assert len({line["notes"] for line in lines}) == 1
    assert len({len(line["piece_bits"]) for line in lines}) == 1
    for line in lines:
        assert sum(line["share"].values()) == pytest.approx(line["bits_per_note"])
        assert sum(line["piece_bits"]) / line["notes"] == pytest.approx(line["bits_per_note"])

    monkeypatch.setattr(baselines, "measure_trained", lambda *_: pytest.fail("measured again"))
    monkeypatch.setattr(baselines, "measure_counted", lambda *_: pytest.fail("counted again"))
    capsys.readouterr()
    baselines.main()
    told = {
        one["name"]: one["value"]
        for one in map(json.loads, capsys.readouterr().out.split("\n")[:-1])
    }
    bits = {line["model"]: line["bits_per_note"] for line in lines}
    for other in bits.keys() - {"own_type"}:
        value = told[f"baselines/own_type/vs_{other}/value"]
        assert value == pytest.approx(100 * (bits["own_type"] / bits[other] - 1), abs=1e-3)
    value = told["baselines/dense/vs_remi/value"]
    assert value == pytest.approx(100 * (bits["dense"] / bits["remi"] - 1), abs=1e-3)
