"""`meloformer continue`, the Compose tab's twin in the shell."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from meloformer import checkpoint
from meloformer.cli import main
from meloformer.score import bar_grid, read_midi

BAND = Path("assets/examples/band.mid")


@pytest.fixture(scope="module")
def trained(model, card, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "filler"
    checkpoint.save(folder, model, dataclasses.replace(card, infill=True))
    return folder


def run(trained: Path, *arguments: object) -> None:
    main(["continue", str(BAND), "--model", str(trained), *map(str, arguments)])


def test_a_piece_is_continued_by_bars(trained, tmp_path, capsys):
    out, alone = tmp_path / "longer.mid", tmp_path / "alone.mid"
    run(trained, "--out", out, "--bars", 2, "--alone", alone, "--json")
    (made,) = json.loads(capsys.readouterr().out)
    assert made["midi"] == str(out)
    assert len(made["chords"]) == 2
    longer = read_midi(out.read_bytes())
    assert bar_grid(longer).num_bars == bar_grid(read_midi(BAND.read_bytes())).num_bars + 2
    assert read_midi(alone.read_bytes()).num_notes > 0


def test_bars_of_one_part_are_written_again(trained, tmp_path):
    run(trained, "--out", tmp_path / "other.mid", "--replace", "3-4", "--parts", "drums")
    before, after = (read_midi(p.read_bytes()) for p in (BAND, tmp_path / "other.mid"))
    lines = bar_grid(before).starts
    for old, new in zip(before.tracks, after.tracks, strict=True):
        if old.is_drum:
            old_notes, new_notes = (
                one.notes[(one.notes[:, 0] < lines[2]) | (one.notes[:, 0] >= lines[4])]
                for one in (old, new)
            )
            assert np.array_equal(old_notes, new_notes)
            assert old != new
        else:
            assert old == new


def test_several_versions_are_numbered(trained, tmp_path):
    run(trained, "--out", tmp_path / "v.mid", "--replace", "5", "--candidates", 2)
    assert {path.name for path in tmp_path.iterdir()} == {"v-1.mid", "v-2.mid"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--replace", "3-4", "--from-bar", 2), "not both"),
        (("--replace", "90-91"), "The piece has bars 1 to 12, but no bars 90 to 91."),
        (("--replace", "x"), "no range of bars"),
        (("--replace", "1-12"), "Nothing of the piece would stay"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(trained, tmp_path, capsys, arguments, sentence):
    with pytest.raises(SystemExit):
        run(trained, "--out", tmp_path / "no.mid", *arguments)
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "no.mid").exists()
