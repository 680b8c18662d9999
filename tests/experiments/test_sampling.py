import json
from pathlib import Path

import pytest

from experiments import sampling
from experiments.sampling import REFERENCE, SETTINGS
from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.engine.request import ContinueRequest
from meloformer.model import MeloFormer


def test_the_default_is_among_the_settings() -> None:
    assert ContinueRequest().sampling in SETTINGS.values()


def test_every_setting_is_measured_once_and_compared_with_the_reference(
    model: MeloFormer,
    card: Card,
    shards_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sampling, "BARS", 2)
    checkpoint.save(tmp_path / "untrained", model, card)
    out = tmp_path / "results.jsonl"
    words = [str(shards_folder), "--out", str(out), "--checkpoint", str(tmp_path / "untrained")]
    words += ["--draw", "0", "--prompts", "1", "--seeds", "1", "--only"]

    def run(*settings: str) -> None:
        monkeypatch.setattr("sys.argv", ["sampling", *words, *settings])
        sampling.main()

    run(REFERENCE)
    run(REFERENCE, "wild_1.1_0.02")
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["setting"] for line in lines] == [REFERENCE, "wild_1.1_0.02"]
    assert lines[0]["truth"] == lines[1]["truth"]
    assert len(lines[0]["goals"]) == sampling.NUM_GOALS

    monkeypatch.setattr(sampling, "measure", lambda *_: pytest.fail("measured again"))
    capsys.readouterr()
    run(REFERENCE, "wild_1.1_0.02")
    told = {
        one["name"]: one["value"] for one in map(json.loads, capsys.readouterr().out.splitlines())
    }
    ratios = [line["measures"]["density ratio"][0] for line in lines]
    assert told[
        f"sampling/draw_0/wild_1.1_0.02/vs_{REFERENCE}/density ratio/value"
    ] == pytest.approx(ratios[1] - ratios[0], abs=1e-3)
