import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.data.shards import Shards, open_shards
from meloformer.evaluation.bits_per_note import model_costs, summarise
from meloformer.evaluation.infill import cut_openings
from meloformer.evaluation.report import QUICK_SHARE, ReportConfig, export, measure
from meloformer.evaluation.windows import cut_windows, sample_windows
from meloformer.model import Inputs, MeloFormer
from meloformer.tokens import Kind, annotate, bar_ends, vocabulary
from tests.evaluation.small_model import CONFIG, small_model

CONTEXT = 256


@pytest.fixture(scope="module")
def shards(shards_folder: Path) -> Shards:
    return open_shards(shards_folder / "train")


@pytest.fixture(scope="module")
def model() -> MeloFormer:
    return small_model()


def test_windows_cover_every_bar_once_and_fit_the_context(shards: Shards) -> None:
    windows = cut_windows(shards, CONTEXT)
    assert all(len(window.ids) <= CONTEXT for window in windows)
    for document in range(shards.num_documents):
        mine = [window for window in windows if window.document == document]
        bars = sum(len(bar_ends(window.ids)) for window in mine)
        assert bars == len(bar_ends(shards.document(document)))
        assert mine[-1].ids[-1] == vocabulary().id(Kind.EOS)


def test_a_bar_longer_than_the_context_is_cut(shards: Shards) -> None:
    windows = cut_windows(shards, 40)
    assert max(len(window.ids) for window in windows) == 40


def test_long_documents_can_be_thinned_evenly(shards: Shards) -> None:
    all_windows = cut_windows(shards, CONTEXT)
    few = cut_windows(shards, CONTEXT, windows_per_document=1)
    assert len(few) == shards.num_documents < len(all_windows)
    quick = sample_windows(shards, CONTEXT, 600)
    assert 600 <= sum(len(window.ids) for window in quick) < 600 + CONTEXT
    assert len({window.document for window in quick}) == len(quick)


def test_packed_windows_cost_the_same_as_alone(shards: Shards, model: MeloFormer) -> None:
    windows = cut_windows(shards, CONTEXT)[:7]
    with torch.inference_mode():
        costs = model_costs(model, windows, 2 * CONTEXT, rows=2)
        for window, cost in zip(windows, costs, strict=True):
            note = annotate(window.ids)
            logits = model(
                Inputs.from_stream(
                    window.ids, note.type, note.bar, note.onset, note.part, note.note
                )
            )[0]
            log_probability = logits.log_softmax(-1)[:-1].numpy() / np.log(2.0)
            wanted = window.ids[1:].astype(np.int64)
            expected = -log_probability[np.arange(len(wanted)), wanted]
            np.testing.assert_allclose(cost, expected, atol=1e-4)


def test_the_sum_is_over_all_tokens_and_divided_by_notes(shards: Shards) -> None:
    windows = cut_windows(shards, CONTEXT)
    costs = [np.full(len(window.ids) - 1, 2.0) for window in windows]
    result = summarise(windows, costs)
    notes = sum(one.notes for one in shards.sets)
    assert result.notes == notes
    assert result.tokens == sum(map(len, costs))
    assert result.bits_per_note == pytest.approx(2.0 * result.tokens / notes)
    assert sum(result.share.values()) == pytest.approx(result.bits_per_note)
    assert all(bits == pytest.approx(2.0) for bits in result.bits_per_token.values())
    assert result.per_set.keys() == {"band", "tune"}
    low, high = result.interval
    assert low <= result.bits_per_note <= high
    for name, (low, high) in result.share_interval.items():
        assert low <= result.share[name] <= high
    assert result.share_interval["pitch"] == (2.0, 2.0)  # two bits a pitch, a pitch a note


def test_chord_tokens_can_be_left_out_of_the_sum(shards: Shards) -> None:
    windows = cut_windows(shards, CONTEXT)
    is_chord = [vocabulary().kind[window.ids[1:]] == Kind.CHORD for window in windows]
    dear = summarise(windows, [np.where(chords, 9.0, 1.0) for chords in is_chord])
    cheap = summarise(windows, [np.where(chords, 3.0, 1.0) for chords in is_chord])
    assert dear.without_chords == cheap.without_chords
    assert dear.bits_per_token["chord"] == 9.0
    assert dear.bits_per_note - dear.share["chord"] == pytest.approx(dear.without_chords.value)
    assert dear.without_chords.low <= dear.without_chords.value <= dear.without_chords.high


def test_progress_is_told_in_rows(shards: Shards, model: MeloFormer) -> None:
    told: list[tuple[int, int]] = []
    windows = cut_windows(shards, CONTEXT)[:9]
    model_costs(model, windows, CONTEXT, on_progress=lambda done, rows: told.append((done, rows)))
    assert told[-1][0] == told[-1][1]


