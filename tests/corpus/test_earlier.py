import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.prepare import prepare
from meloformer.corpus.split import held_out
from meloformer.data.shards import open_shards
from meloformer.errors import DataError
from meloformer.score import read_midi, write_midi
from meloformer.score.score import Score
from tests.corpus.small_corpus import small_score, write_corpus


def run(folder: Path, out: Path, **settings: object) -> dict[str, dict[str, str]]:
    """Prepare a folder and return the rows of `files.tsv` by file."""
    prepare(PrepareConfig(**{"inputs": (folder,), "out": out, "workers": 1} | settings))
    with (out / "files.tsv").open(encoding="utf-8", newline="") as lines:
        return {row["file"]: row for row in csv.DictReader(lines, delimiter="\t")}


def most_of(path: Path) -> bytes:
    """The first three quarters of a piece: not enough for a duplicate."""
    score = read_midi(path.read_bytes())
    end = score.end_tick * 3 // 4
    tracks = tuple(
        type(track)(track.name, track.program, track.is_drum, track.notes[track.notes[:, 0] < end])
        for track in score.tracks
    )
    return write_midi(
        Score(score.ticks_per_quarter, tracks, score.tempos, score.time_signatures, end)
    )


@pytest.fixture
def grown(tmp_path: Path) -> tuple[Path, Path, dict[str, dict[str, str]]]:
    """A corpus, what was made of it, and the rows of that; then a set `a new one` is added."""
    folder = write_corpus(tmp_path / "corpus", 6)
    before = run(folder, tmp_path / "before")
    (folder / "a new one").mkdir()
    for index in range(6):
        score = small_score(900 + index, 24)
        (folder / "a new one" / f"{index}.mid").write_bytes(write_midi(score))
    return folder, tmp_path / "before", before


def test_what_was_held_out_is_held_out_again(tmp_path: Path, grown) -> None:
    folder, earlier, before = grown
    after = run(folder, tmp_path / "after", earlier=earlier)
    assert {name: after[name]["side"] for name in before} == {
        name: row["side"] for name, row in before.items()
    }
    assert [row["side"] for row in after.values() if row["set"] == "a new one"].count(
        "held_out"
    ) == 1
    old, new = (open_shards(tmp_path / name / "held_out") for name in ("before", "after"))
    assert np.array_equal(old.ids, new.ids[new.offsets[1] :])


def test_a_copy_of_held_out_music_is_left_out_whatever_its_name(tmp_path: Path, grown) -> None:
    folder, earlier, before = grown
    held = next(name for name, row in before.items() if row["side"] == "held_out")
    shutil.copy(folder / held, folder / "a new one" / "copy.mid")
    after = run(folder, tmp_path / "after", earlier=earlier)
    # The copy has the sha256 of what was held out, so either of the two may be the one that stays.
    assert {after[held]["side"], after["a new one/copy.mid"]["side"]} == {"held_out", ""}


def test_a_tune_of_held_out_music_is_not_trained_on(tmp_path: Path, grown) -> None:
    folder, earlier, before = grown
    held = next(n for n, row in before.items() if row["side"] == "held_out" and "band" in n)
    trained = next(n for n, row in before.items() if row["side"] == "train" and "band" in n)
    (folder / "a new one" / "of held.mid").write_bytes(most_of(folder / held))
    (folder / "a new one" / "of trained.mid").write_bytes(most_of(folder / trained))
    after = run(folder, tmp_path / "after", earlier=earlier)
    assert after["a new one/of held.mid"]["side"] == "held_out"
    assert after["a new one/of trained.mid"]["side"] == "train"


def test_music_trained_on_before_gives_way_to_held_out_music() -> None:
    earlier = ["held_out", "train", "train", "train", "", ""]
    groups = ["a", "b", "c", "c", "c", "new"]
    held = held_out(["band"] * 6, groups, np.array([0, 0, 2, 3, 4, 5]), 0.04, earlier)
    assert held[:4].tolist() == [True, True, False, False]
    assert not held[4], "a new piece goes where its group is"


def test_of_new_music_a_share_of_the_pieces_is_held_out() -> None:
    groups = ["old"] + ["session"] * 40 + [f"take {number}" for number in range(10)]
    sets = ["band"] + ["drums"] * 50
    held = held_out(sets, groups, np.arange(51), 0.06, ["train"] + [""] * 50)
    assert held.sum() == 3
    held = held_out(sets[:42], groups[:42], np.arange(42), 0.04, ["train"] + [""] * 41)
    assert held.sum() == 1


def test_a_folder_that_prepare_has_not_written_is_a_sentence(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 2)
    with pytest.raises(DataError, match="cannot be read"):
        run(folder, tmp_path / "out", earlier=tmp_path / "nothing")


def test_a_split_by_bars_cannot_be_kept(tmp_path: Path) -> None:
    folder = tmp_path / "songs"
    folder.mkdir()
    (folder / "song.mid").write_bytes(write_midi(small_score(1, 20)))
    run(folder, tmp_path / "before")
    with pytest.raises(DataError, match="split by its bars"):
        run(folder, tmp_path / "after", earlier=tmp_path / "before")
