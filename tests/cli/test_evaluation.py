import json
import re
from pathlib import Path

import pytest

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.cli import main, output
from meloformer.tokens import vocabulary
from tests.evaluation.small_model import CONFIG, small_model


@pytest.fixture(scope="module")
def words(shards_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command line that measures a model."""
    folder = tmp_path_factory.mktemp("model")
    card = Card(
        name="small",
        model=CONFIG,
        vocabulary=vocabulary().fingerprint,
        context_tokens=256,
        steps=1,
        tokens_seen=2,
        infill=True,
    )
    checkpoint.save(folder, small_model(), card)
    return ["evaluate", str(shards_folder), "--model", str(folder)]


def test_bits_per_note_are_told_in_lines_or_as_json(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(words)
    lines = capsys.readouterr().out.splitlines()
    assert re.match(r"\d+\.\d\d bits per note \(", lines[0])
    assert lines[-1].startswith("four bars given both sides")
    main([*words, "--quick"])
    assert "one window in 8" in capsys.readouterr().out.splitlines()[-1]
    main([*words, "--json", "--quick"])
    assert json.loads(capsys.readouterr().out)["quick"] is True


def test_where_nobody_watches_progress_is_a_few_lines(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(words)
    errors = capsys.readouterr().err
    assert "\r" not in errors
    lines = errors.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "n-grams", "n-grams", "held-out music", "held-out music"
    ]  # fmt: skip
    assert "0%" in lines[0]
    assert "100%" in lines[3]


def test_a_bar_is_told_more_often_than_its_lines_are_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with output.progress_bar(" files") as tell:
        for done in range(3, 50):
            tell(done, 49)
    first, last = capsys.readouterr().err.splitlines()
    assert "3/49" in first
    assert "49/49" in last


def test_a_study_has_no_quick_sample(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*words, "--quick", "--continuations", "1"])
    assert "--quick" in capsys.readouterr().err


def test_an_interruption_is_a_sentence(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("meloformer.evaluation.streams._read", interrupted)
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 130
    assert capsys.readouterr().err.splitlines()[-1] == "Stopped before it was done."
