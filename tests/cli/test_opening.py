"""`meloformer compose`, and changes of tempo and metre in `meloformer continue`."""

import json

import pytest

from meloformer import checkpoint
from meloformer.cli import main
from meloformer.score import bar_grid, read_midi


@pytest.fixture(scope="module")
def trained(model, card, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "composer"
    checkpoint.save(folder, model, card)
    return folder


def test_a_piece_is_composed_from_nothing_continued_and_described(trained, tmp_path, capsys):
    out, longer = tmp_path / "new.mid", tmp_path / "longer.mid"
    words = ["compose", "--parts", "piano, bass, drums", "--key", "Am", "--tempo", "96"]
    main([*words, "--metre", "4/4", "--bars", "2", "--out", str(out), "--model", str(trained)])
    assert bar_grid(read_midi(out.read_bytes())).num_bars == 2
    main(["describe", str(out)])
    said = capsys.readouterr().out
    for word in ("2 bars, 96 BPM", "Bars 1-2 were written from nothing:", "scale      A minor"):
        assert word in said
    changes = ["--tempo", "4=120", "--metre", "4=3/4"]
    words = ["continue", str(out), "--bars", "2", *changes, "--out", str(longer)]
    main([*words, "--model", str(trained)])
    main(["describe", str(longer)])
    said = capsys.readouterr().out
    assert "tempo      4=120" in said
    assert "metre      4=3/4" in said


def test_several_openings_have_numbers(trained, tmp_path, capsys):
    words = ["compose", "--bars", "1", "--candidates", "2", "--json"]
    main([*words, "--out", str(tmp_path / "new.mid"), "--model", str(trained)])
    made = json.loads(capsys.readouterr().out)
    assert [one["midi"] for one in made] == [str(tmp_path / f"new-{k}.mid") for k in (1, 2)]


def test_bars_written_again_keep_their_tempo(trained, tmp_path, capsys):
    words = ["continue", "assets/examples/band.mid", "--replace", "3", "--tempo", "3=90"]
    with pytest.raises(SystemExit):
        main([*words, "--out", str(tmp_path / "x.mid"), "--model", str(trained)])
    assert "keep their tempo" in capsys.readouterr().err