def test_an_exported_checkpoint_carries_its_figures_and_its_sources(
    shards_folder: Path, model: MeloFormer, tmp_path: Path
) -> None:
    card = Card(
        name="run",
        model=CONFIG,
        vocabulary=vocabulary().fingerprint,
        context_tokens=CONTEXT,
        steps=1,
        tokens_seen=2,
        data=(checkpoint.DataSource(name="band", licence="CC0", source="us", share=1.0),),
    )
    checkpoint.save(tmp_path / "in", model, card)
    config = ReportConfig(
        checkpoint=tmp_path / "in", shards=shards_folder, out=tmp_path / "assets" / "shipped"
    )
    report = export(config)
    _, shipped = checkpoint.load(tmp_path / "assets" / "shipped")
    assert shipped.name == "shipped"
    assert shipped.data == card.data
    for length, ngram in report.ngrams.items():
        assert shipped.metrics[f"bits_per_note_{length}_gram"]["tokens"] == report.model.tokens
        share = 1 - report.model.bits_per_note / ngram.bits_per_note
        assert shipped.metrics[f"improvement_over_{length}_gram"] == share
    assert list(report.ngrams) == [3, 5]
    assert report.infill is None
    again = measure(dataclasses.replace(config, checkpoint=tmp_path / "assets" / "shipped"))
    assert again.model.bits_per_note == pytest.approx(report.model.bits_per_note, rel=1e-6)
    filler = tmp_path / "filler"
    checkpoint.save(filler, model, dataclasses.replace(card, infill=True))
    infill = measure(dataclasses.replace(config, checkpoint=filler)).infill
    assert infill is not None
    openings = cut_openings(open_shards(config.shards / "held_out"), CONTEXT)
    assert (infill.pieces, infill.notes) == (len(openings), sum(one.notes for one in openings))


def test_weights_exported_in_bfloat16_take_half_the_room_and_are_those_that_were_measured(
    shards_folder: Path, model: MeloFormer, tmp_path: Path
) -> None:
    card = Card(
        name="run",
        model=CONFIG,
        vocabulary=vocabulary().fingerprint,
        context_tokens=CONTEXT,
        steps=1,
        tokens_seen=2,
    )
    whole, half = tmp_path / "in", tmp_path / "half"
    checkpoint.save(whole, model, card)
    config = ReportConfig(checkpoint=whole, shards=shards_folder, out=half, half=True)
    report = export(config)
    sizes = [(path / checkpoint.WEIGHTS).stat().st_size for path in (whole, half)]
    assert sizes[1] == pytest.approx(sizes[0] / 2, rel=0.05)
    loaded, shipped = checkpoint.load(half)
    for name, weight in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight.bfloat16().float())
    assert shipped.metrics == json.loads(json.dumps(report.to_json()))
    again = measure(dataclasses.replace(config, checkpoint=half))
    assert again.model.bits_per_note == report.model.bits_per_note


def test_a_quick_report_is_of_a_sample_and_says_so(
    shards_folder: Path, model: MeloFormer, tmp_path: Path
) -> None:
    card = Card(
        name="run",
        model=CONFIG,
        vocabulary=vocabulary().fingerprint,
        context_tokens=CONTEXT,
        steps=1,
        tokens_seen=2,
        infill=True,
    )
    checkpoint.save(tmp_path, model, card)
    told: list[tuple[str, int, int]] = []
    config = ReportConfig(checkpoint=tmp_path, shards=shards_folder)
    whole = measure(config)
    quick = measure(
        dataclasses.replace(config, quick=True), lambda *progress: told.append(progress)
    )
    windows = cut_windows(open_shards(config.shards / "held_out"), CONTEXT)
    tokens = sum(len(window.ids) - 1 for window in windows[::QUICK_SHARE])
    assert whole.infill is not None
    assert quick.infill is not None
    assert (whole.model.tokens, quick.model.tokens) == (
        sum(len(window.ids) - 1 for window in windows),
        tokens,
    )
    assert quick.infill.pieces == -(-whole.infill.pieces // QUICK_SHARE)
    assert quick.to_json()["quick"] is True
    assert "quick" not in whole.to_json()
    assert list(dict.fromkeys(phase for phase, _, _ in told)) == ["n-grams", "held-out music"]
    for phase in ("n-grams", "held-out music"):
        of_phase = [progress[1:] for progress in told if progress[0] == phase]
        total = of_phase[0][1]
        assert (of_phase[0], of_phase[-1]) == ((0, total), (total, total))
