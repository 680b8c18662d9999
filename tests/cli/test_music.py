"""`meloformer continue`, the Compose tab's twin in the shell."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from meloformer import checkpoint
from meloformer.cli import main
from meloformer.score import bar_grid, read_midi

ROOT = Path(__file__).resolve().parents[2]
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


def test_a_file_is_described_with_its_recipe_unless_that_was_left_out(trained, tmp_path, capsys):
    out = tmp_path / "longer.mid"
    run(trained, "--out", out, "--bars", 2, "--chords", "Am F", "--seed", 9, "--from-bar", 4)
    capsys.readouterr()
    main(["describe", str(out)])
    said = capsys.readouterr().out
    for words in (
        *("longer: 6 bars, 116 BPM", "Bars 5-6 were written after bar 4:", "chords     Am F"),
        *("seed       9", "adventure  0.5", "Drums=always", "model      test ("),
    ):
        assert words in said
    main(["describe", str(out), "--json"])
    recipe = json.loads(capsys.readouterr().out)["recipe"]
    assert (recipe["version"], recipe["task"], recipe["seed"]) == (1, "continue", 9)
    run(trained, "--out", out, "--bars", 1, "--no-recipe")
    capsys.readouterr()
    main(["describe", str(out), "--json"])
    assert json.loads(capsys.readouterr().out)["recipe"] is None


def test_handles_are_asked_for_in_words_and_described(trained, tmp_path, capsys):
    out = tmp_path / "held.mid"
    words = ["--scale", "D dorian", "--density", "bass=0.7", "--range", "bass=E1-G3"]
    words += ["--rhythm-grid", "eighths", "--velocity", "40-90", "--notes-at-once", "piano=3"]
    run(trained, "--out", out, "--bars", 1, *words)
    main(["describe", str(out)])
    said = capsys.readouterr().out
    for line in ("scale         D dorian", "Fingered bass=E1-G3", "velocity      40-90", "=0.7"):
        assert line in said


@pytest.mark.parametrize("name", ["band.kar", "band.midi", "band.RMI"])
def test_midi_files_of_other_names_are_continued(trained, tmp_path, name):
    data = BAND.read_bytes()
    if name.endswith("RMI"):
        data = b"RIFF\0\0\0\0RMIDdata" + len(data).to_bytes(4, "little") + data
    (tmp_path / name).write_bytes(data)
    words = ["--model", str(trained), "--out", str(tmp_path / "x.mid"), "--bars", "1"]
    main(["continue", str(tmp_path / name), *words])
    assert bar_grid(read_midi((tmp_path / "x.mid").read_bytes())).num_bars == 13


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
        (("--replace", "5-3"), "The bars 5-3 are turned round"),
        (("--parts", "all,"), "No part is named where a name should stand."),
        (("--parts", "guitar"), "`guitar` may be `Lead guitar` or `Clean guitar`."),
        (("--audio", "no.ogg"), "Sound is written as .wav or .mp3, not `no.ogg`."),
        (("--audio", "missing/no.wav"), "There is no folder missing."),
        (("--alone", "missing/no.mid"), "There is no folder missing."),
        (("--alone", BAND), "is what is read"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(trained, tmp_path, capsys, arguments, sentence):
    with pytest.raises(SystemExit):
        run(trained, "--out", tmp_path / "no.mid", *arguments)
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "no.mid").exists()


def test_the_bass_of_the_band_is_written_again_and_no_other(trained, tmp_path):
    """The example of the README, a bar of it."""
    run(trained, "--out", tmp_path / "other.mid", "--replace", "9", "--parts", "bass")
    before, after = (read_midi(p.read_bytes()) for p in (BAND, tmp_path / "other.mid"))
    changed = [old.name for old, new in zip(before.tracks, after.tracks, strict=True) if old != new]
    assert changed == ["Bass"]


def test_chords_that_are_simplified_are_told(trained, tmp_path, caplog, capsys):
    words = ["--bars", 1, "--chords", "C7b9#11", "--json"]
    run(trained, "--out", tmp_path / "x.mid", *words)
    assert "C7b9#11 is played as C7." in caplog.messages
    assert json.loads(capsys.readouterr().out)[0]["chords"] == ["C7"]


@pytest.mark.parametrize("place", [".", "missing/x.mid", "band.mid"])
def test_a_place_for_the_piece_is_checked_before_it_is_written(
    trained, tmp_path, monkeypatch, capsys, place
):
    piece = tmp_path / "band.mid"
    piece.write_bytes(BAND.read_bytes())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["continue", "band.mid", "--model", str(trained), "--out", place, "--bars", "1"])
    said = capsys.readouterr().err
    assert place.split("/")[0] in said
    assert "candidate" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["band.mid"]
    assert piece.read_bytes() == (ROOT / BAND).read_bytes()


def test_the_piece_itself_is_replaced_by_force(trained, tmp_path):
    piece = tmp_path / "band.mid"
    piece.write_bytes(BAND.read_bytes())
    words = ["--model", str(trained), "--out", str(piece), "--bars", "1", "--force"]
    main(["continue", str(piece), *words])
    assert bar_grid(read_midi(piece.read_bytes())).num_bars == 13


@pytest.mark.parametrize("verb", ["render", "tokens"])
def test_other_verbs_check_their_files_first(tmp_path, capsys, verb):
    for out, sentence in (
        (tmp_path / "no" / "x.wav", f"There is no folder {tmp_path / 'no'}."),
        (tmp_path, "is a folder" if verb == "tokens" else "Sound is written as"),
        (BAND, "is what is read" if verb == "tokens" else "Sound is written as"),
    ):
        with pytest.raises(SystemExit):
            main([verb, str(BAND), "--out", str(out)])
        assert sentence in capsys.readouterr().err
